import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { eventually } from '../../test/fixtures/gateway.ts';
import { startFetcher } from './fetcher.ts';
import { createMessageQueue, type MessageQueue, QUEUE } from './queue.ts';

describeOnBothEngines('fetchers of the message queue', (getEngine) => {
  let queues: MessageQueue[] = [];
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
    queues = [];
    await sql`delete from pgboss.job_common`.execute(getEngine().kysely);
  });

  async function open(onError: (error: unknown) => void = () => {}): Promise<MessageQueue> {
    const queue = createMessageQueue(getEngine(), onError);
    queues.push(queue);
    await queue.start();
    return queue;
  }
  async function add(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await sql`select queue_job(${QUEUE}, 'code', x, 0) from unnest(${ids}::uuid[]) as x`.execute(
      getEngine().kysely,
    );
    return ids;
  }
  const jobs = async () => {
    const { rows } = await sql<{
      state: string;
      output: object | null;
    }>`select state::text, output from pgboss.job_common`.execute(getEngine().kysely);
    return rows;
  };

  it('hand out each message once, and leave nothing of it behind', async () => {
    const queue = await open();
    const seen: string[] = [];
    await queue.work(async (id) => void seen.push(id));
    // More than two batches: the next fetcher is woken by a full one.
    const ids = await add(250);
    queue.wake();
    await eventually(async () => seen.length === 250 && (await jobs()).length === 0, 'all of them');
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('leave alone what is not due yet', async () => {
    const queue = await open();
    const later = randomUUID();
    await sql`select queue_job(${QUEUE}, 'code', ${later}::uuid, 3600)`.execute(getEngine().kysely);
    const seen: string[] = [];
    const [due] = await add(1);
    await queue.work(async (id) => void seen.push(id));
    queue.wake();
    await eventually(async () => seen.length > 0 && (await jobs()).length === 1, 'the one that is due');
    expect([seen, await jobs()]).toEqual([[due], [{ state: 'created', output: null }]]);
  });

  it('try again what failed, and keep the name of its error alone', async () => {
    const errors: unknown[] = [];
    const queue = await open((error) => errors.push(error));
    const [good, bad] = await add(2);
    let tries = 0;
    await queue.work(async (id) => {
      if (id === good) return;
      tries += 1;
      if (tries === 1) throw new TypeError('quotes what it was about');
    });
    await eventually(async () => tries === 1 && (await jobs()).length === 1, 'the first try');
    expect(await jobs()).toEqual([{ state: 'retry', output: { error: 'TypeError' } }]);
    expect(errors).toHaveLength(1);
    await eventually(async () => tries === 2 && (await jobs()).length === 0, 'the second try');
    expect(bad).toBeDefined();
  }, 20_000);

  it('give up, when stopped, what takes too long: another takes it at once', async () => {
    const queue = await open();
    const [id] = await add(1);
    let held = () => {};
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    let begun = false;
    await queue.work(async () => {
      begun = true;
      await holding;
    });
    queue.wake();
    await eventually(async () => begun, 'its beginning');
    await queue.stop();
    queues = [];
    expect(await jobs()).toEqual([{ state: 'retry', output: { error: 'stopped' } }]);
    const seen: string[] = [];
    await (await open()).work(async (one) => void seen.push(one));
    await eventually(async () => seen.length === 1, 'the other');
    expect(seen).toEqual([id]);
    // The late end of the first is nothing to the second's.
    held();
    await eventually(async () => (await jobs()).length === 0, 'the end');
  }, 30_000);
});

it('a fetcher that is woken while at work looks again before it rests', async () => {
  const never = 2 ** 30;
  const waiting: string[][] = [['a'], ['b']];
  const seen: string[] = [];
  const fetcher = startFetcher({
    take: async () => (waiting.shift() ?? []).map((id) => ({ id, retryCount: 0, data: {} })),
    boss: {
      deleteJob: async () => ({}) as never,
      fail: async () => ({}) as never,
    },
    ...{ queue: 'q', batchSize: 10, pollMs: never, onFull: () => {} },
    async handle({ id }) {
      seen.push(id);
      if (id === 'a') fetcher.wake();
    },
    onError(error) {
      throw error;
    },
  });
  await eventually(async () => fetcher.idle, 'its rest');
  expect(seen).toEqual(['a', 'b']);
  await fetcher.stop(never);
});

it('a fetcher takes the next batch while the one before is struck off, and stops when both are', async () => {
  const waiting = [['a'], ['b']];
  const seen: string[] = [];
  /** Of each batch, once it is asked for. */
  const strike: (() => void)[] = [];
  const fetcher = startFetcher({
    take: async () => (waiting.shift() ?? []).map((id) => ({ id, retryCount: 0, data: {} })),
    boss: {
      deleteJob: () => new Promise((resolve) => strike.push(() => resolve({} as never))),
      fail: async () => ({}) as never,
    },
    ...{ queue: 'q', batchSize: 1, pollMs: 2 ** 30, onFull: () => {} },
    handle: async ({ id }) => void seen.push(id),
    onError(error) {
      throw error;
    },
  });
  await eventually(async () => seen.length === 2, 'the second');
  let isStopped = false;
  const stopped = fetcher.stop(2 ** 30).then(() => {
    isStopped = true;
  });
  for (const batch of [0, 1]) {
    await eventually(async () => strike.length === batch + 1, 'the striking off');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isStopped).toBe(false);
    strike[batch]?.();
  }
  await stopped;
});
