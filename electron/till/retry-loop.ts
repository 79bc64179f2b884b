import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError } from '../../shared/errors.ts';
import { isUp } from '../gateway-client/connection.ts';
import type { Core } from './core.ts';

const RETRY_BASE_MS = 1_000;
const RETRY_MAX_MS = 15_000;

/** Work with the gateway that must go well once each time that it is wanted; while the line is down it waits. */
export function createRetryLoop(core: Core, name: string, work: () => Promise<void>) {
  const { clock, random } = core.effects;
  let wanted = false;
  let running = false;
  let failures = 0;
  let cancel: Cancel = () => {};
  let stopped = false;

  function run(): void {
    cancel();
    // Whoever sees the line come up asks again.
    if (stopped || core.link === null || !isUp(core.link.connection.state())) return;
    running = true;
    wanted = false;
    core.jobs.run(name, async () => {
      try {
        await work();
        failures = 0;
      } catch (error) {
        core.log.info({ job: name, code: asSaksiError(error).code, failures }, 'put off');
        wanted = true;
        failures += 1;
      } finally {
        running = false;
        if (wanted) cancel = clock.schedule(pauseMs(), run);
      }
    });
  }

  function pauseMs(): number {
    return failures === 0 ? 0 : random.jitter() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
  }

  return {
    soon(): void {
      wanted = true;
      if (!running) run();
    },
    stop(): void {
      stopped = true;
      cancel();
    },
  };
}
