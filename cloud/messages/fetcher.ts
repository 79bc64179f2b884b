import type { PgBoss } from 'pg-boss';

/** A job as it was fetched; its retry count fences what is said about it to this very attempt. */
export interface FetchedJob {
  readonly id: string;
  readonly retryCount: number;
  readonly data: unknown;
}

export interface FetcherOptions {
  readonly boss: Pick<PgBoss, 'deleteJob' | 'fail'>;
  /** The next due jobs of a queue, at most so many, in hand from now on. */
  readonly take: (queue: string, max: number) => Promise<readonly FetchedJob[]>;
  readonly queue: string;
  readonly batchSize: number;
  /** Between two looks at an empty queue; by the real clock, as the database says by its own when a job is due. */
  readonly pollMs: number;
  /** Rejects only for what nobody expected; the job is then tried again later. */
  readonly handle: (job: FetchedJob) => Promise<void>;
  /** A whole batch was taken: there is more behind it. */
  readonly onFull: () => void;
  readonly onError: (error: unknown) => void;
}

export interface Fetcher {
  readonly queue: string;
  /** Waits for something to do. */
  readonly idle: boolean;
  /** Looks at once, or again when it is at work. */
  wake(): void;
  /** Takes no more. Resolves when what it had in hand is done, or after `timeoutMs` was given up, to be tried elsewhere. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Takes jobs off a queue, a batch at a time, until it is stopped. What is done is deleted: what became of a message stands with
 * the message, and a job kept as completed would be written to every index once more, only to be deleted within the hour. That is
 * why it does not use the library's own worker, which completes.
 */
export function startFetcher(options: FetcherOptions): Fetcher {
  const { boss, take, queue, batchSize, pollMs, handle, onFull, onError } = options;
  let stopped = false;
  let woken = false;
  let idle = false;
  let wakeUp = () => {};
  const inHand = new Map<string, FetchedJob>();
  /** Of the batch before. */
  let deleting: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      const taken = await takeBatch().catch((error: unknown) => {
        onError(error);
        return 0;
      });
      if (taken < batchSize && !woken && !stopped) await pause();
    }
    await deleting;
  }

  /** @returns how many there were */
  async function takeBatch(): Promise<number> {
    const jobs = await take(queue, batchSize);
    if (jobs.length === 0) return 0;
    if (jobs.length === batchSize) onFull();
    for (const job of jobs) inHand.set(job.id, job);
    const done = (await Promise.all(jobs.map(doOne))).filter((job) => job !== null);
    // The next batch is fetched meanwhile: what is done is nobody's until it expires.
    await deleting;
    if (done.length > 0) deleting = boss.deleteJob(queue, done.map(claimOf)).then(() => {}, onError);
    return jobs.length;
  }

  /** Null: it failed, or was given up meanwhile. */
  async function doOne(job: FetchedJob): Promise<FetchedJob | null> {
    try {
      await handle(job);
      return inHand.delete(job.id) ? job : null;
    } catch (error) {
      onError(error);
      if (!inHand.delete(job.id)) return null;
      // Only its name is kept with the job: an error's text may quote what it was about.
      const output = { error: error instanceof Error ? error.name : 'unknown' };
      await boss.fail(queue, claimOf(job), output).catch(onError);
      return null;
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      idle = true;
      wakeUp = () => {
        idle = false;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wakeUp, pollMs);
    });
  }

  const ended = run();

  return {
    queue,
    get idle() {
      return idle;
    },
    wake() {
      woken = true;
      wakeUp();
    },
    async stop(timeoutMs) {
      stopped = true;
      wakeUp();
      let giveUp: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        giveUp = setTimeout(() => resolve('late'), timeoutMs);
      });
      const outcome = await Promise.race([ended, late]);
      clearTimeout(giveUp);
      if (outcome !== 'late') return;
      const left = [...inHand.values()];
      inHand.clear();
      if (left.length > 0) await boss.fail(queue, left.map(claimOf), { error: 'stopped' });
    },
  };
}

const claimOf = ({ id, retryCount }: FetchedJob) => ({ id, retryCount });
