import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { RedemptionCreate } from '../../shared/gateway-api.ts';
import { isLineError } from '../gateway-client/call.ts';
import type { PosKey } from '../store/journal.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { NewRedemption } from '../store/redemption-rows.ts';
import { applyAnswer } from './answers.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { assertLineUp } from './gateway-link.ts';

export type Wish = Pick<NewRedemption, 'id' | 'startedBy' | 'settle'> & { request: RedemptionCreate };

/**
 * Starts a redemption: the wish is on the disk before the gateway hears of it. Throws `till_busy`,
 * `gateway_unreachable` while the line is down (a sealed code is another way), and what the gateway refuses with.
 */
export async function startRedemption(core: Core, wish: Wish, posKey: PosKey | null): Promise<RedemptionRow> {
  const { currency } = contextOf(core).store;
  assertMoneyMoves(core);
  assertLineUp(linkOf(core));
  const { request } = wish;
  const { saleRef, asset, amount, staffId } = request;
  const row = core.store.journal.requested(
    { ...wish, saleRef, asset, amount, staffId, currency, customer: null },
    posKey,
  );
  core.desk.live = null;
  core.step('request_saved');
  core.changed();
  return createOrEnd(core, row);
}

/** The same wish again, after a try that ended without an answer; the key at the gateway is the same. */
export async function startAgain(
  core: Core,
  before: RedemptionRow,
  request: RedemptionCreate,
): Promise<RedemptionRow> {
  assertMoneyMoves(core);
  assertLineUp(linkOf(core));
  if (core.store.redemptions.findOpen() !== null) throw new SaksiError('till_busy');
  const row = core.store.journal.requestedAgain(before, request);
  core.changed();
  return createOrEnd(core, row);
}

/** Inside the gateway's turn. Throws what the gateway refuses with, and leaves it to the caller what to do then. */
export async function createAtGateway(core: Core, row: RedemptionRow): Promise<void> {
  const { store } = core;
  if (row.request === null) throw new Error('a wish without its request');
  const answer = await linkOf(core).client.createRedemption(row.id, row.request);
  core.step('request_sent');
  const { redemption } = answer;
  const { id, name, memberNo, phoneMasked, language } = redemption.customer;
  const present = store.redemptions.get(row.id);
  if (present.stage !== 'requesting') {
    // Cancelled while the gateway was being asked: what it made is given back.
    store.journal.orphanCancelled(redemption.id, id);
    core.outboxFilled();
    throw new SaksiError('redemption_state', { params: { status: present.stage } });
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

async function createOrEnd(core: Core, row: RedemptionRow): Promise<RedemptionRow> {
  try {
    await core.desk.gatewayTurn(() => createAtGateway(core, row));
  } catch (error) {
    endUnmade(core, row, asSaksiError(error));
    throw error;
  }
  return core.store.redemptions.get(row.id);
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
