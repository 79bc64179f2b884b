import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { FakeClock, settle } from '../../test/fixtures/fake-clock.ts';
import { eventually, startTestGateway, type TestGateway } from '../../test/fixtures/gateway.ts';
import { createTillEvents } from './append.ts';
import { createStreams, type Sink } from './streams.ts';

/** Events that whoever wakes a stream has in hand. */
let gw: TestGateway;
beforeAll(async () => {
  gw = await startTestGateway();
});
afterAll(() => gw.close());

async function openStream() {
  const clock = new FakeClock();
  const { engine } = gw.gateway.services;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const events = createTillEvents({ engine, effects: systemEffects, onError });
  const waitingByStore = async () => new Map<string, number>();
  const walletCursors = async () => new Map<string, number>();
  const streams = createStreams({ engine, clock, events, waitingByStore, walletCursors, onError });
  await streams.start();
  const till = await gw.pair();
  const { tillId } = till;
  const { keyHash, storeId } = await gw.gateway.services.tills.authenticate(till.key);
  const ids: number[] = [];
  const waiting: (() => void)[] = [];
  const state = { ready: true };
  const sink: Sink = {
    write(text) {
      const id = /^id: (\d+)/.exec(text)?.[1];
      if (id !== undefined) ids.push(Number(id));
      return state.ready;
    },
    drained: (onDrained) => void waiting.push(onDrained),
    end: () => {},
  };
  await streams.open({ tillId, storeId, keyHash }, null, sink);
  await settle();
  const append = () =>
    engine.kysely.transaction().execute((trx) => events.append(trx, tillId, { type: 'till.changed' }));
  const handOver = (seq: number) => {
    const event = { type: 'till.changed' } as const;
    events.committed([tillId], { tillId, seq, event, keptAt: clock.now() });
  };
  const drain = () => {
    state.ready = true;
    for (const go of waiting.splice(0)) go();
  };
  /** Whatever was to be read is read: the stream looked once more and found no more than this. */
  const looked = async (count: number) => {
    await eventually(() => ids.length >= count, `${count} events`);
    events.committed([tillId]);
    await engine.kysely.selectFrom('tills').select('id').execute();
    await settle();
  };
  return { clock, streams, errors, ids, state, append, handOver, drain, looked };
}

it('the next one is written without being read', async () => {
  const { ids, handOver, streams, errors } = await openStream();
  // The database has neither: they can only come from what was handed over.
  handOver(1);
  await settle();
  handOver(2);
  await settle();
  expect([ids, errors]).toEqual([[1, 2], []]);
  await streams.stop();
});

it('one that leaves a gap is read in its turn, with what came before it', async () => {
  const { ids, append, handOver, looked, streams } = await openStream();
  await append();
  await append();
  handOver(2);
  await looked(2);
  expect(ids).toEqual([1, 2]);
  await streams.stop();
});

it('one that was written already is not written again', async () => {
  const { ids, append, handOver, looked, streams } = await openStream();
  await append();
  handOver(1);
  handOver(1);
  await looked(1);
  handOver(1);
  await append();
  handOver(1);
  await looked(2);
  expect(ids).toEqual([1, 2]);
  await streams.stop();
});

it('one that comes while the reader is full waits its turn, and is neither lost nor doubled', async () => {
  const { ids, state, append, handOver, drain, looked, streams } = await openStream();
  for (let count = 0; count < 3; count += 1) await append();
  state.ready = false;
  handOver(1);
  handOver(2);
  handOver(3);
  await settle();
  expect(ids).toEqual([1]);
  drain();
  await looked(3);
  expect(ids).toEqual([1, 2, 3]);
  await streams.stop();
});

it('a reader that does not take it within 5 s is cut', async () => {
  const { clock, state, handOver, streams } = await openStream();
  state.ready = false;
  handOver(1);
  await settle();
  expect(streams.size).toBe(1);
  await clock.advance(5_010);
  await eventually(() => streams.size === 0, 'the cut');
  await streams.stop();
});
