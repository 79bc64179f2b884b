import { describe, expect, it, test } from 'vitest';
import { findingSchema } from '../../shared/findings.ts';
import { SIGNAL_IDS, type SignalId } from '../../shared/signal-policy.ts';
import { CASES } from '../../test/fixtures/signal-cases.ts';
import { CASHIERS, createSignalShop, GUILTY, signalFacts } from '../../test/fixtures/signal-shop.ts';
import { evaluate } from './evaluate.ts';

const look = (id: SignalId, add: (shop: ReturnType<typeof createSignalShop>) => void) => {
  const shop = createSignalShop();
  const before = shop.events.length;
  add(shop);
  return { findings: evaluate(id, shop.sorted(), signalFacts()), added: shop.events.slice(before) };
};

describe.each(SIGNAL_IDS)('%s', (id) => {
  const { guilty, innocent, person = GUILTY } = CASES[id];

  it('names who did it, with the figures and the events', () => {
    const { findings, added } = look(id, guilty);
    expect(findings.map((finding) => finding.person.id)).toEqual([person]);
    const [finding] = findings;
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(finding?.figures.count).toBeGreaterThan(finding?.figures.expected ?? 0);
    const ids = added.map((event) => event.id);
    const own = finding?.eventIds.filter((eventId) => ids.includes(eventId)) ?? [];
    expect(own.length).toBeGreaterThanOrEqual((finding?.eventIds.length ?? 0) / 2);
  });

  it('names nobody for what only looks like it', () => {
    const { findings, added } = look(id, innocent);
    expect(added.length).toBeGreaterThan(0);
    expect(findings.map(({ person: named, figures }) => ({ named, figures }))).toEqual([]);
  });
});

test('a store that does not want a signal has none', () => {
  const shop = createSignalShop();
  CASES.void_rate.guilty(shop);
  const facts = signalFacts();
  const [thresholds] = [...facts.stores.values()].map((store) => store.thresholds);
  if (thresholds === undefined) throw new Error('no store');
  const off = signalFacts({
    thresholds: { ...thresholds, void_rate: { ...thresholds.void_rate, on: false } },
  });
  expect(evaluate('void_rate', shop.sorted(), facts)).toHaveLength(1);
  expect(evaluate('void_rate', shop.sorted(), off)).toEqual([]);
});

test('the same events make the same bytes', () => {
  const shop = createSignalShop();
  const ids: SignalId[] = ['void_rate', 'same_pair', 'customer_many_tills'];
  for (const id of ids) CASES[id].guilty(shop);
  const all = () => JSON.stringify(ids.map((id) => evaluate(id, shop.sorted(), signalFacts())));
  expect(all()).toBe(all());
});

test('who is new makes more mistakes, and is compared with that', () => {
  const [shop, facts] = [createSignalShop(), signalFacts()];
  const voids = 7;
  for (const [n, cashier] of CASHIERS.entries()) {
    shop.approve(cashier, n, 10, 'void', { saleRef: `V${n}` });
    shop.approve(cashier, n, 11, 'void', { saleRef: `W${n}` });
  }
  for (let n = 0; n < voids; n += 1) shop.approve(GUILTY, n, 12, 'void', { saleRef: `X${n}` });
  const z = (since: number) => {
    const staffSince = new Map([...facts.staffSince, [GUILTY, since]]);
    const thresholds = {
      ...[...facts.stores.values()][0]?.thresholds,
      void_rate: { on: true, z: 0, count: 1, ratio: 1 },
    };
    const stores = new Map(
      [...facts.stores].map(([id, store]) => [id, { ...store, thresholds: thresholds as never }]),
    );
    return evaluate('void_rate', shop.sorted(), { stores, staffSince })[0]?.figures.z ?? 0;
  };
  expect(z(shop.at(0, 0))).toBeLessThan(z(0) - 0.5);
});
