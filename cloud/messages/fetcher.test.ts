import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { eventually } from '../../test/fixtures/gateway.ts';
import { createBody, redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { startFetcher } from './fetcher.ts';
import { createMessageQueue, type MessageQueue, QUEUE } from './queue.ts';

describeOnBothEngines('fetchers of the message queue', (getEngine) => {
  let queues: MessageQueue[] = [];
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
    queues = [];
    await sql`delete from pgboss.job_common`.execute(getEngine().kysely);
    await sql`delete from message_batches`.execute(getEngine().kysely);
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
      tries: number;
    }>`select state::text, retry_count as tries from pgboss.job_common`.execute(getEngine().kysely);
    return rows;
  };
  const batches = () => getEngine().script('select messages, tries from message_batches order by id');
  const isEmpty = async () => (await jobs()).length === 0 && (await batches()).length === 0;

  it('hand out each message once, and leave nothing of it behind', async () => {
    const queue = await open();
    const seen: string[] = [];
    await queue.work(async ({ messageId }) => void seen.push(messageId));
    // More than two batches: the next fetcher is woken by a full one.
    const ids = await add(250);
    queue.wake();
    await eventually(async () => seen.length === 250 && (await isEmpty()), 'all of them');
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('hand out each message as it stands, the newest code with it, and of one that is gone nothing', async () => {
    const engine = getEngine();
    const { kysely } = engine;
    const world = redemptionWorld(engine, systemEffects.clock);
    const storeId = await world.addStore();
    const { tillId } = await world.addTill(storeId);
    const customer = await world.addCustomer(storeId, { deposit: 5_000 });
    const till = { tillId, storeId };
    const { redemption } = await world.service.create(till, randomUUID(), createBody(customer.id, 1_000));
    const { id } = redemption;
    const code = await kysely
      .selectFrom('codes')
      .select(['nonce', 'expires_at'])
      .where('redemption_id', '=', id)
      .executeTakeFirstOrThrow();
    const ids = [randomUUID(), randomUUID()];
    await sql`insert into messages (id, store_id, till_id, redemption_id, serial, kind, channel, recipient_sealed, language,
        state, attempts, created_at, expires_at, updated_at)
      select x.id, ${storeId}::uuid, ${tillId}::uuid, ${id}::uuid, x.serial, 'code', 'whatsapp', 'v1.x', 'tr', 'queued', 2, 0,
        ${code.expires_at}::bigint, 0
      from unnest(${ids}::uuid[]) with ordinality as x (id, serial)`.execute(kysely);
    const queue = await open();
    const [gone = ''] = await add(1);
    await sql`select queue_job(${QUEUE}, 'code', x, 0) from unnest(${ids}::uuid[]) as x`.execute(kysely);
    const seen = new Map<string, unknown>();
    await queue.work(async ({ messageId, job }) => void seen.set(messageId, job));
    queue.wake();
    await eventually(async () => seen.size === 3 && (await isEmpty()), 'all of them');
    expect(seen.get(gone)).toBeNull();
    const common = {
      ...{ kind: 'code', channel: 'whatsapp', state: 'queued', attempts: 2, language: 'tr', content: null },
      ...{ expires_at: code.expires_at, recipient_sealed: 'v1.x', redemption_id: id, approval_id: null },
      ...{
        approval_ref: null,
        login_id: null,
        template_only: null,
        store_language: 'id',
        account: 'default',
      },
    };
    const newest = { code_nonce: code.nonce, code_digits: 6, code_expires_at: code.expires_at };
    expect(seen.get(ids[0] ?? '')).toMatchObject({ ...common, id: ids[0], serial: 1, ...newest });
    const none = { code_nonce: null, code_digits: null, code_expires_at: null };
    expect(seen.get(ids[1] ?? '')).toMatchObject({ ...common, id: ids[1], serial: 2, ...none });
  });

  it('leave alone what is not due yet', async () => {
    const queue = await open();
    const later = randomUUID();
    await sql`select queue_job(${QUEUE}, 'code', ${later}::uuid, 3600)`.execute(getEngine().kysely);
    const seen: string[] = [];
    const [due] = await add(1);
    await queue.work(async ({ messageId }) => void seen.push(messageId));
    queue.wake();
    await eventually(async () => seen.length > 0 && (await batches()).length === 0, 'the one that is due');
    expect([seen, await jobs()]).toEqual([[due], [{ state: 'created', tries: 0 }]]);
  });

  it('try again what failed, later, and nothing else of its batch', async () => {
    const errors: unknown[] = [];
    const queue = await open((error) => errors.push(error));
    const [good, bad] = await add(2);
    const seen: string[] = [];
    await queue.work(async ({ messageId }) => {
      seen.push(messageId);
      if (messageId === bad && errors.length === 0) throw new TypeError('for once');
    });
    await eventually(async () => (await jobs()).length === 1, 'the first try');
    expect([await jobs(), await batches()]).toEqual([[{ state: 'created', tries: 1 }], []]);
    expect(seen.toSorted()).toEqual([good, bad].toSorted());
    expect(errors).toHaveLength(1);
    await eventually(async () => seen.length === 3 && (await isEmpty()), 'the second try');
    expect(seen[2]).toBe(bad);
  }, 20_000);

  it('try again so often, and then no more', async () => {
    const { kysely } = getEngine();
    await open();
    const [id] = await add(1);
    const tries: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await sql`update pgboss.job_common set start_after = now()`.execute(kysely);
      const { rows } = await sql<{ batch: number }>`select * from take_messages(${QUEUE}, 10, 30)`.execute(
        kysely,
      );
      for (const { batch } of rows) {
        tries.push(round);
        await sql`select end_message_batch(${batch}, ${[id]}::uuid[], false)`.execute(kysely);
      }
    }
    // Once, and five times more.
    expect(tries).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await isEmpty()).toBe(true);
  });

  it('take over what a process had in hand that died, and what that one says too late is nothing', async () => {
    const { kysely } = getEngine();
    const queue = await open();
    const ids = await add(2);
    const take = async () =>
      (
        await sql<{ batch: number; id: string }>`select * from take_messages(${QUEUE}, 10, 30)`.execute(
          kysely,
        )
      ).rows;
    const [first] = await take();
    expect(await take()).toEqual([]);
    await sql`update message_batches set until = now() - interval '1 second'`.execute(kysely);
    const again = await take();
    expect(again.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(again[0]?.batch).not.toBe(first?.batch);
    await sql`select end_message_batch(${first?.batch}::bigint, ${ids}::uuid[], true)`.execute(kysely);
    expect([await jobs(), await batches()]).toEqual([
      [],
      [{ messages: again.map((it) => it.id), tries: [1, 1] }],
    ]);
    await sql`update message_batches set until = now() - interval '1 second'`.execute(kysely);
    const seen: string[] = [];
    await queue.work(async ({ messageId }) => void seen.push(messageId));
    await eventually(async () => seen.length === 2 && (await isEmpty()), 'the third');
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('give up, when stopped, what takes too long: another takes it at once', async () => {
    const queue = await open();
    const [id, quick] = await add(2);
    let held = () => {};
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    let begun = false;
    await queue.work(async ({ messageId }) => {
      begun = true;
      if (messageId === id) await holding;
    });
    queue.wake();
    await eventually(async () => begun, 'its beginning');
    await queue.stop();
    queues = [];
    expect([await jobs(), await batches()]).toEqual([[{ state: 'created', tries: 1 }], []]);
    const seen: string[] = [];
    await (await open()).work(async ({ messageId }) => void seen.push(messageId));
    await eventually(async () => seen.length === 1, 'the other');
    expect([seen, seen.includes(quick ?? '')]).toEqual([[id], false]);
    // The late end of the first is nothing to the second's.
    held();
    await eventually(isEmpty, 'the end');
  }, 30_000);
});

let batchId = 0;
function batchOf(messageIds: readonly string[] | undefined) {
  batchId += 1;
  const messages = messageIds?.map((messageId) => ({ messageId, job: null }));
  return messages === undefined ? null : { id: batchId, messages };
}

it('a fetcher that is woken while at work looks again before it rests', async () => {
  const never = 2 ** 30;
  const waiting: string[][] = [['a'], ['b']];
  const seen: string[] = [];
  const fetcher = startFetcher({
    take: async () => batchOf(waiting.shift()),
    end: async () => {},
    ...{ queue: 'q', batchSize: { first: 10, most: 10 }, pollMs: never, onFull: () => {} },
    async handle({ messageId }) {
      seen.push(messageId);
      if (messageId === 'a') fetcher.wake();
    },
    onError(error) {
      throw error;
    },
  });
  await eventually(async () => fetcher.idle, 'its rest');
  expect(seen).toEqual(['a', 'b']);
  await fetcher.stop(never);
});

it('a fetcher takes larger and larger batches while they go quickly, and a small one after one that was slow', async () => {
  const sizes: number[] = [];
  let slow = false;
  const fetcher = startFetcher({
    async take(_queue, max) {
      sizes.push(max);
      if (sizes.length === 5) slow = true;
      const ids = Array.from({ length: sizes.length > 6 ? 0 : max }, (_, index) => String(index));
      return batchOf(ids.length === 0 ? undefined : ids);
    },
    end: async () => {},
    ...{ queue: 'q', batchSize: { first: 2, most: 8 }, pollMs: 2 ** 30, onFull: () => {} },
    async handle({ messageId }) {
      if (slow && messageId === '0') await new Promise((resolve) => setTimeout(resolve, 1100));
      if (messageId === '0') slow = false;
    },
    onError(error) {
      throw error;
    },
  });
  await eventually(async () => fetcher.idle, 'its rest');
  expect(sizes).toEqual([2, 4, 8, 8, 8, 2, 4]);
  await fetcher.stop(2 ** 30);
}, 10_000);

it('a fetcher begins with some of a batch at once, and lets others have their turn before the rest', async () => {
  let begun = 0;
  const beginnings: number[] = [];
  const ids = Array.from({ length: 120 }, (_, index) => String(index));
  const batches = [ids];
  const fetcher = startFetcher({
    take: async () => batchOf(batches.shift()),
    end: async () => {},
    ...{ queue: 'q', batchSize: { first: 120, most: 120 }, pollMs: 2 ** 30, onFull: () => {} },
    async handle() {
      // What somebody else sees who has his turn as soon as the first of these was begun with.
      if (begun % 50 === 0) setImmediate(() => beginnings.push(begun));
      begun += 1;
    },
    onError(error) {
      throw error;
    },
  });
  await eventually(async () => begun === 120, 'all of them');
  expect(beginnings).toEqual([50, 100, 120]);
  await fetcher.stop(2 ** 30);
});

it('a fetcher takes the next batch while the one before is struck off, and stops when both are', async () => {
  const waiting = [['a'], ['b']];
  const seen: string[] = [];
  /** Of each batch, once it is asked for. */
  const strike: (() => void)[] = [];
  const fetcher = startFetcher({
    take: async () => batchOf(waiting.shift()),
    end: () => new Promise((resolve) => strike.push(resolve)),
    ...{ queue: 'q', batchSize: { first: 1, most: 1 }, pollMs: 2 ** 30, onFull: () => {} },
    handle: async ({ messageId }) => void seen.push(messageId),
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
