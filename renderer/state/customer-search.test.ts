import { describe, expect, it } from 'vitest';
import type { BridgeResult } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { CustomerSearch, DEBOUNCE_MS, isSearchable, type Search } from './customer-search.ts';

const NOBODY = { customers: [], ageMs: null };

function set() {
  const clock = new FakeClock();
  const shown: Search[] = [];
  const asked: { q: string; answer(result: BridgeResult<'customers.search'>): void }[] = [];
  const search = new CustomerSearch({
    schedule: (ms, fn) => clock.schedule(ms, fn),
    call: (q) => new Promise((answer) => asked.push({ q, answer })),
    show: (now) => shown.push(now),
  });
  return { clock, shown, asked, search };
}

describe('the search for a customer', () => {
  it('goes out once typing has rested, for the last text only', async () => {
    const { clock, asked, search } = set();
    search.type('sit');
    await clock.advance(DEBOUNCE_MS - 1);
    search.type('siti');
    await clock.advance(DEBOUNCE_MS - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked.map(({ q }) => q)).toEqual(['siti']);
  });

  it('answers a scanner whose search takes longer than the rest', async () => {
    const { clock, asked, shown, search } = set();
    search.type('M-1177');
    const found = search.now('M-1177');
    await clock.advance(DEBOUNCE_MS * 3);
    expect(asked).toHaveLength(1);
    asked[0]?.answer({ ok: true, value: NOBODY });
    expect(await found).toBe(NOBODY);
    expect(shown.at(-1)).toEqual({ state: 'found', query: 'M-1177', found: NOBODY });
  });

  it('does not ask again after the rest, when Enter asked before its end', async () => {
    const { clock, asked, search } = set();
    search.type('siti');
    void search.now('siti');
    asked[0]?.answer({ ok: true, value: NOBODY });
    await clock.advance(DEBOUNCE_MS);
    expect(asked).toHaveLength(1);
  });

  it('lets Enter wait for the search that is out already', async () => {
    const { clock, asked, search } = set();
    search.type('M-1177');
    await clock.advance(DEBOUNCE_MS);
    const found = search.now('M-1177');
    expect(asked).toHaveLength(1);
    asked[0]?.answer({ ok: true, value: NOBODY });
    expect(await found).toBe(NOBODY);
  });

  it('does not answer for a text that is no longer there', async () => {
    const { clock, asked, shown, search } = set();
    const first = search.now('M-1177');
    search.type('');
    asked[0]?.answer({ ok: true, value: NOBODY });
    expect(await first).toBeNull();
    search.type('siti');
    search.stop();
    await clock.advance(DEBOUNCE_MS * 2);
    expect(asked).toHaveLength(1);
    expect(shown.map(({ state }) => state)).toEqual(['searching', 'idle']);
  });

  it('says a failure, and asks anew at the next Enter', async () => {
    const { asked, shown, search } = set();
    const first = search.now('siti');
    const error = new SaksiError('gateway_unreachable').toWire();
    asked[0]?.answer({ ok: false, error });
    expect(await first).toBeNull();
    expect(shown.at(-1)).toEqual({ state: 'failed', query: 'siti', error });
    void search.now('siti');
    expect(asked).toHaveLength(2);
  });
});

it.each([
  ['ab', false],
  ['abc', true],
  [' 7 ', false],
  ['78', true],
])('%o is long enough: %s', (text, enough) => {
  expect(isSearchable(text)).toBe(enough);
});
