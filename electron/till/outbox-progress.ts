import type { TillView } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/effects.ts';

/** A smaller backlog is gone before anybody could read of it. */
const BACKLOG_MIN = 20;
/** The rate is that of the last few seconds. */
const RATE_WINDOW_MS = 5_000;

/** How a backlog gets on: for the screen alone. */
export function createDrainProgress(clock: Pick<Clock, 'monotonic'>) {
  let run: { sent: number; of: number } | null = null;
  /** Moments of the monotonic clock, and how many were sent until then. */
  let marks: { at: number; sent: number }[] = [];

  return {
    /** A batch goes out; `pending` counts it. */
    sending(pending: number): void {
      if (run === null && pending <= BACKLOG_MIN) return;
      run ??= { sent: 0, of: pending };
      run.of = Math.max(run.of, run.sent + pending);
      if (marks.length === 0) marks = [{ at: clock.monotonic(), sent: 0 }];
    },

    sent(count: number): void {
      if (run === null) return;
      run.sent += count;
      const now = clock.monotonic();
      marks.push({ at: now, sent: run.sent });
      const from = marks.findLastIndex(({ at }) => at <= now - RATE_WINDOW_MS);
      if (from > 0) marks = marks.slice(from);
      if (run.sent >= run.of) run = null;
    },

    /** Nothing is left, or the gateway takes nothing now. */
    over(): void {
      run = null;
      marks = [];
    },

    view(): TillView['status']['outbox']['draining'] {
      if (run === null) return null;
      const [first] = marks;
      const last = marks.at(-1);
      const ms = first === undefined || last === undefined ? 0 : last.at - first.at;
      const perSecond = ms <= 0 ? 0 : Math.round((((last?.sent ?? 0) - (first?.sent ?? 0)) * 1000) / ms);
      return { ...run, perSecond };
    },
  };
}
