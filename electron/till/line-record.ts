import type { Cancel, Clock } from '../../shared/effects.ts';
import { isUp } from '../gateway-client/connection.ts';
import type { Core } from './core.ts';

/** A stream that a router cut is back before that: no loss of the line. */
const LOST_AFTER_MS = 3_000;

/**
 * The till's line on its chain: `line.lost` when it has been down for a moment, `line.back` with how long it was. Who spends without
 * a line is judged by it, and how often a till loses its line alone.
 */
export interface LineRecord {
  /** The line may be another than before. */
  look(): void;
  /** Something is being done without a line: its loss is on the chain before that. */
  usedWithout(): void;
  stop(): void;
}

export function createLineRecord(
  core: Pick<Core, 'store' | 'link'>,
  clock: Clock,
  onFault: (error: unknown) => void,
): LineRecord {
  const { audit } = core.store;
  /** Monotonic. */
  let downSince: number | null = null;
  /** Epoch ms of the entry; null: the line is not known to be lost. */
  let lost = audit.lineLostAt();
  /** An earlier run wrote it down: of its beginning only the entry's time is known. */
  let inherited = lost !== null;
  let cancelLost: Cancel | null = null;

  function look(): void {
    const state = core.link?.connection.state();
    if (state === 'offline') {
      downSince ??= clock.monotonic();
      if (lost === null) cancelLost ??= clock.schedule(LOST_AFTER_MS, writeLost);
    } else if (state !== undefined && isUp(state)) {
      stop();
      writeBack();
    }
  }

  function writeLost(): void {
    stop();
    if (lost !== null) return;
    attempt(() => {
      audit.record('line.lost', {});
      lost = clock.now();
    });
  }

  function writeBack(): void {
    if (lost !== null) {
      const since = inherited ? null : downSince;
      const ms = since === null ? Math.max(0, clock.now() - lost) : clock.monotonic() - since;
      attempt(() => {
        audit.record('line.back', { ms: Math.round(ms) });
        lost = null;
        inherited = false;
      });
    }
    downSince = null;
  }

  /** A disk that is full keeps nobody from the line: the next look tries again. */
  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      onFault(error);
    }
  }

  function stop(): void {
    cancelLost?.();
    cancelLost = null;
  }

  return {
    look,
    usedWithout() {
      if (core.link?.connection.state() === 'offline') writeLost();
    },
    stop,
  };
}
