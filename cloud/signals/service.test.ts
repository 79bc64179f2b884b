import { beforeAll, expect, it } from 'vitest';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { type Effects, systemRandom } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';
import { DAY_MS, FIRST_DAY } from '../../test/made-year/chain.ts';
import { makeYear } from '../../test/made-year/year.ts';
import { createSignals, type Signals } from './service.ts';

/** Two outlets for five weeks, in which somebody voids far too much. */
const year = makeYear({ outlets: 2, days: 28, seed: 7, perKind: 1 });
const events = [...year.play()].flatMap((day) => day.events);
const [outlet] = year.chain.outlets;
const storeIds = year.chain.outlets.map(({ id }) => id);

describeOnBothEngines('signals of a chain', (getEngine) => {
  const clock = standingClock();
  const effects: Effects = { clock, random: systemRandom };
  /** What the gateway has heard so far. */
  let heard: AuditEvent[] = [];
  let reads: { from: number; to: number }[] = [];
  async function* read(from: number, to: number, storeId: string) {
    reads.push({ from, to });
    for (const event of heard)
      if (event.storeId === storeId && event.at >= from && event.at < to) yield event;
  }
  let signals: Signals;
  let other: Signals;
  const db = () => getEngine().kysely;
  const rows = () => db().selectFrom('signal_findings').selectAll().orderBy('id').execute();
  const until = (day: number) => {
    clock.advance(Math.round((FIRST_DAY + day) * DAY_MS) - clock.now());
    heard = events.filter(({ at }) => at < clock.now());
  };
  let staffId = '';

  beforeAll(async () => {
    signals = createSignals({ engine: getEngine(), effects, events: read });
    other = createSignals({ engine: getEngine(), effects, events: read });
    const hours = Array.from({ length: 7 }, (_, day) => ({ day, from: 540, to: 1320 }));
    const open = policyWith(({ approvals }) => approvals.hours.days.push(...hours));
    const policy = JSON.stringify(open);
    for (const { id, timezone, cashiers } of year.chain.outlets) {
      const place = { address: '', footer: '', country: 'ID', currency: 'IDR', language: 'id' } as const;
      await db()
        .insertInto('stores')
        .values({ ...place, id, name: id, timezone, policy, policy_version: 1, created_at: 0, chain: 'made' })
        .execute();
      for (const cashier of cashiers) {
        const pin = JSON.stringify({});
        await db()
          .insertInto('staff')
          .values({ id: cashier.id, store_id: id, name: 'Somebody', role: 'cashier', pin, created_at: 0 })
          .execute();
        staffId = cashier.id;
      }
    }
  });

  it('reads what was before, and finds what was planted', async () => {
    until(20);
    expect(await signals.run()).toBeGreaterThan(5);
    const found = await rows();
    const planted = year.frauds.filter(({ signal, personId }) =>
      found.some((row) => row.signal === signal && row.person_id === personId),
    );
    expect(planted.length).toBeGreaterThan(5);
    const days = await db().selectFrom('signal_days').select('day').execute();
    expect(days).toHaveLength(20 * storeIds.length);
  });

  it('keeps nothing twice, whoever looks how often', async () => {
    const before = await rows();
    expect(await Promise.all([signals.run(), other.run(), signals.run()])).toEqual([0, 0, 0]);
    expect(await rows()).toEqual(before);
  });

  it('reads only the present day again, with what it looks back to', async () => {
    reads = [];
    until(20.5);
    await signals.run();
    expect(reads).toHaveLength(storeIds.length);
    expect(Math.min(...reads.map(({ from }) => from))).toBeGreaterThan((FIRST_DAY + 20 - 4) * DAY_MS);
  });

  it('tells of what grew as another revision, and finds the same as if it had looked once', async () => {
    for (let day = 21; day <= 25; day += 1) {
      until(day);
      await signals.run();
    }
    const grown = (await rows()).filter(({ revision }) => revision > 1);
    expect(grown.length).toBeGreaterThan(0);
    const daily = await db()
      .selectFrom('signal_days')
      .select(['store_id', 'day', 'record'])
      .orderBy('day')
      .orderBy('store_id')
      .execute();
    await db().deleteFrom('signal_days').execute();
    await db().deleteFrom('signal_runs').execute();
    await signals.run();
    const atOnce = await db()
      .selectFrom('signal_days')
      .select(['store_id', 'day', 'record'])
      .orderBy('day')
      .orderBy('store_id')
      .execute();
    expect(atOnce).toEqual(daily);
  });

  it('counts what a till told days later', async () => {
    until(25.9);
    const late = heard.filter(
      ({ storeId, at }) => storeId === outlet?.id && at > (FIRST_DAY + 25.1) * DAY_MS,
    );
    heard = heard.filter((event) => !late.includes(event));
    await signals.run();
    const dayOf = () =>
      db()
        .selectFrom('signal_days')
        .select('record')
        .where('store_id', '=', outlet?.id ?? '')
        .where('day', '=', FIRST_DAY + 25)
        .execute();
    const without = await dayOf();
    until(27);
    await signals.run();
    expect(JSON.stringify(await dayOf()).length).toBeGreaterThan(JSON.stringify(without).length + 1000);
  });

  it('lists each finding at its newest revision, page by page', async () => {
    const all = await signals.list({ storeId: storeIds[0] ?? '', limit: 500 });
    const keys = all.map(({ signal, person, window }) => `${signal}/${person.id}/${window.from}`);
    expect(new Set(keys).size).toBe(keys.length);
    const first = await signals.list({ storeId: storeIds[0] ?? '', limit: 3 });
    const next = await signals.list({ storeId: storeIds[0] ?? '', limit: 3, before: first[2]?.id ?? 0 });
    expect([...first, ...next]).toEqual(all.slice(0, 6));
    expect(all.length).toBeLessThan((await rows()).length);
  });

  it('keeps what a person made of it, until it is more severe', async () => {
    const storeId = storeIds[0] ?? '';
    const [newest] = await signals.list({ storeId, limit: 1 });
    if (newest === undefined) throw new Error('nothing was found');
    const word = {
      storeId,
      findingId: newest.id,
      staffId,
      state: 'innocent',
      note: 'stock was moved',
    } as const;
    await signals.acknowledge(word);
    const [seen] = await signals.list({ storeId, limit: 1 });
    expect(seen?.acknowledged).toMatchObject({ state: 'innocent', note: 'stock was moved', staffId });
    await expect(signals.acknowledge({ ...word, storeId: storeIds[1] ?? '' })).rejects.toMatchObject({
      code: 'not_found',
    });

    const row = (await rows()).find(({ id }) => id === newest.id);
    if (row === undefined) throw new Error('it is gone');
    const { id: _, ...rest } = row;
    const json = { figures: JSON.stringify(rest.figures), event_ids: JSON.stringify(rest.event_ids) };
    const worse = { ...rest, ...json, revision: row.revision + 1 };
    await db()
      .insertInto('signal_findings')
      .values({ ...worse, severity: row.severity })
      .execute();
    expect((await signals.list({ storeId, limit: 1 }))[0]?.acknowledged?.state).toBe('innocent');
    await db()
      .insertInto('signal_findings')
      .values({ ...worse, revision: row.revision + 2, severity: 'high' })
      .execute();
    const [again] = await signals.list({ storeId, limit: 1 });
    expect([again?.severity, again?.acknowledged]).toEqual([
      'high',
      row.severity === 'high' ? seen?.acknowledged : null,
    ]);
  });

  it('takes nothing back', async () => {
    await expect(db().deleteFrom('signal_findings').execute()).rejects.toThrow(/append-only/);
    await expect(db().updateTable('signal_acknowledgements').set({ note: '' }).execute()).rejects.toThrow(
      /append-only/,
    );
  });
});
