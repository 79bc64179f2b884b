import type { z } from 'zod';
import type { Approval } from '../../shared/approvals.ts';
import type { pingSchema, TillEvent } from '../../shared/gateway-api.ts';

/**
 * One event as text of the stream.
 * @param ageMs how long ago it was kept: times that count down in it went on counting
 */
export function formatEvent(seq: number, event: TillEvent, ageMs: number): string {
  return `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify(aged(event, ageMs))}\n\n`;
}

function aged(event: TillEvent, ageMs: number): TillEvent {
  if (event.type === 'approval.changed') return { ...event, approval: agedApproval(event.approval, ageMs) };
  if (event.type !== 'redemption.changed' || event.redemption.code === null) return event;
  const { code } = event.redemption;
  const older = { expiresInMs: code.expiresInMs - ageMs, resendInMs: code.resendInMs - ageMs };
  return { ...event, redemption: { ...event.redemption, code: { ...code, ...older } } };
}

function agedApproval(approval: Approval, ageMs: number): Approval {
  const { expiresInMs, nextStepInMs } = approval;
  return {
    ...approval,
    expiresInMs: expiresInMs - ageMs,
    nextStepInMs: nextStepInMs === null ? null : nextStepInMs - ageMs,
  };
}

/** Without an id, so that it does not move where the till resumes. */
export function formatPing(time: number, waiting: number, walletCursor: number): string {
  const ping: z.infer<typeof pingSchema> = { type: 'ping', time, messageQueue: { waiting }, walletCursor };
  return `event: ping\ndata: ${JSON.stringify(ping)}\n\n`;
}
