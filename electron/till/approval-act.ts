import type { Approval } from '../../shared/approvals.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { ApprovalGrantClaims } from '../../shared/grants.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import type { ConsumedApproval } from '../store/grant-use.ts';
import { forgetLive } from './approval-desk.ts';
import { approvalSlipPayload } from './approval-slip.ts';
import { cashEffectOf } from './cash-shift-rules.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { type DrawerAnswer, drawerOutcomeOf } from './grant-act.ts';

/**
 * From a supervisor's yes to the first byte at the drawer: check the grant, commit its use, write. Nothing else stands in
 * this path and nothing in it waits; the switch and the slip run on as a job. A grant that fails its check moves nothing
 * and ends the request here: another may be asked for. Throws what the check or the store does.
 */
export function actOnApproval(core: Core, row: ApprovalRow, answer: Approval, jws: string): void {
  core.step('approval_grant_received');
  let consumed: ConsumedApproval;
  try {
    assertMoneyMoves(core);
    const claims = checkGrant(core, row, jws);
    const slip = approvalSlipPayload({ row, answer, claims }, contextOf(core), tillName(core), now(core));
    const cash = cashEffectOf(core, claims);
    consumed = core.store.grants.consumeApproval({ row, answer, claims, jws, slip, cash }, core.step);
  } catch (error) {
    grantRefused(core, row, answer, asSaksiError(error));
    throw error;
  }
  core.step('approval_grant_consumed');
  const drawer = consumed.row.drawerState === 'waiting' ? core.devices.openDrawer(consumed.permit) : null;
  core.step('approval_drawer_written');
  forgetLive(core, row.id);
  core.changed();
  if (consumed.row.stage === 'acting') core.jobs.run('devices', () => act(core, consumed, drawer));
}

function checkGrant(core: Core, row: ApprovalRow, jws: string): ApprovalGrantClaims {
  const { gatewayId, currency } = row;
  if (gatewayId === null) throw new Error('no grant before the gateway answered');
  const { kind, saleRef, amount, basisPoints, staffId } = row.request;
  const link = linkOf(core);
  const expected = {
    approvalId: gatewayId,
    approvalKind: kind,
    saleRef,
    amount,
    basisPoints,
    currency,
    requestedBy: staffId,
  };
  return link.checkApprovalGrant(jws, expected, link.clock.now() ?? now(core));
}

const now = (core: Core): number => core.effects.clock.now();
const tillName = (core: Core): string => core.identity?.tillName ?? '';

function grantRefused(core: Core, row: ApprovalRow, answer: Approval, cause: SaksiError): void {
  core.log.error({ approvalId: row.id, code: cause.code, params: cause.params }, 'grant refused');
  // A disk that fails is no verdict on the grant: it stays at the gateway and is taken when the till is back.
  if (!cause.code.startsWith('grant_')) return;
  core.store.approvalJournal.ended(row, 'failed', answer, cause.toWire());
  forgetLive(core, row.id);
  core.changed();
}

/** What is left for the devices, at once. Neither a dead printer nor a stuck drawer changes that it was approved. */
export async function act(
  core: Core,
  { row, slipJobId, permit }: ConsumedApproval,
  drawer: DrawerAnswer | null,
): Promise<void> {
  await Promise.all([
    slipJobId === null ? null : core.spooler.print(slipJobId, permit),
    drawer === null ? null : noteDrawer(core, row.id, drawer),
  ]);
  core.store.approvalJournal.acted(core.store.approvals.get(row.id));
  core.step('approval_acted');
  core.changed();
}

async function noteDrawer(core: Core, id: string, drawer: DrawerAnswer): Promise<void> {
  const { state, error } = await drawerOutcomeOf(drawer);
  core.store.approvalJournal.drawerOutcome(core.store.approvals.get(id), state, error);
  core.changed();
}

/** An approval that ended without a grant that could be used. */
export const GRANT_GONE = () => new SaksiError('grant_expired').toWire();
