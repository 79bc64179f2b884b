import type { Cancel, Clock } from '../shared/effects.ts';

export interface Loop {
  /** Runs it as soon as may be, rather than at its next turn. */
  poke(): void;
  /** Resolves when the run in hand, if any, has ended; none begins after it. */
  stop(): Promise<void>;
}

/** Runs `work` every `everyMs`, one run at a time, whatever it throws. */
export function startLoop(options: {
  clock: Clock;
  everyMs: number;
  work: () => Promise<unknown>;
  onError: (error: unknown) => void;
}): Loop {
  const { clock, everyMs, work, onError } = options;
  let stopped = false;
  let poked = false;
  let running: Promise<void> | null = null;
  let timer: Cancel = schedule();

  function schedule(): Cancel {
    return clock.schedule(everyMs, run);
  }

  function run(): void {
    if (stopped || running !== null) return;
    poked = false;
    running = work()
      .then(() => undefined, onError)
      .finally(() => {
        running = null;
        if (stopped) return;
        if (poked) run();
        else timer = schedule();
      });
  }

  return {
    poke() {
      poked = true;
      timer();
      run();
    },
    async stop() {
      stopped = true;
      timer();
      await running;
    },
  };
}
