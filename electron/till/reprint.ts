import type { CopyReason } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { CopyLimits, Reprinted } from '../store/grant-use.ts';
import { type Core, contextOf } from './core.ts';

/** Who wants a slip again, and why. */
export interface CopyWish {
  staffId: string;
  reason: CopyReason | null;
}

export function copyLimits(core: Core): CopyLimits {
  const { slips, printing } = contextOf(core).policy;
  return { perSlip: slips.copiesMax, perDay: printing.copiesPerDay, reasonNeeded: printing.copyReason };
}

/**
 * Prints a slip again by the recorded use of its grant; one that waits is printed now, wherever it can be. Throws
 * `copies_exhausted`, `copies_exhausted_today`, `copy_reason_needed`, or why it did not print.
 */
export async function printAgain(core: Core, of: Reprinted, { staffId, reason }: CopyWish): Promise<void> {
  const { store, spooler } = core;
  const asked = { staffId, reason, countedAt: store.time.floor() };
  const { slipJobId, permit } = store.grants.reprint(of, copyLimits(core), asked);
  await spooler.print(slipJobId, permit, { asked: true });
  throwWhyNot(core, slipJobId);
}

function throwWhyNot({ store }: Core, slipJobId: number): void {
  const { error } = store.slips.get(slipJobId);
  if (error !== null) throw SaksiError.fromWire(error);
}
