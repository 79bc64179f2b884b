import type { RedemptionView } from '../../shared/bridge.ts';
import type { Core } from './core.ts';
import { goesOn } from './spooler.ts';

/** What the screen shows of an owner's newest print job; null where there is none. */
export function slipJobView(core: Core, ownerId: string): RedemptionView['slip'] | null {
  const { store, context } = core;
  const job = store.slips.latest(ownerId);
  if (job === null) return null;
  const { state, error, printedOn } = job;
  const copiesMax = context?.policy.slips.copiesMax ?? 0;
  const nextIsCopy =
    state !== 'waiting' && (state === 'printed' || job.bytesSent !== 'none' || job.copyNo > 0);
  return {
    state,
    error,
    copiesLeft: Math.max(0, copiesMax - store.slips.copies(ownerId)),
    goesOn: state === 'waiting' && goesOn(core, job),
    onFallback: printedOn === 'fallback',
    reasonNeeded: nextIsCopy && (context?.policy.printing.copyReason ?? false),
  };
}
