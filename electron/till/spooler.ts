import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/policy.ts';
import type { DeviceState } from '../devices/devices.ts';
import type { UsePermit } from '../devices/use-permit.ts';
import { isStoreFault } from '../store/faults.ts';
import type { BytesSent, SlipJob, SlipPlace } from '../store/slip-jobs.ts';
import type { Core } from './core.ts';
import { createMutex } from './mutex.ts';
import { slipDocument } from './slip.ts';

/** After a try of which nothing left although the printer had said that it is ready. */
export const AGAIN_MS = 5_000;
const SECOND = 1_000;
const MINUTE = 60_000;

/**
 * The one writer of the till's printers. Every slip is a job in the store and prints in the order asked for, one
 * at a time. It ends as printed, as failed with the reason, or it waits: a job of which nothing left goes on by itself when
 * a printer is there, within the policy's bound. One that may have been printed is never printed again by itself.
 */
export function createSpooler(core: Core) {
  const { store, devices, desk, effects } = core;
  const { clock } = effects;
  const turn = createMutex();
  /** Jobs whose print() has not come to its turn: theirs to print, not drain()'s. */
  const called = new Set<number>();
  let downSince: number | null = null;
  let notBefore = 0;
  let draining = false;
  let running = false;
  let cancelLook = () => {};
  let stopListening = () => {};

  /** Where a slip can print by itself now; else in how many milliseconds it is worth another look, without news. */
  function placeNow(): SlipPlace | { inMs: number | null } {
    const { printer, fallback } = devices.state;
    if (isReady(printer)) return 'printer';
    if (!fallback || !isReady(fallback) || downSince === null) return { inMs: null };
    const inMs = downSince + rules(core).fallbackAfterSeconds * SECOND - clock.monotonic();
    return inMs <= 0 ? 'fallback' : { inMs };
  }

  /** Where a person wants it now: no waiting for the first printer. */
  function anyPlace(): SlipPlace {
    const { printer, fallback } = devices.state;
    return !isReady(printer) && fallback && isReady(fallback) ? 'fallback' : 'printer';
  }

  /** Called with each news of a device and each job that was put off. */
  function look(): void {
    cancelLook();
    if (!running) return;
    const ready = isReady(devices.state.printer);
    if (ready && downSince !== null) notBefore = 0;
    downSince = ready ? null : (downSince ?? clock.monotonic());
    if (draining || nextJob() === null) return;
    const place = placeNow();
    const inMs = typeof place === 'string' ? Math.max(0, notBefore - clock.monotonic()) : place.inMs;
    if (inMs === null) return;
    if (inMs > 0) {
      cancelLook = clock.schedule(Math.ceil(inMs), look);
      return;
    }
    draining = true;
    core.jobs.run('slips', () =>
      turn(drain)
        .catch((error: unknown) => {
          notBefore = clock.monotonic() + AGAIN_MS;
          throw error;
        })
        .finally(() => {
          draining = false;
          look();
        }),
    );
  }

  async function drain(): Promise<void> {
    for (let job = nextJob(); job !== null && running; job = nextJob()) {
      const place = placeNow();
      if (typeof place !== 'string' || notBefore > clock.monotonic()) return;
      if (isTakenBack(core, job)) {
        slipFailed(job, 'none', new SaksiError('slip_out_of_date'), '');
        continue;
      }
      const permit = permitFor(core, job);
      if (permit instanceof SaksiError) slipFailed(job, 'none', permit, '');
      else await attempt(job, permit, place);
    }
  }

  function nextJob(): SlipJob | null {
    if (core.trouble.stopsMoney() !== null) return null;
    return store.slips.waiting().find((job) => !called.has(job.id) && goesOn(core, job)) ?? null;
  }

  async function attempt(job: SlipJob, permit: UsePermit, place: SlipPlace): Promise<void> {
    const { id, ownerId } = job;
    desk.printing.add(ownerId);
    let sent: BytesSent = 'none';
    try {
      const document = slipDocument(job, core.context?.policy.slipDesign.logo ?? null);
      const absent = cannotPrint(place === 'fallback' ? devices.state.fallback : devices.state.printer);
      if (absent !== null) {
        putOff(job, absent, 'not ready');
        return;
      }
      const result = await devices.printSlip(permit, document, place, () => {
        store.journal.slipPrinting(id, place);
        sent = 'unknown';
        core.step('slip_printing');
        core.changed();
      });
      if (result.ok) core.step('slip_sent');
      if (result.ok) store.journal.slipPrinted(ownerId, id);
      else if (result.sent === 'none') {
        notBefore = clock.monotonic() + AGAIN_MS;
        putOff(job, new SaksiError(result.failure), result.detail);
      } else slipFailed(job, result.sent, new SaksiError(result.failure), result.detail);
      core.step('slip_confirmed');
    } catch (error) {
      const cause = asSaksiError(error);
      if (isStoreFault(cause)) throw cause;
      // A slip that cannot be laid out, a device layer that broke: the money goes on.
      slipFailed(job, sent, cause, String(cause.cause ?? ''));
    } finally {
      desk.printing.delete(ownerId);
      core.changed();
    }
  }

  function putOff({ id, ownerId }: SlipJob, error: SaksiError, detail: string): void {
    core.log.warn({ ownerId, failure: error.code, detail }, 'slip put off');
    store.journal.slipWaits(ownerId, id, error.toWire());
  }

  function slipFailed({ id, ownerId }: SlipJob, sent: BytesSent, error: SaksiError, detail: string): void {
    core.log.warn({ ownerId, failure: error.code, detail }, 'slip not printed');
    store.journal.slipFailed(ownerId, id, sent, error.toWire());
  }

  return {
    /** From now on what waits goes on by itself. */
    start(): void {
      running = true;
      stopListening = devices.onChange(look);
      look();
    },

    stop(): void {
      running = false;
      stopListening();
      cancelLook();
    },

    /**
     * Prints one job by its permit, after those that came before it, and records how it went. `asked`: a person stands
     * there, so the second printer takes it at once when the first is away. Does not throw for a printer's failure.
     */
    async print(jobId: number, permit: UsePermit, { asked = false } = {}): Promise<void> {
      const { ownerId } = store.slips.get(jobId);
      called.add(jobId);
      desk.printing.add(ownerId);
      try {
        await turn(async () => {
          const place = placeNow();
          const known = typeof place === 'string' ? place : 'printer';
          await attempt(store.slips.get(jobId), permit, asked ? anyPlace() : known);
        });
      } finally {
        called.delete(jobId);
        desk.printing.delete(ownerId);
        look();
      }
    },
  };
}
export type Spooler = ReturnType<typeof createSpooler>;

