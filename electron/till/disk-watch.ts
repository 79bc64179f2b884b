import type { Cancel } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { isRawFault, storeFault, storeTrouble } from '../store/faults.ts';
import type { Core } from './core.ts';
import { recoverDevices } from './recovery.ts';

/** While the disk is in trouble it is tried this often, so that the till goes on by itself when it is over. */
const RETRY_MS = 5_000;
const LOOK_MS = 60_000;
const BACKUP_EVERY_MS = 3_600_000;
/** Backups that were asked for (pairing, sign-out) are at least this far apart. */
const BACKUP_APART_MS = 60_000;
/** The whole chain is read again after this long, in a quiet moment. */
const CHAIN_EVERY_MS = 24 * 3_600_000;
export const FREE_BYTES_MIN = 50 * 1024 * 1024;
/** Trouble that is over when a write goes through again. */
const PASSING = ['disk_full', 'disk_failed', 'database_locked'] as const;

/** Watches the till's own disk and clock, raises what is the matter, clears what is over, and keeps the backups. */
export function createDiskWatch(core: Core) {
  const { clock } = core.effects;
  const { trouble, store } = core;
  let cancelLook: Cancel = () => {};
  let cancelRetry: Cancel = () => {};
  let backing = false;
  let backedUpAt: number | null = null;
  let chainReadAt = clock.monotonic();
  let stopped = false;

  /** An error of the store, wherever it came from. */
  function fault(error: SaksiError): void {
    const kind = storeTrouble(error);
    if (kind === null) return;
    core.log.error({ kind, code: error.code, err: error }, "the till's disk failed");
    trouble.raise(kind, error);
    retryLater();
  }

  function retryLater(): void {
    cancelRetry();
    if (!stopped) cancelRetry = clock.schedule(RETRY_MS, retry);
  }

  function retry(): void {
    try {
      store.safety.tryWrite();
      if (core.jobs.isRunning('devices') || core.desk.printing.size > 0) {
        retryLater();
        return;
      }
      // What the devices did meanwhile and nobody could write down is settled as after a crash.
      recoverDevices(core);
    } catch (error) {
      const cause = storeFault(error);
      // Full yesterday, broken today: the screen says what is the matter now.
      for (const kind of PASSING) if (kind !== storeTrouble(cause)) trouble.clear(kind);
      fault(cause);
      return;
    }
    for (const kind of PASSING) trouble.clear(kind);
    // What was held up meanwhile: grants that wait at the gateway, answers not written down.
    core.reconcileSoon();
    core.outboxFilled();
    look();
  }

  /** At start, then every minute; a backup is not for the first moment. */
  function look(first = false): void {
    cancelLook();
    if (stopped) return;
    try {
      const minutes = store.safety.watchClock();
      if (minutes !== null)
        trouble.raise('clock_back', new SaksiError('clock_back', { params: { minutes } }));
      const recovered = store.safety.recovered();
      if (recovered !== null) {
        const error = new SaksiError('database_recovered', { params: { minutes: recovered.minutes } });
        trouble.raise('recovered', error, !recovered.complete);
      }
      lookAtSpace();
      if (isIdle() && !first) {
        readChain(false);
        if ((store.safety.lastBackupAt() ?? 0) + BACKUP_EVERY_MS <= clock.now()) backup();
      }
    } catch (error) {
      fault(storeFault(error));
    }
    cancelLook = clock.schedule(LOOK_MS, look);
  }

  /** A disk that is nearly full is a warning: money still moves, and there is time to make room. */
  function lookAtSpace(): void {
    const free = store.safety.freeBytes();
    if (free < FREE_BYTES_MIN) {
      const error = new SaksiError('disk_low', { params: { megabytes: Math.floor(free / 1024 / 1024) } });
      if (!trouble.has('disk_full')) trouble.raise('disk_full', error, false);
    } else if (trouble.error('disk_full')?.code === 'disk_low') trouble.clear('disk_full');
  }

  function readChain(atStart: boolean): void {
    const all = !atStart && clock.monotonic() - chainReadAt >= CHAIN_EVERY_MS;
    if (all) chainReadAt = clock.monotonic();
    const verdict = store.safety.verifyChain(all);
    if (verdict.ok) return;
    trouble.raise('chain_broken', new SaksiError('chain_broken', { params: { seq: verdict.seq } }));
  }

  function isIdle(): boolean {
    return store.redemptions.findOpen() === null && store.approvals.open().length === 0;
  }

  function backup(): void {
    if (backing || stopped) return;
    backing = true;
    core.jobs.run('backup', async () => {
      try {
        await store.safety.backup();
        backedUpAt = clock.monotonic();
      } catch (error) {
        const cause = storeFault(error);
        core.log.error({ code: cause.code, err: cause }, 'no backup was made');
        // A copy that fails its check speaks of the file that it is a copy of.
        if (cause.code !== 'store_failed') fault(cause);
      } finally {
        backing = false;
      }
    });
  }

  return {
    fault,
    /** Calls whose errors of SQLite or the file system are ours by the time that they arrive at the screen. */
    watched<A extends unknown[], R>(invoke: (...args: A) => Promise<R>) {
      return async (...args: A): Promise<R> => {
        try {
          return await invoke(...args);
        } catch (error) {
          if (!isRawFault(error)) throw error;
          const cause = storeFault(error);
          fault(cause);
          throw cause;
        }
      };
    },
    start(): void {
      readChain(true);
      look(true);
    },
    /** Soon after what should not be lost: pairing, the end of a shift. */
    backupSoon(): void {
      if (backedUpAt === null || clock.monotonic() - backedUpAt >= BACKUP_APART_MS) backup();
    },
    seen(kind: 'recovered' | 'clock_back'): void {
      if (kind === 'recovered') store.safety.recoveredSeen();
      else store.safety.clockBackSeen();
    },
    stop(): void {
      stopped = true;
      cancelLook();
      cancelRetry();
    },
  };
}
export type DiskWatch = ReturnType<typeof createDiskWatch>;
