import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { FakeClock, settle } from '../../test/fixtures/fake-clock.ts';
import { eventually, startTestGateway, type TestGateway } from '../../test/fixtures/gateway.ts';
import { createTillEvents } from './append.ts';
import { createStreams, type Sink } from './streams.ts';

let gw: TestGateway;
beforeAll(async () => {
  gw = await startTestGateway();
});
afterAll(() => gw.close());

/** A reader that takes `room` writes and then no more until `drain`. */
function stuckSink(room: number) {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const state = { ended: false, left: room };
  const sink: Sink = {
    write(text) {
      written.push(text);
      state.left -= 1;
      return state.left > 0;
    },
    drained: (onDrained) => void waiting.push(onDrained),
    end: () => {
      state.ended = true;
    },
  };
  const drain = (more: number) => {
    state.left = more;
    for (const go of waiting.splice(0)) go();
  };
  return { sink, written, state, drain };
}

async function openStream(room: number) {
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
  for (let count = 0; count < 20; count += 1) {
    await engine.kysely
      .transaction()
      .execute((trx) => events.append(trx, till.tillId, { type: 'till.changed' }));
  }
  const reader = stuckSink(room);
  const { keyHash, storeId } = await gw.gateway.services.tills.authenticate(till.key);
  await streams.open({ tillId: till.tillId, storeId, keyHash }, 0, reader.sink);
  return { clock, streams, reader, errors };
}

const events = (written: readonly string[]) => written.filter((text) => text.startsWith('id: ')).length;

it('writes no further than a reader takes, and goes on when it does', async () => {
  const { reader, streams, errors } = await openStream(6);
  await eventually(() => reader.written.length >= 6, 'the first events');
  await settle();
  expect(events(reader.written)).toBe(5);
  reader.drain(100);
  await eventually(() => events(reader.written) === 20, 'the rest');
  expect(reader.state.ended).toBe(false);
  await streams.stop();
  expect([reader.state.ended, streams.size, errors]).toEqual([true, 0, []]);
});

it('cuts a reader that takes nothing for 5 s', async () => {
  const { clock, reader, streams } = await openStream(6);
  await eventually(() => events(reader.written) === 5, 'the first events');
  await settle();
  await clock.advance(4_990);
  expect(reader.state.ended).toBe(false);
  await clock.advance(20);
  await eventually(() => reader.state.ended, 'the cut');
  expect([events(reader.written), streams.size]).toEqual([5, 0]);
  await streams.stop();
});

it('cuts an idle reader too, which takes not even a beat', async () => {
  const { clock, reader, streams } = await openStream(22);
  await eventually(() => events(reader.written) === 20, 'all events');
  await settle();
  await clock.advance(1_000);
  await eventually(() => reader.written.length === 22, 'the beat that fills it');
  expect(reader.state.ended).toBe(false);
  await clock.advance(6_000);
  await eventually(() => reader.state.ended, 'the cut');
  await streams.stop();
});
