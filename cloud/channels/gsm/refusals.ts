/** What a modem's and a network's numbers mean for whoever waits for a code. */
import type { DeliveryReport, SendOutcome } from '../channel.ts';
import { refused } from '../channel.ts';
import { AtError } from './at-session.ts';

/** `+CMS ERROR` (3GPP TS 27.005, 3.2.5; below 128 the network's own causes, TS 24.011, table 8.4). */
const UNKNOWN_NUMBER: ReadonlySet<number> = new Set([1, 28, 30]);
const BARRED: ReadonlySet<number> = new Set([8, 10, 29, 50]);
/** Out of order, failing, congested, busy; no network, or no answer of it. */
const PASSING: ReadonlySet<number> = new Set([
  ...[21, 22, 27, 38, 41, 42, 47],
  ...[300, 301, 314, 320, 322, 331, 332, 340, 500],
]);
/** No card, a card that wants its PIN or PUK, or a wrong one; no service centre. */
const NO_CARD: ReadonlySet<number> = new Set([310, 311, 312, 313, 315, 316, 317, 318, 330]);
/** The same of `+CME ERROR` (3GPP TS 27.007, 9.2). */
const CME_NO_CARD: ReadonlySet<number> = new Set([5, 6, 7, 10, 11, 12, 13, 15, 16, 17, 18]);

export function refusalOf(error: unknown): SendOutcome {
  if (!(error instanceof AtError)) return refused('channel_down', 'port', true);
  const { fault, code } = error;
  if (fault === 'timeout') return refused('wait_moment', 'timeout', true);
  if (fault === 'lost') return refused('channel_down', 'lost', true);
  if (code === null) return refused('unknown', 'error', true);
  const label = `${fault} ${code}`;
  if (fault === 'cme') return refused('channel_down', label, !CME_NO_CARD.has(code));
  if (UNKNOWN_NUMBER.has(code)) return refused('wrong_number', label);
  if (BARRED.has(code)) return refused('channel_refused', label);
  if (PASSING.has(code)) return refused('wait_moment', label, true);
  if (NO_CARD.has(code)) return refused('channel_down', label);
  return refused('channel_refused', label);
}

const STILL_TRYING = 0x20;
const PERMANENT = 0x40;
const GAVE_UP = 0x60;
/** SME "not obtainable", and "not known to exist": a number that is nobody's. */
const NOT_OBTAINABLE: ReadonlySet<number> = new Set([0x43, 0x49]);

/** TP-Status (3GPP TS 23.040, 9.2.3.15). */
export function reportedState(status: number): Pick<DeliveryReport, 'state' | 'reason'> {
  if (status === 0x00) return { state: 'delivered', reason: null };
  // Handed on or replaced without anybody confirming it, or still being tried.
  if (status < PERMANENT && (status < 0x03 || status >= STILL_TRYING)) return { state: 'sent', reason: null };
  if (NOT_OBTAINABLE.has(status)) return { state: 'failed', reason: 'wrong_number' };
  return {
    state: 'failed',
    reason: status >= GAVE_UP || status === 0x46 ? 'not_reachable' : 'channel_refused',
  };
}
