import type { DrawerState, PrinterState, RedemptionView, TillView } from '../../shared/bridge.ts';
import type { DeviceState } from '../devices/devices.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { approvalKindViews, approvalViews } from './approval-view.ts';
import { cashShiftView } from './cash-shift-view.ts';
import type { Core } from './core.ts';
import { codeView } from './live-code.ts';
import type { TillOptions } from './ports.ts';
import { sealedView } from './sealed-view.ts';
import type { Session } from './session.ts';
import { slipJobView } from './slip-view.ts';

/** Finished redemptions that the screen can print again. */
const RECENT_MAX = 20;
/** Where the last try may have failed and the next one may not. */
const TRYING: readonly RedemptionRow['stage'][] = ['awaiting_code', 'awaiting_sealed'];

/** The whole screen's state, made afresh from the store, the desk and the devices. */
export function tillView(
  core: Core,
  { host, appVersion, quitAsked }: Pick<TillOptions, 'host' | 'appVersion'> & { quitAsked: boolean },
  session: Session | null,
  login: TillView['login'],
): TillView {
  const { store, context, identity } = core;
  const shown = store.redemptions.findShown();
  return {
    host,
    appVersion,
    settings: store.settings.screen() ?? { language: context?.store.language ?? 'id', theme: 'auto' },
    till:
      identity === null || context === null
        ? null
        : {
            name: identity.tillName,
            storeName: context.store.name,
            currency: context.store.currency,
            country: context.store.country,
            drawerPolicy: context.policy.redemption.drawer,
          },
    staff: staffView(core),
    session: session === null ? null : { ...session },
    login,
    status: statusView(core),
    codeAlarms: store.codeAlarms.list(),
    trouble: core.trouble.view(),
    drawerWatch: core.drawerView(),
    quitAsked,
    redemption: shown === null ? null : redemptionView(core, shown),
    cashSale: context === null ? null : core.shift.view(),
    cashShift: cashShiftView(core, session),
    approvals: approvalViews(core),
    approvalKinds: approvalKindViews(core),
    recent: store.redemptions.recent(RECENT_MAX).map((row) => recentView(core, row)),
  };
}

function staffView({ context, store }: Core): TillView['staff'] {
  const locked = store.pinAttempts.locked();
  return (context?.staff ?? []).map(({ id, name, role }) => ({
    id,
    name,
    role,
    lockedForMs: locked.get(id) ?? null,
  }));
}

function statusView(core: Core): TillView['status'] {
  const { link, devices, store, desk, policyError } = core;
  const { state } = devices;
  const waiting = link?.messagesWaiting ?? null;
  return {
    gateway: {
      state: link?.connection.state() ?? 'connecting',
      skewMs: link?.clock.skewMs() ?? null,
      error: link?.connection.error()?.toWire() ?? policyError ?? core.sealed.error(),
    },
    printer: { state: printerState(state.printer, desk.printing.size > 0), label: state.printer.label },
    drawer: { state: drawerState(state.drawer) },
    messages: waiting === null ? null : { waiting },
    outbox: { ...store.outbox.counts(), draining: core.outboxDraining() },
    sealed: core.sealed.view(),
    cache: cacheView(core),
  };
}

function cacheView({ store }: Core): TillView['status']['cache'] {
  const { inStepAt } = store.customers.state();
  const ageMs = inStepAt === null ? null : Math.max(0, store.time.ceiling() - inStepAt);
  return { customers: store.customers.size, ageMs };
}

export function printerState(printer: DeviceState['printer'], printing: boolean): PrinterState {
  if (printer.link === 'not_configured') return 'none';
  if (printer.link === 'one_way') return printing ? 'printing' : 'no_status';
  if (printer.link === 'mute') return 'error';
  if (printer.link !== 'ready') return 'absent';
  switch (printer.obstacle) {
    case 'printer_paper_out':
      return 'paper_out';
    case 'printer_cover_open':
      return 'cover_open';
    case null:
      return printing ? 'printing' : printer.paper === 'near_end' ? 'paper_near_end' : 'ready';
    default:
      return 'error';
  }
}

export function drawerState(drawer: DeviceState['drawer']): DrawerState {
  if (drawer.link === 'not_configured') return 'none';
  return drawer.position === 'unknown' ? 'absent' : drawer.position;
}

export function redemptionView(core: Core, row: RedemptionRow): RedemptionView {
  const { desk, effects } = core;
  const live = desk.live?.redemptionId === row.id && row.stage === 'awaiting_code' ? desk.live : null;
  const tryError = desk.tryError?.redemptionId === row.id ? desk.tryError.error : null;
  return {
    id: row.id,
    stage: desk.checkingId === row.id ? 'checking' : row.stage,
    startedBy: row.startedBy,
    saleRef: row.saleRef,
    asset: row.asset,
    amount: row.amount,
    currency: row.currency,
    customer: customerView(row),
    availableAfter: row.availableAfter,
    code: live === null ? null : codeView(live, effects.clock.monotonic()),
    sealed: sealedView(core, row),
    drawer: { state: row.drawerState, error: row.drawerError },
    slip: slipView(core, row),
    settlement: row.settlement,
    error: row.error ?? (TRYING.includes(row.stage) ? tryError : null),
  };
}

function recentView(core: Core, row: RedemptionRow): TillView['recent'][number] {
  const { id, stage, saleRef, asset, amount, currency, settlement } = row;
  const slip = slipView(core, row);
  const customer = customerView(row);
  const offline = row.offline !== null;
  const at = row.updatedAt;
  return { id, stage, saleRef, asset, amount, currency, customer, slip, settlement, offline, at };
}

function customerView({ customer }: RedemptionRow): RedemptionView['customer'] {
  if (customer === null) return null;
  const { name, memberNo, phoneMasked } = customer;
  return { name, memberNo, phoneMasked };
}

function slipView(core: Core, row: RedemptionRow): RedemptionView['slip'] {
  const job = row.jti === null ? null : slipJobView(core, row.id);
  return job ?? { state: 'waiting', error: null, copiesLeft: 0 };
}
