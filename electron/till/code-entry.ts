import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { isStoreFault } from '../store/faults.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { applyAnswer } from './answers.ts';
import { type Core, linkOf } from './core.ts';
import { isAnswerUnknown } from './start.ts';

/**
 * Has the gateway check the code that the customer said. Resolves once the grant is used; the devices go on by
 * themselves. Throws what the gateway refuses with (`code_wrong`, `code_expired`, …) or what the grant's check does.
 */
export async function submitCode(core: Core, row: RedemptionRow, code: string): Promise<void> {
  const gatewayId = awaitingCode(core, row);
  const { desk, store } = core;
  desk.checkingId = row.id;
  desk.tryError = null;
  core.changed();
  try {
    const checked = linkOf(core).client.verify(gatewayId, createUuid(core.effects), code);
    // Whoever follows the steps may stop the till at this one: then nobody waits for the answer.
    checked.catch(() => {});
    core.step('code_submitted');
    const answer = await checked;
    core.step('grant_received');
    desk.checkingId = null;
    applyAnswer(core, store.redemptions.get(row.id), answer);
  } catch (error) {
    desk.checkingId = null;
    tryFailed(core, row.id, asSaksiError(error));
    throw error;
  } finally {
    core.changed();
  }
}

/** Another code by the same channel; the one before it no longer works. */
export async function resendCode(core: Core, row: RedemptionRow): Promise<void> {
  const gatewayId = awaitingCode(core, row);
  try {
    const answer = await linkOf(core).client.resend(gatewayId, createUuid(core.effects));
    core.desk.tryError = null;
    applyAnswer(core, core.store.redemptions.get(row.id), answer);
  } catch (error) {
    tryFailed(core, row.id, asSaksiError(error));
    throw error;
  } finally {
    core.changed();
  }
}

/** The gateway's id of a redemption that waits for its code and is not being checked. */
function awaitingCode(core: Core, row: RedemptionRow): string {
  const checking = core.desk.checkingId === row.id;
  if (row.stage !== 'awaiting_code' || row.gatewayId === null || checking) {
    throw new SaksiError('redemption_state', { params: { status: checking ? 'checking' : row.stage } });
  }
  return row.gatewayId;
}

/** Errors that end a redemption at the gateway, whose event may come later than this answer. */
const ENDINGS: Partial<Record<string, 'expired' | 'failed'>> = {
  code_expired: 'expired',
  code_tries_exhausted: 'failed',
};

function tryFailed(core: Core, redemptionId: string, error: SaksiError): void {
  const { desk, store } = core;
  const row = store.redemptions.get(redemptionId);
  if (row.stage !== 'awaiting_code') return;
  desk.tryError = { redemptionId, error: error.toWire() };
  const { triesLeft } = error.params;
  if (desk.live?.redemptionId === redemptionId && typeof triesLeft === 'number') {
    desk.live = { ...desk.live, triesLeft: Math.min(desk.live.triesLeft, triesLeft) };
  }
  const ending = ENDINGS[error.code];
  if (ending !== undefined) {
    store.journal.ended(row, ending, error.toWire());
    desk.live = null;
  } else if (
    isAnswerUnknown(error) ||
    isStoreFault(error) ||
    ['redemption_state', 'code_used'].includes(error.code)
  ) {
    // The gateway may have verified it: its word is fetched, and its grant, that was perhaps not saved here.
    core.reconcileSoon();
  }
}
