import { SaksiError } from '../../shared/errors.ts';
import type { Role } from '../../shared/gateway-api.ts';
import type { PosKey } from '../store/journal.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { Core } from './core.ts';
import { type CopyWish, printAgain } from './reprint.ts';
import { isOpen } from './stages.ts';

const UNVERIFIED: readonly RedemptionRow['stage'][] = ['requesting', 'awaiting_code', 'awaiting_sealed'];
const SUPERVISING: readonly Role[] = ['supervisor', 'manager'];

function wrongState(core: Core, row: RedemptionRow): SaksiError {
  const status = core.desk.checkingId === row.id ? 'checking' : row.stage;
  return new SaksiError('redemption_state', { params: { status } });
}

/**
 * Cancel from the screen. Before the code is verified: whoever is at the till. After it, money may already have left
 * the drawer: only while a terminal still owes its word, and only with a supervisor signed in.
 */
export function cancelAtScreen(core: Core, row: RedemptionRow, role: Role | null): void {
  if (row.stage === 'awaiting_capture') {
    if (role === null || !SUPERVISING.includes(role)) throw new SaksiError('role_not_allowed');
    settle(core, row, 'cancel', null);
    return;
  }
  cancelUnverified(core, row, 'cashier');
}

export function cancelUnverified(core: Core, row: RedemptionRow, reason: 'cashier' | 'terminal'): void {
  const unverified = UNVERIFIED.includes(row.stage);
  if (!unverified || core.desk.checkingId === row.id) throw wrongState(core, row);
  core.store.journal.cancelled(row, reason);
  core.desk.live = null;
  core.outboxFilled();
  core.changed();
}

/** The terminal's word on a verified redemption; while the devices are at work it is kept until they are done. */
export function settle(
  core: Core,
  row: RedemptionRow,
  as: 'capture' | 'cancel',
  posKey: PosKey | null,
): void {
  if (row.stage !== 'acting' && row.stage !== 'awaiting_capture') throw wrongState(core, row);
  core.store.journal.settleAs(row, as, posKey, core.effects.clock.now());
  core.outboxFilled();
  core.changed();
}

export function dismiss(core: Core, row: RedemptionRow): void {
  if (isOpen(row)) throw wrongState(core, row);
  core.store.journal.dismissed(row);
  core.changed();
}

/** Prints the slip again by the recorded use of its grant. Throws as `printAgain` does. */
export async function reprint(core: Core, row: RedemptionRow, asked: CopyWish): Promise<void> {
  const { id, jti } = row;
  if (jti === null || core.desk.printing.has(id) || row.stage === 'acting') throw wrongState(core, row);
  await printAgain(core, { id, jti, saleRef: row.saleRef, owner: { redemptionId: id } }, asked);
}
