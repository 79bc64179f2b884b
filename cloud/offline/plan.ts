import type { OfflinePolicy } from '../../shared/offline-policy.ts';
import type { SealedState } from '../db/offline-tables.ts';

/** Which codes a till should have, as against those it has. Pure. */

/** What a bundle takes (`sealedBundleSchema`). */
const CODES_MAX = 500;
const DAY_MS = 86_400_000;
/** One message to a person in this time, unless a till would be left with no code of theirs. */
export const MESSAGE_EVERY_MS = 3_600_000;
/** Renewed when this part of their life is left: a till that loses its line then still has codes that hold that long. */
const RENEW_AT = 1 / 3;
/** Renewed in spite of the hour when this part is left. */
const RENEW_AT_LAST = 1 / 10;

export interface Holder {
  readonly staffId: string;
  /** Keyed hash of where their codes go. */
  readonly contact: string;
  /** When they last got codes, of whichever till (epoch ms); null: never. */
  readonly toldAt: number | null;
}

export interface HeldCode {
  readonly id: string;
  readonly staffId: string;
  readonly contact: string;
  readonly expiresAt: number;
  /** The message that carried it did not get through. */
  readonly undelivered: boolean;
}

export interface PlanInput {
  readonly policy: OfflinePolicy;
  /** Who may hold codes for this till; empty when it is stopped or revoked. In an order that stays the same. */
  readonly holders: readonly Holder[];
  readonly held: readonly HeldCode[];
  readonly now: number;
}

export interface Plan {
  /** Codes that are worth nothing from now on. */
  readonly end: readonly { readonly id: string; readonly as: Exclude<SealedState, 'unused' | 'used'> }[];
  /** Who gets new codes; all that they held for this till end with it. */
  readonly make: readonly { readonly staffId: string; readonly count: number }[];
  /** Of all codes of the till; null when it has none. */
  readonly expiresAt: number | null;
  /** When something more is due. */
  readonly lookAt: number;
}

export function planCodes({ policy, holders: all, held, now }: PlanInput): Plan {
  const { codesPerSupervisor: wanted } = policy;
  const lifeMs = policy.validDays * DAY_MS;
  const holders = policy.enabled ? all.slice(0, Math.floor(CODES_MAX / wanted)) : [];
  const end: Plan['end'][number][] = [];
  const good: HeldCode[] = [];
  for (const code of held) {
    const holder = holders.find(({ staffId }) => staffId === code.staffId);
    if (code.expiresAt <= now) end.push({ id: code.id, as: 'expired' });
    else if (holder?.contact !== code.contact) end.push({ id: code.id, as: 'revoked' });
    else good.push(code);
  }
  const setEnds = good.length === 0 ? null : Math.min(...good.map(({ expiresAt }) => expiresAt));
  const canBeTold = ({ toldAt }: Holder) => toldAt === null || toldAt + MESSAGE_EVERY_MS <= now;

  // All codes of a till end together, so that a message can say until when: near their end all are made anew.
  const leftMs = setEnds === null ? 0 : setEnds - now;
  const due = leftMs <= lifeMs * RENEW_AT || leftMs > lifeMs;
  const all_ = setEnds === null || (due && (leftMs <= lifeMs * RENEW_AT_LAST || holders.every(canBeTold)));
  const expiresAt = all_ ? now + lifeMs : setEnds;
  const lacking = holders.filter(({ staffId }) => {
    const theirs = good.filter((code) => code.staffId === staffId);
    return theirs.length < wanted || theirs.some(({ undelivered }) => undelivered);
  });
  const ranOut = ({ staffId }: Holder) => !good.some((code) => code.staffId === staffId);
  const make = (all_ ? holders : lacking.filter((holder) => ranOut(holder) || canBeTold(holder))).map(
    ({ staffId }) => ({ staffId, count: wanted }),
  );
  const making = new Set(make.map(({ staffId }) => staffId));
  for (const code of good) if (making.has(code.staffId)) end.push({ id: code.id, as: 'replaced' });

  const waits = (all_ ? [] : due ? holders : lacking).filter(({ staffId }) => !making.has(staffId));
  const waitUntil = waits.map(({ toldAt }) => (toldAt ?? 0) + MESSAGE_EVERY_MS);
  const ends = holders.length === 0 ? null : expiresAt;
  const renewAt = ends === null ? now + DAY_MS : Math.max(now, ends - lifeMs * RENEW_AT);
  // Waiting for the hour of the last of them; past renewal, that hour is what counts.
  const next = due && !all_ ? Math.max(...waitUntil, now) : Math.min(renewAt, ...waitUntil);
  return { end, make, expiresAt: ends, lookAt: Math.ceil(next) };
}
