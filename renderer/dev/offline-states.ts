import { REDEMPTION, SITI, STAFF, uuid, wire } from './fixtures.ts';
import { REPORT_DIFFERS, REPORT_EMPTY, SEALED, troubleOf, WAITING_ITEMS } from './offline-fixtures.ts';
import {
  type DevState,
  DONE,
  managing,
  OFFLINE,
  sealing,
  status,
  troubled,
  twoManagers,
  waiting,
  withUnsent,
} from './state-kit.ts';

/** Without a line, with trouble of the till's own, and what is left to be sent. */
export const OFFLINE_STATES = {
  redeem_no_codes: status(
    { ...OFFLINE, sealed: null },
    { draft: { customer: SITI, digits: '150000', ageMs: SEALED.ageMs } },
  ),
  redeem_portal: status({
    ...OFFLINE,
    gateway: { state: 'offline', skewMs: null, error: wire('captive_portal') },
  }),
  redeem_skew: status({
    gateway: { state: 'refused', skewMs: 1_260_000, error: wire('clock_skew', { minutes: 21 }) },
  }),
  redeem_degraded: status({ gateway: { state: 'degraded', skewMs: 40, error: wire('gateway_timeout') } }),
  redeem_draining: status({
    outbox: { pending: 310, attention: 0, draining: { sent: 120, of: 430, perSecond: 45 } },
  }),
  redeem_codes_over: status({
    ...OFFLINE,
    sealed: { codesLeft: 6, expiresInMs: 0 },
    cache: { customers: 0, ageMs: null },
  }),
  sealed: sealing(),
  sealed_one: sealing({ supervisors: SEALED.supervisors.slice(1, 2) }),
  sealed_many: sealing({
    supervisors: Array.from({ length: 12 }, (_, index) => ({
      id: uuid(30 + index),
      name: `Supervisor Nomor ${index + 1}`,
      codesLeft: 3,
    })),
  }),
  sealed_nobody: sealing({ supervisors: [] }),
  sealed_supervisor: {
    ...sealing(),
    view: (base) => ({
      ...sealing().view(base),
      session: { staffId: uuid(3), name: 'Dewi Anggraini Kusumawardhani', role: 'supervisor' },
    }),
  },
  sealed_wrong: sealing({ triesLeft: 1 }, { error: wire('sealed_code_wrong', { triesLeft: 1 }) }),
  sealed_locked: sealing({ lockedForMs: 272_000 }),
  sealed_checking: sealing({}, { stage: 'checking' }),
  sealed_terminal: sealing({}, { startedBy: 'terminal', saleRef: 'POS-2026-001182' }),
  sealed_line_back: sealing({}, {}, {}),
  sealed_acting: sealing({}, { stage: 'acting', slip: { state: 'printing', error: null, copiesLeft: 3 } }),
  sealed_done: sealing({}, { ...DONE, drawer: { state: 'not_needed', error: null }, settlement: 'queued' }),
  attention: twoManagers(waiting()),
  attention_pending: waiting({ items: WAITING_ITEMS.slice(2) }),
  attention_empty: { page: 'attention', items: [] },
  attention_loading: waiting({ waits: 'outbox.list' }),
  attention_error: waiting({ listError: 'store_failed' }),
  report: managing({ page: 'report' }),
  report_differs: managing({ page: 'report', report: REPORT_DIFFERS }),
  report_empty: managing({ page: 'report', report: REPORT_EMPTY }),
  report_loading: managing({ page: 'report', waits: 'report.reconcile' }),
  report_error: managing({ page: 'report', reportError: 'gateway_unreachable' }),
  trouble_disk_full: troubled([troubleOf('disk_full')]),
  trouble_locked: troubled([troubleOf('database_locked')]),
  trouble_disk_failed: troubled([troubleOf('disk_failed')]),
  trouble_corrupt: troubled([troubleOf('database_corrupt'), troubleOf('chain_broken')]),
  trouble_manager: managing({
    page: 'redeem',
    view: (base) => ({
      ...base,
      session: { staffId: STAFF[3]?.id ?? '', name: 'Hendra', role: 'manager' },
      trouble: [troubleOf('old_copy')],
    }),
  }),
  trouble_recovered: troubled([troubleOf('recovered', false)]),
  trouble_clock: troubled([troubleOf('clock_back', false)], { draft: { customer: SITI, digits: '350000' } }),
  trouble_sign_in: {
    view: (base) => ({ ...base, session: null, trouble: [troubleOf('disk_full')] }),
  },
  trouble_at_code: {
    view: (base) => ({ ...base, redemption: REDEMPTION, trouble: [troubleOf('disk_full')] }),
    draft: { customer: SITI, digits: '350000' },
  },
  trouble_attention: { ...waiting(), view: (base) => ({ ...base, trouble: [troubleOf('chain_broken')] }) },
  quit_asked: { view: (base) => ({ ...base, ...withUnsent(base), quitAsked: true }) },
} as const satisfies Record<string, DevState>;
