import { asSaksiError, SaksiError, type WireError } from '../../shared/errors.ts';
import type { Consumed } from '../store/grant-use.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { slipPayload } from './slip.ts';

/**
 * From the accepted code to the first byte at the drawer: check the grant, commit its use, write. Nothing else stands
 * in this path, and nothing in it waits. What follows (the switch, the slip, the capture) runs on as a job.
 * A grant that fails its check moves nothing: the redemption ends and its money is given back through the outbox.
 */
export function actOnGrant(core: Core, row: RedemptionRow, jws: string): void {
  const { store } = core;
  const now = core.effects.clock.now();
  let consumed: Consumed;
  try {
    assertMoneyMoves(core);
    const claims = checkGrant(core, row, jws);
    const slip = slipPayload(row, contextOf(core), core.identity?.tillName ?? '', now);
    consumed = store.grants.consume({ row, claims, jws, slip }, core.step);
  } catch (error) {
    refactOnGrant(core, row, error);
    throw error;
  }
  handToDevices(core, consumed);
}

/** After the commit of a grant's or a sealed code's use. */
export function handToDevices(core: Core, consumed: Consumed): void {
  const { devices } = core;
  core.step('grant_consumed');
  const drawer = consumed.row.drawerState === 'waiting' ? devices.openDrawer(consumed.permit) : null;
  core.step('drawer_written');
  core.desk.live = null;
  core.changed();
  core.jobs.run('devices', () => act(core, consumed, drawer));
}

function checkGrant(core: Core, row: RedemptionRow, jws: string) {
  const { gatewayId, customer, saleRef, asset, amount, currency } = row;
  if (gatewayId === null || customer === null) throw new Error('no grant before the gateway answered');
  const link = linkOf(core);
  const expected = { redemptionId: gatewayId, customerId: customer.id, saleRef, asset, amount, currency };
  return link.checkGrant(jws, expected, link.clock.now() ?? core.effects.clock.now());
}

function refactOnGrant(core: Core, row: RedemptionRow, error: unknown): void {
  const cause = asSaksiError(error);
  core.log.error({ redemptionId: row.id, code: cause.code, params: cause.params }, 'grant refused');
  // A disk that fails is no verdict on the grant: it stays at the gateway and is taken when the till is back.
  if (!cause.code.startsWith('grant_')) return;
  core.store.journal.cancelled(row, 'till_recovery', 'failed', cause.toWire());
  core.outboxFilled();
  core.changed();
}

export type DrawerAnswer = ReturnType<Core['devices']['openDrawer']>;

/** Drawer and slip at once, then the settlement: a dead printer holds up neither the drawer nor the money. */
export async function act(core: Core, acting: Consumed, drawer: DrawerAnswer | null): Promise<void> {
  const { row, slipJobId, permit } = acting;
  const drawerNoted = drawer === null ? Promise.resolve() : noteDrawer(core, row, drawer);
  await Promise.all([core.spooler.print(slipJobId, permit), drawerNoted]);
  core.store.journal.acted(core.store.redemptions.get(row.id), core.effects.clock.now());
  core.step('capture_queued');
  core.outboxFilled();
  core.changed();
}

async function noteDrawer(core: Core, { id }: RedemptionRow, drawer: DrawerAnswer): Promise<void> {
  const { journal, redemptions } = core.store;
  const { state, error } = await drawerOutcomeOf(drawer);
  journal.drawerOutcome(redemptions.get(id), state, error);
  core.changed();
}

/** What became of a pulse, in the words of the rows. */
export async function drawerOutcomeOf(
  drawer: DrawerAnswer,
): Promise<{ state: 'opened' | 'unconfirmed' | 'failed'; error: WireError | null }> {
  try {
    const { confirmed } = await drawer;
    if (confirmed) return { state: 'opened', error: null };
    return { state: 'unconfirmed', error: new SaksiError('drawer_not_confirmed').toWire() };
  } catch (caught) {
    const error = asSaksiError(caught);
    const state = error.code === 'drawer_not_confirmed' ? 'unconfirmed' : 'failed';
    return { state, error: error.toWire() };
  }
}
