import { SaksiError } from '../../shared/errors.ts';
import type { Redemption, RedemptionAnswer, TillEvent } from '../../shared/gateway-api.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { Core } from './core.ts';
import { actOnGrant } from './grant-act.ts';
import { mergeDelivery, mergeLiveCode } from './live-code.ts';
import { GATEWAY_STATUS } from './stages.ts';

type Ending = Extract<(typeof GATEWAY_STATUS)[keyof typeof GATEWAY_STATUS], { so: 'end' }>;

/** The gateway's word on an open redemption of this till. Throws what the check of a grant refuses. */
export function applyAnswer(core: Core, row: RedemptionRow, answer: RedemptionAnswer): void {
  const { redemption } = answer;
  if (row.stage !== 'awaiting_code') return;
  const meaning = GATEWAY_STATUS[redemption.status];
  if (meaning.so === 'wait') {
    noteCode(core, row, redemption);
  } else if (meaning.so === 'act') {
    actOnGrant(core, row, grantOf(answer));
  } else {
    endFromGateway(core, row, redemption, meaning);
  }
}

function endFromGateway(
  core: Core,
  row: RedemptionRow,
  redemption: Redemption,
  { stage, error: code }: Ending,
): void {
  const params = code === 'redemption_state' ? { status: redemption.status } : {};
  core.store.journal.ended(row, stage, code === null ? null : new SaksiError(code, { params }).toWire());
  core.desk.live = null;
  core.changed();
}

export function noteCode(core: Core, row: RedemptionRow, redemption: Redemption): void {
  if (redemption.code === null) return;
  const now = core.effects.clock.monotonic();
  core.desk.live = mergeLiveCode(core.desk.live, row.id, redemption.code, now);
  core.changed();
}

/** An event: the snapshot may be old and has no grant, so a verified one is asked for. */
export function applyEvent(core: Core, redemption: Redemption): void {
  const row = core.store.redemptions.findByGatewayId(redemption.id);
  if (row?.stage !== 'awaiting_code') return;
  const meaning = GATEWAY_STATUS[redemption.status];
  if (meaning.so === 'wait') {
    noteCode(core, row, redemption);
    return;
  }
  // The answer to the call in flight says the same, and has the grant.
  if (core.desk.checkingId === row.id) return;
  if (meaning.so === 'end') endFromGateway(core, row, redemption, meaning);
  else core.reconcileSoon();
}

/** An event: how far the message with a code came. */
export function applyDelivery(core: Core, event: Extract<TillEvent, { type: 'code.delivery' }>): void {
  const { live } = core.desk;
  const row = core.store.redemptions.findByGatewayId(event.redemptionId);
  if (row?.stage !== 'awaiting_code' || live === null || live.redemptionId !== row.id) return;
  core.desk.live = mergeDelivery(live, event.sends, event.delivery);
  core.changed();
}

function grantOf(answer: RedemptionAnswer): string {
  if (answer.grant === null) throw new SaksiError('gateway_bad_answer', { params: { field: 'grant' } });
  return answer.grant;
}
