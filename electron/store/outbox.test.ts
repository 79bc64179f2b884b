import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import type { OutboxItem } from './outbox-row.ts';
import { DATABASE_FILE, openStore, type Store } from './store.ts';

afterAll(removeTempFolders);

const DAY_MS = 86_400_000;
const why = new SaksiError('internal').toWire();

describe('the outbox', () => {
  let dir: string;
  let clock: FakeClock;
  let effects: { clock: FakeClock; random: ReturnType<typeof seededRandom> };
  let store: Store;

  beforeEach(() => {
    dir = tempFolder();
    clock = new FakeClock();
    effects = { clock, random: seededRandom(3) };
    store = openStore(dir, effects);
  });

  /** A cancellation for a customer; its stream is that customer's. @returns the gateway's id it is about */
  function add(customer: string): string {
    const gatewayId = createUuid(effects);
    store.journal.orphanCancelled(gatewayId, customer);
    return gatewayId;
  }
  const about = (items: readonly OutboxItem[]) =>
    items.map(({ message }) => ('gatewayId' in message ? message.gatewayId : null));
  const take = (max = 200) => store.outboxJournal.take(max);
  const putOff = (item: OutboxItem | undefined) => {
    if (item === undefined) throw new Error('nothing was taken');
    store.outboxJournal.answered([{ item, outcome: 'later', error: why, hold: true }]);
  };
  const inFile = (sql: string) => {
    const db = new Database(join(dir, DATABASE_FILE));
    db.exec(sql);
    db.close();
  };
  const restart = (meanwhile = () => {}) => {
    store.close();
    meanwhile();
    store = openStore(dir, effects);
  };

  it('gives a batch in the order in which it was filled, many streams and several of one', () => {
    const asked = [add('a'), add('b'), add('a'), add('c'), add('a')];
    expect(about(take(3))).toEqual(asked.slice(0, 3));
    // What is on the way is given to nobody else.
    expect(about(take())).toEqual(asked.slice(3));
    expect(take()).toEqual([]);
  });

  it('holds a stream whose first was put off, and no other', () => {
    const [first, , last] = [add('a'), add('b'), add('a')];
    const [head, other, behind] = take();
    store.outboxJournal.answered([
      { item: head as OutboxItem, outcome: 'later', error: why, hold: true },
      { item: other as OutboxItem, outcome: 'done' },
      { item: behind as OutboxItem, outcome: 'later', error: null, hold: false },
    ]);
    expect(take()).toEqual([]);
    const added = add('b');
    expect(about(take())).toEqual([added]);
    // Its pause over, the first goes alone; what is behind it when that has gone.
    store.outbox.hurry();
    const [again] = take();
    expect(about([again as OutboxItem])).toEqual([first]);
    store.outboxJournal.answered([{ item: again as OutboxItem, outcome: 'done' }]);
    expect(about(take())).toEqual([last]);
  });

  it('takes over what a killed till had on the way (odoo#125037: paid order lost on power cut)', () => {
    const asked = [add('a'), add('b')];
    expect(take()).toHaveLength(2);
    restart();
    const again = take();
    expect(about(again)).toEqual(asked);
    expect(new Set(again.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ['set back a month', -30 * DAY_MS],
    ['set on a month', 30 * DAY_MS],
  ])('keeps a pause over a restart, and a clock %s does not make it longer', (_, byMs) => {
    add('a');
    putOff(take()[0]);
    const before = store.outbox.nextInMs() ?? 0;
    expect(before).toBeGreaterThan(0);
    clock.setWall(clock.now() + byMs);
    restart();
    const left = store.outbox.nextInMs() ?? Number.NaN;
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThanOrEqual(before);
  });

  it('forgets a pause whose item was lost with a damaged file', () => {
    add('a');
    putOff(take()[0]);
    restart(() => inFile("DELETE FROM outbox WHERE state = 'pending'"));
    expect(store.outbox.nextInMs()).toBeNull();
    expect(about(take())).toEqual([]);
    const next = add('a');
    expect(about(take())).toEqual([next]);
  });

  it('makes the pauses of one item longer, up to half a minute', () => {
    add('a');
    const pauses: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      putOff(take()[0]);
      pauses.push(store.outbox.nextInMs() ?? 0);
      store.outbox.hurry();
    }
    expect(Math.max(...pauses.slice(0, 2))).toBeLessThanOrEqual(2_000);
    expect(Math.max(...pauses)).toBeGreaterThan(15_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
    expect(store.outbox.counts()).toEqual({ pending: 1, attention: 1 });
  });

  it('sends one that fails again and again by itself, by turns with the rest', () => {
    const stubborn = add('a');
    for (let n = 0; n < 3; n += 1) {
      putOff(take()[0]);
      store.outbox.hurry();
    }
    const fresh = [add('b'), add('c')];
    expect(about(take())).toEqual([stubborn]);
    expect(about(take())).toEqual(fresh);
  });

  it('counts right after a transaction that was rolled back', () => {
    add('a');
    expect(store.outbox.counts()).toEqual({ pending: 1, attention: 0 });
    const [item] = take();
    const twice = { item: item as OutboxItem, outcome: 'done' } as const;
    const unknown = { ...(item as OutboxItem), redemptionId: createUuid(effects) };
    // The second names a redemption that does not exist: neither is kept.
    const second = add('b');
    const [other] = take();
    expect(() =>
      store.outboxJournal.answered([
        twice,
        { item: { ...(other as OutboxItem), redemptionId: unknown.redemptionId }, outcome: 'done' },
      ]),
    ).toThrow();
    expect(store.outbox.counts()).toEqual({ pending: 2, attention: 0 });
    restart();
    expect(about(take())).toContain(second);
  });

  it('puts a refused one back at its place with its key', () => {
    const [first, second] = [add('a'), add('a')];
    const [item, next] = take();
    store.outboxJournal.answered([
      { item: item as OutboxItem, outcome: 'refused', error: why },
      { item: next as OutboxItem, outcome: 'later', error: null, hold: false },
    ]);
    expect(store.outbox.counts()).toEqual({ pending: 1, attention: 1 });
    const found = store.outbox.find((item as OutboxItem).id) as OutboxItem;
    store.outboxJournal.retried(found, createUuid(effects));
    const again = take();
    expect(about(again)).toEqual([first, second]);
    expect(again[0]?.id).toBe((item as OutboxItem).id);
  });

  it('asks a person once about what the gateway holds and this till does not know', () => {
    const gatewayId = createUuid(effects);
    store.journal.stranded(gatewayId, why);
    store.journal.stranded(gatewayId, why);
    const [item, ...rest] = store.outbox.refused(10);
    expect(rest).toEqual([]);
    const staffId = createUuid(effects);
    const word = { reason: 'redemption_unknown', note: 'was paid', staffId, item: '{}' };
    store.outboxJournal.handedOver(item as OutboxItem, {
      kind: 'handed_over',
      about: (item as OutboxItem).id,
      ...word,
    });
    store.journal.stranded(gatewayId, why);
    expect(store.outbox.refused(10)).toEqual([]);
    expect(take().map(({ message }) => message.kind)).toEqual(['handed_over']);
  });

  it('finds room again at the place of one that has gone', () => {
    for (let n = 0; n < 5; n += 1) {
      const gatewayId = add('a');
      const [item] = take();
      expect(about([item as OutboxItem])).toEqual([gatewayId]);
      store.outboxJournal.answered([{ item: item as OutboxItem, outcome: 'done' }]);
    }
    expect(store.outbox.counts()).toEqual({ pending: 0, attention: 0 });
  });
});
