import { setImmediate as turn } from 'node:timers/promises';
import type { Job } from './job.ts';

/** Messages begun with at once; in between, answers that came meanwhile are seen to, and whoever else waits for this process. */
const AT_ONCE = 50;
/** A full batch that is done sooner is followed by a larger one; one that takes longer by as small a one as at first. */
const QUICK_MS = 1000;

/** A message that was taken off the queue, as it was read with it; null: it is gone. */
export interface Taken {
  readonly messageId: string;
  readonly job: Job | null;
}

/** Messages that were taken off the queue together, and are in hand until all of them are done. */
export interface Batch {
  readonly id: number;
  readonly messages: readonly Taken[];
}

export interface FetcherOptions {
  /** The next due messages of a queue, at most so many, in hand from now on; null: there are none. */
  readonly take: (queue: string, max: number) => Promise<Batch | null>;
  /** The batch is done with; those named are to be tried again, later or at once. */
  readonly end: (batchId: number, again: readonly string[], when: 'later' | 'at once') => Promise<void>;
  readonly queue: string;
  /** The first batch, and the largest: each is twice the one before while it goes quickly. */
  readonly batchSize: { readonly first: number; readonly most: number };
  /** Between two looks at an empty queue; by the real clock, as the database says by its own when a job is due. */
  readonly pollMs: number;
  /** Rejects only for what nobody expected; the message is then tried again later. */
  readonly handle: (taken: Taken) => Promise<void>;
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
 * Takes messages off a queue, a batch at a time, until it is stopped. A job leaves the queue when it is taken, as part of a batch: what
 * became of a message stands with the message. That is why it does not use the library's own worker, which marks each job and
 * completes it, writing it to every index twice more.
 */
export function startFetcher(options: FetcherOptions): Fetcher {
  const { take, end, queue, batchSize, pollMs, handle, onFull, onError } = options;
  let stopped = false;
  let woken = false;
  let idle = false;
  let size = batchSize.first;
  let wakeUp = () => {};
  /** Of the batch in hand, by its id: what is not done, or failed. */
  const inHand = new Map<number, Set<string>>();
  /** Of the batch before. */
  let ending: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      const full = await takeBatch().catch((error: unknown) => {
        onError(error);
        return false;
      });
      if (!full && !woken && !stopped) await pause();
    }
    await ending;
  }

  /** @returns whether it was as large as could be */
  async function takeBatch(): Promise<boolean> {
    const batch = await take(queue, size);
    if (batch === null) return false;
    const { id, messages } = batch;
    const full = messages.length === size;
    if (full) onFull();
    const since = performance.now();
    const left = new Set(messages.map(({ messageId }) => messageId));
    inHand.set(id, left);
    const underWay: Promise<void>[] = [];
    for (const [index, taken] of messages.entries()) {
      if (index > 0 && index % AT_ONCE === 0) await turn();
      underWay.push(doOne(taken, left));
    }
    await Promise.all(underWay);
    // The next batch is fetched meanwhile: what is done is nobody's until its time is over.
    await ending;
    if (inHand.delete(id)) ending = end(id, [...left], 'later').catch(onError);
    if (performance.now() - since > QUICK_MS) size = batchSize.first;
    else if (full) size = Math.min(size * 2, batchSize.most);
    return full;
  }

  async function doOne(taken: Taken, left: Set<string>): Promise<void> {
    try {
      await handle(taken);
      left.delete(taken.messageId);
    } catch (error) {
      onError(error);
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
      const given = [...inHand];
      inHand.clear();
      for (const [id, left] of given) await end(id, [...left], 'at once');
    },
  };
}
