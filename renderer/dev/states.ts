import { type AskDraft, EMPTY_ASK } from '../approvals/ask-draft.ts';
import { type Draft, EMPTY_DRAFT } from '../state/store.ts';
import { APPROVAL, askedOf, DISCOUNT, deliveryAt } from './approval-fixtures.ts';
import { AUDIT_STATES } from './audit-states.ts';
import { CASH_SALE_STATES } from './cash-sale-states.ts';
import { DEVICE_STATES } from './device-states.ts';
import { DRAWER_STATES } from './drawer-states.ts';
import { amountOf, CUSTOMERS, RECENT, REDEMPTION, SITI, STAFF, uuid, wire } from './fixtures.ts';
import { LOGIN_STATES } from './login-states.ts';
import { MESSAGE_STATES } from './message-states.ts';
import { OFFLINE_STATES } from './offline-states.ts';
import { RULES_STATES } from './rules-states.ts';
import { SHIFT_STATES } from './shift-states.ts';
import { SIGNAL_STATES } from './signal-states.ts';
import { SLIP_STATES } from './slip-states.ts';
import {
  APPROVED,
  approval,
  approvals,
  asking,
  coded,
  type DevState,
  DONE,
  delivered,
  ended,
  managing,
  OFFLINE,
  REJECTED,
  redeeming,
  status,
  WAITING_SLIP,
} from './state-kit.ts';

