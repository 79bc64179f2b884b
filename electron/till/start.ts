import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { RedemptionCreate } from '../../shared/gateway-api.ts';
import { isLineError } from '../gateway-client/call.ts';
import type { OfflineStart, PosKey } from '../store/journal.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { NewRedemption } from '../store/redemption-rows.ts';
import { applyAnswer } from './answers.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { assertLineUp } from './gateway-link.ts';
import { planOffline } from './offline-rules.ts';

/** Node's names for a connection that was never made, and the breaker's. */
const UNSENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'breaker'];

export type Wish = Pick<NewRedemption, 'id' | 'startedBy' | 'settle'> & { request: RedemptionCreate };

/**
 * Starts a redemption: the wish is on the disk before the gateway hears of it. While the line is down it waits for a sealed
 * code instead. Throws `till_busy`, what the gateway refuses with, and what `planOffline` does.
 */
export async function startRedemption(core: Core, wish: Wish, posKey: PosKey | null): Promise<RedemptionRow> {
  const { currency } = contextOf(core).store;
  assertMoneyMoves(core);
  const { request } = wish;
  const without = withoutLine(core, request);
  const { saleRef, asset, amount, staffId } = request;
  const row = core.store.journal.requested(
    { ...wish, saleRef, asset, amount, staffId, currency, customer: null },
    posKey,
    without,
  );
  core.desk.live = null;
  core.step('request_saved');
  core.changed();
  return without === null ? createOrEnd(core, row) : row;
}

/** What it goes by while the line is down; null: the gateway is asked. */
function withoutLine(core: Core, request: RedemptionCreate): OfflineStart | null {
  const link = linkOf(core);
  if (link.connection.state() === 'offline') return planOffline(core, request);
  assertLineUp(link);
  return null;
}

/** The same wish again, after a try that ended without an answer; the key at the gateway is the same. */
export async function startAgain(
  core: Core,
  before: RedemptionRow,
  request: RedemptionCreate,
): Promise<RedemptionRow> {
  assertMoneyMoves(core);
  const without = withoutLine(core, request);
  if (core.store.redemptions.findOpen() !== null) throw new SaksiError('till_busy');
  const again = core.store.journal.requestedAgain(before, request);
  const row = without === null ? again : core.store.journal.turnedOffline(again, without);
  core.changed();
  return without === null ? createOrEnd(core, row) : row;
}

/** Inside the gateway's turn. Throws what the gateway refuses with, and leaves it to the caller what to do then. */
export async function createAtGateway(core: Core, row: RedemptionRow): Promise<void> {
  const { store } = core;
  if (row.request === null) throw new Error('a wish without its request');
  const before = store.redemptions.get(row.id);
  // Reconciling, whose turn was before, came upon the same wish: asked again, its redemption would be taken for a stray.
  if (before.gatewayId !== null) return;
  if (before.stage !== 'requesting') throw givenUp(before);
  const answer = await linkOf(core).client.createRedemption(row.id, row.request);
  core.step('request_sent');
  const { redemption } = answer;
  const { id, name, memberNo, phoneMasked, language } = redemption.customer;
  const present = store.redemptions.get(row.id);
  if (present.stage !== 'requesting') {
    // Cancelled while the gateway was being asked: what it made is given back.
    store.journal.orphanCancelled(redemption.id, id);
    core.outboxFilled();
    throw givenUp(present);
  }
  const created = store.journal.created(present, {
    gatewayId: redemption.id,
    customer: { id, name, memberNo, phoneMasked, language },
    currency: redemption.currency,
    availableAfter: redemption.availableAfter,
  });
  core.step('created');
  core.changed();
  applyAnswer(core, created, answer);
}

function givenUp({ stage }: RedemptionRow): SaksiError {
  return new SaksiError('redemption_state', { params: { status: stage } });
}

async function createOrEnd(core: Core, row: RedemptionRow): Promise<RedemptionRow> {
  try {
    await core.desk.gatewayTurn(() => createAtGateway(core, row));
  } catch (error) {
    const cause = asSaksiError(error);
    const offline = isUnsent(cause) ? goOffline(core, row.id) : null;
    if (offline !== null) return offline;
    endUnmade(core, row, cause);
    throw error;
  }
  return core.store.redemptions.get(row.id);
}

/** The line turned out to be down: the same wish waits for a sealed code, where that is possible. */
function goOffline(core: Core, redemptionId: string): RedemptionRow | null {
  const row = core.store.redemptions.get(redemptionId);
  if (row.stage !== 'requesting' || row.request === null) return null;
  let without: OfflineStart;
  try {
    without = planOffline(core, row.request);
  } catch (error) {
    core.log.info({ redemptionId, code: asSaksiError(error).code }, 'no way without a line');
    return null;
  }
  const offline = core.store.journal.turnedOffline(row, without);
  core.changed();
  return offline;
}

/** Not a byte of the call left for the gateway. */
function isUnsent({ code, params }: SaksiError): boolean {
  return code === 'gateway_unreachable' && UNSENT.includes(String(params.reason));
}

/** What the gateway may hold after a call without an answer is given back. */
export function endUnmade(core: Core, { id }: RedemptionRow, error: SaksiError): void {
  const row = core.store.redemptions.get(id);
  if (row.stage === 'requesting') core.store.journal.ended(row, 'failed', error.toWire());
  core.changed();
  if (isAnswerUnknown(error)) core.reconcileSoon();
}

/** Nothing is known of what the gateway did. */
export function isAnswerUnknown(error: SaksiError): boolean {
  return isLineError(error) || ['gateway_bad_answer', 'internal', 'not_ready'].includes(error.code);
}
