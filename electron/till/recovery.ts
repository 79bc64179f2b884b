import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { Redemption, RedemptionAnswer } from '../../shared/gateway-api.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { applyAnswer } from './answers.ts';
import { reconcileApprovals, recoverApprovals } from './approval-recovery.ts';
import { type Core, linkOf } from './core.ts';
import { act } from './grant-act.ts';
import { goesOn } from './spooler.ts';
import { isOpen } from './stages.ts';
import { createAtGateway, endUnmade, isAnswerUnknown } from './start.ts';

/**
 * A wish that a crash cut off is taken up again only while the customer is still at the counter. An older one is given
 * up: nobody wants a code for yesterday's sale.
 */
export const RESUME_WITHIN_MS = 120_000;

/** At start, before any line: what a crash left of devices is settled from the till's own disk. */
export function recoverDevices(core: Core): void {
  const { store } = core;
  store.journal.interrupted({
    drawer: new SaksiError('drawer_not_confirmed').toWire(),
    slip: new SaksiError('slip_cut_off').toWire(),
    // Whether a slip that waits in an old copy of the disk was printed since, nobody can tell.
    oldCopy: store.safety.recovered() !== null,
  });
  store.shiftJournal.interrupted(new SaksiError('drawer_not_confirmed').toWire());
  recoverApprovals(core);
  const row = store.redemptions.findOpen();
  if (row?.stage !== 'acting') return;
  const job = store.slips.latest(row.id);
  if (job?.state === 'waiting' && goesOn(core, job)) {
    // Not one byte of it has left: it is printed now, by the grant whose use is on record.
    const permit = store.grants.slipPermit(row);
    core.jobs.run('devices', () => act(core, { row, slipJobId: job.id, permit }, null));
    return;
  }
  store.journal.acted(row, core.effects.clock.now());
  core.outboxFilled();
}

/**
 * Brings this till and the gateway to one mind, each time that the line comes up and after a call whose outcome nobody
 * knows: what the till has open is asked for, and what the gateway holds for a till that gave up is given back.
 */
export async function reconcile(core: Core): Promise<void> {
  const { gatewayTurn, approvalTurn } = core.desk;
  // Neither of the two waits for the other, or for it to go well.
  const outcomes = await Promise.allSettled([
    gatewayTurn(() => reconcileRedemptions(core)),
    approvalTurn(() => reconcileApprovals(core)),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function reconcileRedemptions(core: Core): Promise<void> {
  const { store } = core;
  const { client } = linkOf(core);
  const unsent = store.redemptions.findOpen();
  if (unsent?.stage === 'requesting') await resume(core, unsent);

  const held = await client.openRedemptions();
  for (const answer of held) takeIn(core, answer);

  const row = store.redemptions.findOpen();
  if (row?.stage !== 'awaiting_code' || row.gatewayId === null) return;
  if (held.some(({ redemption }) => redemption.id === row.gatewayId)) return;
  const answer = await client.redemption(row.gatewayId);
  applyAnswer(core, store.redemptions.get(row.id), answer);
}

async function resume(core: Core, row: RedemptionRow): Promise<void> {
  const ageMs = core.effects.clock.now() - row.createdAt;
  if (ageMs < 0 || ageMs > RESUME_WITHIN_MS) {
    core.store.journal.ended(row, 'failed', new SaksiError('gateway_unreachable').toWire());
    core.changed();
    return;
  }
  try {
    await createAtGateway(core, row);
  } catch (error) {
    const cause = asSaksiError(error);
    // Without an answer the wish stands, until it is too old.
    if (isAnswerUnknown(cause)) throw cause;
    core.log.info({ redemptionId: row.id, code: cause.code }, 'redemption not resumed');
    endUnmade(core, row, cause);
  }
}

/** One redemption that the gateway holds open for this till. */
function takeIn(core: Core, answer: RedemptionAnswer): void {
  const { store } = core;
  const { redemption } = answer;
  const row = store.redemptions.findByGatewayId(redemption.id);
  if (row === null) {
    takeInUnknown(core, redemption);
  } else if (isOpen(row)) {
    try {
      applyAnswer(core, row, answer);
    } catch (error) {
      // A grant that was refused: it is on the row and in the log, and stops no other.
      core.log.warn({ redemptionId: row.id, code: asSaksiError(error).code }, 'redemption not taken up');
    }
  } else if (row.settlement === 'none') {
    store.journal.orphanCancelled(redemption.id, redemption.customer.id);
    core.outboxFilled();
  }
}

/**
 * The answer to its creation was lost, so nobody at this till ever saw it: it is cancelled. A verified one whose sale
 * this till never asked for may be the trace of a lost disk: money may have moved, so a person decides.
 */
function takeInUnknown(core: Core, redemption: Redemption): void {
  const { journal } = core.store;
  if (redemption.status === 'authorised' && !core.store.redemptions.asked(redemption.saleRef)) {
    journal.stranded(redemption.id, new SaksiError('redemption_unknown').toWire());
  } else {
    journal.orphanCancelled(redemption.id, redemption.customer.id);
    core.outboxFilled();
  }
  core.changed();
}
