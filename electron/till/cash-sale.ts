import { SaksiError } from '../../shared/errors.ts';
import type { ShiftGrantClaims } from '../../shared/grants.ts';
import { createUuid } from '../../shared/ids.ts';
import type { DeviceState } from '../devices/devices.ts';
import type { CashDrawerOutcome, CashSaleRow } from '../store/cash-sales.ts';
import type { PosKey } from '../store/journal.ts';
import { assertSaleInShift } from './cash-shift-rules.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { type DrawerAnswer, drawerOutcomeOf } from './grant-act.ts';
import type { Session } from './session.ts';

/** A drawer behind one of these can be fired. */
const REACHABLE: readonly DeviceState['drawer']['link'][] = ['ready', 'greeting', 'mute', 'one_way'];

export type CashWish = Pick<CashSaleRow, 'saleRef' | 'amount' | 'startedBy'>;

/**
 * Opens the drawer for an ordinary cash sale, on a shift grant: checked, its use committed, then the first byte, in one turn.
 * One opening a sale: the same reference again answers with the first, unless the drawer surely stayed shut then. Resolves once
 * it is known what the drawer did. Throws `cash_shift_needed`, `cash_shift_other`, `shift_grant_missing`, `cash_sale_over_limit` {most}, `cash_sale_ref_used`,
 * `drawer_absent`, `till_revoked`, and what stops money at this till.
 */
export async function openForCashSale(
  core: Core,
  session: Session,
  wish: CashWish,
  posKey: PosKey | null = null,
): Promise<CashSaleRow> {
  assertMoneyMoves(core);
  const { store } = core;
  const before = store.cashSales.ofSale(wish.saleRef, store.time.floor());
  if (before !== null) {
    if (before.amount !== wish.amount) throw new SaksiError('cash_sale_ref_used');
    if (posKey !== null) store.journal.posKey(posKey, before.id);
    return settled(core, before.id);
  }
  assertSaleInShift(core, session);
  assertAllowed(core, wish);
  const claims = core.shift.usable(session.staffId);
  assertWithin(claims.amountMax, wish.amount);
  return settled(core, act(core, claims, session, wish, posKey));
}

/** The sale as it stands once the drawer's answer is known. Throws `cash_sale_unknown`. */
export async function settled(core: Core, id: string): Promise<CashSaleRow> {
  await core.desk.cashSales.get(id);
  return core.store.cashSales.get(id);
}

/** What the drawer did, once its answer is known. */
export function drawerOf({ drawerState }: CashSaleRow): CashDrawerOutcome {
  // The disk did not take the answer: nobody knows.
  return drawerState === 'waiting' ? 'unconfirmed' : drawerState;
}

function assertAllowed(core: Core, { amount }: CashWish): void {
  const link = linkOf(core);
  if (link.connection.state() === 'refused') throw link.connection.error() ?? new SaksiError('till_revoked');
  const { amountMax } = contextOf(core).policy.shift;
  assertWithin(amountMax === 0 ? null : amountMax, amount);
  // Looked at before the use is counted: a drawer that is not there costs none.
  if (!REACHABLE.includes(core.devices.state.drawer.link)) throw new SaksiError('drawer_absent');
}

function assertWithin(most: number | null, amount: number): void {
  if (most !== null && amount > most) throw new SaksiError('cash_sale_over_limit', { params: { most } });
}

/** Nothing in it waits. The answer: the use's id. */
function act(
  core: Core,
  claims: ShiftGrantClaims,
  { staffId }: Session,
  { saleRef, amount, startedBy }: CashWish,
  posKey: PosKey | null,
): string {
  const { store } = core;
  const id = createUuid(core.effects);
  const sale = { id, staffId, startedBy, saleRef, amount, currency: claims.currency };
  const { permit } = store.grants.consumeShift(
    { claims, sale, posKey, countedAt: store.time.floor() },
    core.step,
  );
  core.step('cash_sale_consumed');
  const drawer = core.devices.openDrawer(permit);
  core.step('cash_sale_drawer_written');
  const noted = noteDrawer(core, id, drawer).finally(() => core.desk.cashSales.delete(id));
  core.desk.cashSales.set(id, noted);
  core.jobs.run('devices', () => noted);
  core.outboxFilled();
  core.shiftUsed();
  core.changed();
  return id;
}

async function noteDrawer(core: Core, id: string, drawer: DrawerAnswer): Promise<void> {
  const { state, error } = await drawerOutcomeOf(drawer);
  core.store.shiftJournal.drawerOutcome(id, state, error);
  core.changed();
}