/** Whether a job that waits prints by itself; a clock set back leaves it to a person. */
export function goesOn(core: Core, { createdAt }: Pick<SlipJob, 'createdAt'>): boolean {
  const ageMs = core.effects.clock.now() - createdAt;
  return ageMs >= 0 && ageMs <= rules(core).resumeMinutes * MINUTE;
}

function rules({ context }: Core): Policy['printing'] {
  return context?.policy.printing ?? DEFAULT_POLICY.printing;
}

/** A print queue is ready as long as it takes slips; what only may be there is not tried without a person. */
function isReady({ link, obstacle }: DeviceState['printer']): boolean {
  return (link === 'ready' || link === 'one_way') && obstacle === null;
}

/** Why it is of no use to try; null while a port that is being opened may still answer. */
function cannotPrint(printer: DeviceState['printer'] | null | undefined): SaksiError | null {
  if (!printer) return new SaksiError('printer_absent');
  const { link, obstacle } = printer;
  if (link === 'opening' || link === 'greeting') return null;
  if (link === 'mute' && obstacle !== null) return new SaksiError('printer_timeout');
  return obstacle === null ? null : new SaksiError(obstacle);
}

/** Leave for a job that waits, by the recorded use of its grant; why there is none: a row that somebody put there. */
function permitFor({ store }: Core, { owner, ownerId }: SlipJob): UsePermit | SaksiError {
  try {
    if ('shiftId' in owner) return store.grants.reportPermit(owner.shiftId);
    if ('redemptionId' in owner) return store.grants.slipPermit(store.redemptions.get(ownerId));
    const { jti, request } = store.approvals.get(ownerId);
    return store.grants.slipPermit({ id: ownerId, jti, saleRef: request.saleRef });
  } catch (error) {
    const cause = asSaksiError(error);
    if (isStoreFault(cause)) throw cause;
    return cause;
  }
}

/** The terminal took the sale back meanwhile: a slip of it would say what is not true. */
function isTakenBack({ store }: Core, { owner }: SlipJob): boolean {
  if (!('redemptionId' in owner)) return false;
  return store.redemptions.get(owner.redemptionId).stage === 'cancelled';
}