export const DEV_STATES = {
  connecting: { host: 'silent' },
  first_run: { view: (base) => ({ ...base, till: null, staff: [], session: null }) },
  sign_in: { view: (base) => ({ ...base, session: null }) },
  sign_in_empty: { view: (base) => ({ ...base, session: null, staff: [] }) },
  sign_in_locked: {
    view: (base) => ({
      ...base,
      session: null,
      staff: STAFF.slice(1, 2).map((member) => ({ ...member, lockedForMs: 272_000 })),
    }),
  },
  sign_in_open_redemption: { view: (base) => ({ ...base, session: null, redemption: REDEMPTION }) },
  redeem: {},
  redeem_results: { draft: { query: 'sit' } },
  redeem_none: { draft: { query: 'zzz' } },
  redeem_offline: status(OFFLINE, { draft: { query: 'sit' } }),
  redeem_refused: status({ gateway: { state: 'refused', skewMs: null, error: wire('till_revoked') } }),
  amount_empty: { draft: { customer: SITI } },
  amount_ok: { draft: { customer: SITI, digits: '350000', drawer: true } },
  amount_points: { draft: { customer: SITI, asset: 'points', digits: '1250' } },
  amount_above: { draft: { customer: SITI, digits: '12500000' } },
  amount_no_phone: { draft: { customer: CUSTOMERS[3] ?? SITI, digits: '50000' } },
  amount_offline: status(OFFLINE, { draft: { customer: SITI, digits: '350000' } }),
  requesting: redeeming({ stage: 'requesting', code: null, availableAfter: null }),
  code_queued: delivered('queued', null, 60_000),
  code_accepted: delivered('accepted', null, 57_000),
  code_sent: delivered('sent', null, 55_000),
  code_delivered: delivered('delivered', null, 48_000),
  code_read: delivered('read'),
  code_failed: delivered('failed', 'not_on_whatsapp'),
  code_by_sms: coded({ delivery: { channel: 'sms', state: 'accepted', reason: null }, resendInMs: 12_000 }),
  code_sms_failed: coded({ delivery: { channel: 'sms', state: 'failed', reason: 'not_reachable' } }),
  code_by_email: coded({ delivery: { channel: 'email', state: 'accepted', reason: null }, resendInMs: 0 }),
  code_wrong: coded({ triesLeft: 1 }, { error: wire('code_wrong', { triesLeft: 1 }) }),
  code_last_seconds: coded({ expiresInMs: 42_000, sendsLeft: 0, sends: 3 }),
  code_eight_digits: coded({ digits: 8 }),
  code_terminal: coded(
    { delivery: { channel: 'whatsapp', state: 'sent', reason: null } },
    { startedBy: 'terminal', saleRef: 'POS-2026-001182', error: wire('code_superseded') },
  ),
  checking: redeeming({ stage: 'checking' }),
  acting: ended({
    stage: 'acting',
    drawer: { state: 'opened', error: null },
    slip: { state: 'printing', error: null, copiesLeft: 3 },
  }),
  awaiting_capture: ended({ ...DONE, stage: 'awaiting_capture', startedBy: 'terminal', settlement: 'none' }),
  done: ended(DONE),
  done_points: ended({
    ...DONE,
    asset: 'points',
    amount: amountOf(1_250),
    availableAfter: 2_230,
    drawer: { state: 'not_needed', error: null },
  }),
  done_queued: ended({ ...DONE, settlement: 'queued' }),
  done_refused: ended({ ...DONE, settlement: 'refused' }),
  done_printer_trouble: {
    ...ended({
      ...DONE,
      slip: { state: 'failed', error: wire('printer_paper_out'), copiesLeft: 3 },
      settlement: 'queued',
    }),
    view: (base) => ({
      ...base,
      status: { ...base.status, printer: { state: 'paper_out', label: 'Star mPOP' } },
      redemption: {
        ...REDEMPTION,
        ...DONE,
        code: null,
        slip: { state: 'failed', error: wire('printer_paper_out'), copiesLeft: 3 },
        settlement: 'queued',
      },
    }),
  },
  done_slip_waits: {
    ...ended({ ...DONE, slip: WAITING_SLIP }),
    view: (base) => ({
      ...base,
      status: { ...base.status, printer: { state: 'paper_out', label: 'Star mPOP' } },
      redemption: { ...REDEMPTION, ...DONE, code: null, slip: WAITING_SLIP },
    }),
  },
  done_slip_elsewhere: ended({ ...DONE, slip: { ...DONE.slip, onFallback: true } }),
  done_slip_cut_off: ended({
    ...DONE,
    slip: { state: 'failed', error: wire('slip_cut_off'), copiesLeft: 3, reasonNeeded: true },
  }),
  done_drawer_trouble: ended({
    ...DONE,
    drawer: { state: 'unconfirmed', error: wire('drawer_not_confirmed') },
  }),
  cancelled: ended({ stage: 'cancelled', settlement: 'confirmed' }),
  expired: ended({ stage: 'expired', error: wire('code_expired') }),
  failed: ended({ stage: 'failed', error: wire('code_tries_exhausted') }),
  failed_balance: ended({
    stage: 'failed',
    error: wire('amount_above_balance', { available: 120_000 }),
    customer: null,
    availableAfter: null,
  }),
  recent: { page: 'recent', view: (base) => ({ ...base, recent: RECENT }) },
  recent_empty: { page: 'recent' },
  settings: { page: 'settings' },
  devices_trouble: status({
    gateway: { state: 'online', skewMs: 95_000, error: null },
    printer: { state: 'cover_open', label: 'Star mPOP' },
    drawer: { state: 'open' },
    messages: { waiting: 14 },
    outbox: { pending: 3, attention: 1, draining: null },
  }),
  ask_kinds: asking({}),
  ask_kinds_none: { panel: 'ask', view: (base) => ({ ...base, approvalKinds: [] }) },
  ask_void: asking({ kind: 'void', digits: '350000', reasonKey: 'wrong_item', saleRef: 'S-4K7QX2MD' }),
  ask_discount: asking({
    kind: 'discount',
    percent: '12,5',
    ownWords: true,
    reasonText: 'Tetangga toko',
  }),
  ask_no_sale: asking({ kind: 'no_sale' }),
  ask_offline: asking({ kind: 'void', digits: '350000', reasonKey: 'wrong_item' }, status(OFFLINE)),
  approvals_empty: { panel: 'list' },
  approvals_nobody: {
    ...approval({ startedBy: 'terminal' }),
    view: (base) => ({ ...base, session: null, approvals: [{ ...APPROVAL, startedBy: 'terminal' }] }),
  },
  approval_requesting: approval({ stage: 'requesting', asked: [], expiresInMs: null, nextStepInMs: null }),
  approval_pending: approval({}),
  approval_two_of_three: approval({
    needed: 2,
    nextStepInMs: null,
    amount: amountOf(12_500_000),
    asked: [
      askedOf(3, { delivery: deliveryAt('read'), decision: 'approve' }),
      askedOf(4, { delivery: deliveryAt('failed', 'not_on_whatsapp') }),
      askedOf(5, { delivery: deliveryAt('queued'), step: 1 }),
    ],
  }),
  approval_code: approval({ code: { digits: 6, triesLeft: 5 }, startedBy: 'terminal' }),
  approval_last_seconds: approval({ expiresInMs: 24_000, nextStepInMs: null }),
  approval_acting: approval({ ...APPROVED, stage: 'acting', slip: { ...APPROVAL.slip, state: 'printing' } }),
  approval_approved: approval(APPROVED),
  approval_slip_trouble: approval({
    ...APPROVED,
    drawer: { state: 'unconfirmed', error: wire('drawer_not_confirmed') },
    slip: { state: 'failed', error: wire('printer_paper_out'), copiesLeft: 3 },
  }),
  approval_slip_waits: approval({ ...APPROVED, slip: WAITING_SLIP }),
  approval_free: approval({ ...DISCOUNT, stage: 'approved', free: true, asked: [] }),
  approval_rejected: approval(REJECTED),
  approval_expired: approval({ stage: 'expired', expiresInMs: null, nextStepInMs: null }),
  approval_cancelled: approval({ stage: 'cancelled', expiresInMs: null, nextStepInMs: null }),
  approval_failed: approval({ stage: 'failed', asked: [], error: wire('approval_nobody') }),
  approvals_many: approvals([
    APPROVAL,
    { ...DISCOUNT, ...APPROVED, id: uuid(802), drawer: DISCOUNT.drawer, slip: DISCOUNT.slip },
    {
      ...APPROVAL,
      ...REJECTED,
      id: uuid(803),
      kindName: { id: 'Kas keluar', en: 'Cash out', tr: 'Kasadan çıkış' },
    },
    { ...APPROVAL, id: uuid(804), stage: 'expired' },
    { ...DISCOUNT, id: uuid(805), stage: 'failed', error: wire('approval_repeat_limit', { seconds: 1200 }) },
  ]),
  notice_approved: approval(APPROVED, {}),
  notice_rejected: approval(REJECTED, {}),
  notice_at_code: {
    draft: { customer: SITI, digits: '350000' },
    view: (base) => ({
      ...base,
      redemption: REDEMPTION,
      approvals: [
        { ...APPROVAL, ...REJECTED },
        { ...DISCOUNT, id: uuid(806) },
      ],
    }),
  },
  rules: managing(),
  rules_loading: managing({ policyWaits: true }),
  rules_error: managing({ policyError: 'gateway_unreachable' }),
  rules_conflict: managing({ conflict: true }),
  ...RULES_STATES,
  ...SLIP_STATES,
  ...OFFLINE_STATES,
  ...DEVICE_STATES,
  ...DRAWER_STATES,
  ...LOGIN_STATES,
  ...MESSAGE_STATES,
  ...AUDIT_STATES,
  ...CASH_SALE_STATES,
  ...SHIFT_STATES,
  ...SIGNAL_STATES,
  settings_manager: managing({ page: 'settings' }),
  host_lost: { host: 'lost' },
} as const satisfies Record<string, DevState>;

export type { DevState } from './state-kit.ts';
export type DevStateName = keyof typeof DEV_STATES;
export const DEV_STATE_NAMES = Object.keys(DEV_STATES) as DevStateName[];

export function devState(name: string): DevState {
  const known = DEV_STATE_NAMES.find((candidate) => candidate === name);
  return known === undefined ? {} : DEV_STATES[known];
}

export function draftOf(state: DevState): Draft {
  return { ...EMPTY_DRAFT, ...state.draft };
}

export function askOf(state: DevState): AskDraft {
  return { ...EMPTY_ASK, ...state.ask };
}
