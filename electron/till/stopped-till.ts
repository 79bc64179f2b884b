import type { TillView } from '../../shared/bridge.ts';
import type { SaksiError } from '../../shared/errors.ts';
import { type StoreTrouble, storeTrouble } from '../store/faults.ts';
import type { TillOptions } from './ports.ts';

/** Trouble that may pass by itself: opening is tried again. */
export function mayPass(error: SaksiError): boolean {
  return storeTrouble(error) !== 'database_corrupt';
}

/**
 * What the screen shows of a till whose disk cannot be opened: nothing but what is the matter. Nobody signs in, nothing is
 * redeemed, and no device moves.
 */
export function stoppedView(
  { host, appVersion, effects }: Pick<TillOptions, 'host' | 'appVersion' | 'effects'>,
  error: SaksiError,
): TillView {
  const kind: StoreTrouble = storeTrouble(error) ?? 'disk_failed';
  return {
    host,
    appVersion,
    settings: { language: 'id', theme: 'auto' },
    till: null,
    staff: [],
    session: null,
    login: null,
    codeAlarms: [],
    status: {
      gateway: { state: 'connecting', skewMs: null, error: null },
      printer: { state: 'none', label: '' },
      drawer: { state: 'none' },
      messages: null,
      outbox: { pending: 0, attention: 0, draining: null },
      sealed: null,
      cache: { customers: 0, ageMs: null },
    },
    trouble: [{ kind, error: error.toWire(), stopsMoney: true, since: effects.clock.now() }],
    drawerWatch: { unexplained: [], openLong: false, fault: null },
    quitAsked: false,
    redemption: null,
    cashSale: null,
    cashShift: null,
    approvals: [],
    approvalKinds: [],
    recent: [],
  };
}
