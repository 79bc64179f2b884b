import { asSaksiError } from '../../shared/errors.ts';
import { isLineError } from '../gateway-client/call.ts';
import type { TillLog } from './ports.ts';

/** Work that nobody waits for. Its errors are logged, and stop() can wait for its end. */
export function createJobs(log: TillLog) {
  const running = new Map<Promise<void>, string>();
  return {
    run(name: string, work: () => Promise<unknown>): void {
      const job = work()
        .then(() => undefined)
        .catch((error: unknown) => {
          const cause = asSaksiError(error);
          const { code } = cause;
          if (isLineError(cause)) log.info({ job: name, code }, 'job put off');
          else log.error({ job: name, code, err: cause }, 'job failed');
        })
        .finally(() => running.delete(job));
      running.set(job, name);
    },
    isRunning: (name: string): boolean => [...running.values()].includes(name),
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running.keys());
    },
  };
}
export type Jobs = ReturnType<typeof createJobs>;
