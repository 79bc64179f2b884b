import type { RedemptionView } from '../../shared/bridge.ts';
import type { Redemption } from '../../shared/gateway-api.ts';

type GatewayCode = NonNullable<Redemption['code']>;

/** What is known of the code in the customer's hand: its end and its cooldown as monotonic moments. */
export interface LiveCode extends Omit<GatewayCode, 'expiresInMs' | 'resendInMs'> {
  redemptionId: string;
  expiresAt: number;
  resendAt: number;
}

/**
 * Takes in what the gateway says at the monotonic moment `now`. Events may be old (a stream that goes on after a break
 * repeats them): of one send the end never moves later and tries never come back, and an earlier send says nothing.
 */
export function mergeLiveCode(
  before: LiveCode | null,
  redemptionId: string,
  code: GatewayCode,
  now: number,
): LiveCode {
  const { expiresInMs, resendInMs, ...rest } = code;
  const fresh: LiveCode = { ...rest, redemptionId, expiresAt: now + expiresInMs, resendAt: now + resendInMs };
  if (before === null || before.redemptionId !== redemptionId || fresh.sends > before.sends) return fresh;
  if (fresh.sends < before.sends) return before;
  return {
    ...fresh,
    expiresAt: Math.min(fresh.expiresAt, before.expiresAt),
    resendAt: Math.min(fresh.resendAt, before.resendAt),
    triesLeft: Math.min(fresh.triesLeft, before.triesLeft),
  };
}

/** Of an earlier code nothing is taken; of a later one its whole state comes beside this. */
export function mergeDelivery(before: LiveCode, sends: number, delivery: LiveCode['delivery']): LiveCode {
  return sends === before.sends ? { ...before, delivery } : before;
}

export function codeView(live: LiveCode, now: number): NonNullable<RedemptionView['code']> {
  const { redemptionId: _, expiresAt, resendAt, ...rest } = live;
  return { ...rest, expiresInMs: Math.round(expiresAt - now), resendInMs: Math.round(resendAt - now) };
}
