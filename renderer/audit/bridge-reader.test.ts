import { describe, expect, it } from 'vitest';
import type { BridgeInput } from '../../shared/bridge.ts';
import { type ErrorCode, SaksiError } from '../../shared/errors.ts';
import { FakeClock, settle } from '../../test/fixtures/fake-clock.ts';
import type { SaksiActions } from '../state/store.ts';
import { createBridgeReader } from './bridge-reader.ts';

/** A bridge whose answers are given one by one. */
function follow() {
  const clock = new FakeClock();
  const asked: (number | null)[] = [];
  const seen: string[] = [];
  let answer: (value: unknown) => void = () => {};
  const call = ((_method: string, { after }: BridgeInput<'audit.tail'>) => {
    asked.push(after);
    return new Promise((resolve) => {
      answer = resolve;
    });
  }) as unknown as SaksiActions['call'];
  const stop = createBridgeReader(call, clock).tail({}, 7, {
    events: (events) => seen.push(...events.map(({ id }) => `event ${id}`)),
    lost: (error) => seen.push(error?.code ?? 'follows'),
  });
  return {
    ...{ clock, asked, seen, stop },
    async says(events: number[], after: number) {
      answer({ ok: true, value: { events: events.map((id) => ({ id })), after } });
      await settle();
    },
    async refuses(code: ErrorCode) {
      answer({ ok: false, error: new SaksiError(code).toWire() });
      await settle();
    },
  };
}

describe('the record followed over the bridge', () => {
  it('goes on after what it was told, also where that was nothing', async () => {
    const { asked, seen, says } = follow();
    await says([8, 9], 9);
    await says([], 9);
    await says([12], 12);
    expect([asked, seen]).toEqual([
      [7, 9, 9, 12],
      ['event 8', 'event 9', 'event 12'],
    ]);
  });

  it('says that it lost the line, asks again after a while, and says that it follows again', async () => {
    const { clock, asked, seen, refuses, says } = follow();
    await says([8], 8);
    await refuses('gateway_unreachable');
    await clock.advance(2_900);
    expect(asked).toEqual([7, 8]);
    await clock.advance(200);
    await refuses('gateway_unreachable');
    await clock.advance(3_100);
    expect([asked, seen]).toEqual([
      [7, 8, 8, 8],
      ['event 8', 'gateway_unreachable', 'gateway_unreachable'],
    ]);
    // It waits for news now: nothing has to come for it to follow.
    await clock.advance(2_000);
    expect(seen.at(-1)).toBe('follows');
  });

  it('asks no more once it was stopped, or the proof is over', async () => {
    const stopped = follow();
    stopped.stop();
    await stopped.says([8], 8);
    await stopped.clock.advance(60_000);
    expect([stopped.asked, stopped.seen]).toEqual([[7], []]);
    const locked = follow();
    await locked.refuses('manager_proof_missing');
    await locked.clock.advance(60_000);
    expect([locked.asked, locked.seen]).toEqual([[7], ['manager_proof_missing']]);
  });
});
