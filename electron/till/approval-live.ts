import type { Approval } from '../../shared/approvals.ts';

/**
 * A snapshot that is this much older than the last one says nothing new. Snapshots that gateway processes made at nearly
 * the same time cannot be told apart by their clocks, so the later to arrive counts.
 */
const STALE_MS = 1_000;

/** What the gateway last said of an open approval; its ends as monotonic moments. */
export interface LiveApproval {
  approval: Approval;
  expiresAt: number;
  /** When the next people are asked; null: nobody is left. */
  nextStepAt: number | null;
}

/**
 * Takes in a snapshot at the monotonic moment `now`. The moment of expiry is fixed when a request is made, so the time that
 * a snapshot leaves until then says how old it is: one that a repeated event brings is left aside, and a late one never
 * moves an end later.
 */
export function mergeLiveApproval(
  before: LiveApproval | null,
  approval: Approval,
  now: number,
): LiveApproval {
  if (before !== null && approval.expiresInMs > before.approval.expiresInMs + STALE_MS) return before;
  const expiresAt = Math.min(now + approval.expiresInMs, before?.expiresAt ?? Number.POSITIVE_INFINITY);
  const madeAt = expiresAt - approval.expiresInMs;
  return {
    approval: { ...approval, code: fewerTries(before?.approval.code ?? null, approval.code) },
    expiresAt,
    nextStepAt: approval.nextStepInMs === null ? null : madeAt + approval.nextStepInMs,
  };
}

/** Tries never come back. */
function fewerTries(before: Approval['code'], code: Approval['code']): Approval['code'] {
  if (before === null || code === null) return code;
  return { ...code, triesLeft: Math.min(code.triesLeft, before.triesLeft) };
}
