import type { Cancel, Clock, Random } from '../../shared/effects.ts';
import type { ServerLog } from '../loopback/log.ts';

/** One run of the gateway's program. */
export interface GatewayRun {
  /** Called once, when the process is gone. */
  onExit(listener: (code: number | null) => void): void;
  /** Asks it to finish. */
  terminate(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Waits before it is started again: half to all of base × 2^tries, capped; a run of `steadyMs` counts as good. */
export const GATEWAY_RESTART = { baseMs: 500, capMs: 30_000, steadyMs: 60_000, stopMs: 8_000 } as const;

export interface EmbeddedGateway {
  /** Ends the process, by force where it does not finish in time. Idempotent. */
  stop(): Promise<void>;
}

/** Keeps the embedded gateway running as a process of its own until stopped. */
export function keepGatewayRunning(options: {
  start: () => GatewayRun;
  clock: Clock;
  random: Random;
  log: ServerLog;
  /** For the log. */
  name?: string;
}): EmbeddedGateway {
  const { clock, random, log, name = 'gateway' } = options;
  let run: GatewayRun | null = null;
  let tries = 0;
  let stopping = false;
  let cancelRestart: Cancel = () => {};
  let onGone = () => {};

  const start = () => {
    const startedAt = clock.monotonic();
    run = options.start();
    run.onExit((code) => {
      run = null;
      onGone();
      if (stopping) return;
      if (clock.monotonic() - startedAt >= GATEWAY_RESTART.steadyMs) tries = 0;
      const ceiling = Math.min(GATEWAY_RESTART.capMs, GATEWAY_RESTART.baseMs * 2 ** tries);
      const waitMs = Math.round(ceiling * (0.5 + random.jitter() / 2));
      tries = Math.min(tries + 1, 16);
      log.error({ code, waitMs }, `the ${name} ended; starting it again`);
      cancelRestart = clock.schedule(waitMs, start);
    });
  };
  start();

  return {
    async stop() {
      stopping = true;
      cancelRestart();
      if (run === null) return;
      const gone = new Promise<void>((resolve) => {
        onGone = resolve;
      });
      run.terminate();
      const cancelKill = clock.schedule(GATEWAY_RESTART.stopMs, () => run?.kill());
      await gone;
      cancelKill();
    },
  };
}
