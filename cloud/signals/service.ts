/**
 * Looks for fraud as the day goes on: reads what is new in the timeline, store by store, judges the windows of today, and keeps
 * what it finds. Whatever is done twice, or by two gateways at once, is done once.
 */
import { sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import type { ShownFinding } from '../../shared/findings-api.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import type { Engine } from '../db/engine.ts';
import { createDayReader, type DayRecord, LOOKBACK_MS } from './day.ts';
import { evaluateDay } from './evaluate.ts';
import { mergeEvents, type ReadEvents } from './events.ts';
import type { Facts } from './facts.ts';
import { type Acknowledgement, acknowledge, type FindingsPage, listFindings } from './findings.ts';
import { withLearntHours } from './hours.ts';
import { forgetRecords, keepFindings, keepRecords, readChains, readFacts, readRecords } from './store.ts';
import { BASELINE_DAYS } from './window.ts';

/** Tills that were without a line tell of a day later: so many days before today are read once more on each new day. */
const LATE_DAYS = 3;
/** The longest window, and its baseline. */
const RECORDS_DAYS = 28 + BASELINE_DAYS;
/** A run that died lets others in after so long. */
const CLAIM_MS = 10 * 60_000;

export interface Signals {
  /** Every chain and store that no other gateway has in hand. @returns findings and revisions that were new */
  run(): Promise<number>;
  list(page: FindingsPage): Promise<ShownFinding[]>;
  /** Throws `not_found`. */
  acknowledge(word: Acknowledgement): Promise<void>;
}

export interface SignalsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly events: ReadEvents;
}

export function createSignals({ engine, effects, events }: SignalsOptions): Signals {
  const { clock } = effects;
  const db = engine.kysely;

  return {
    async run() {
      let found = 0;
      for (const [chain, storeIds] of await readChains(db)) {
        const settled = await claim(chain);
        if (settled === null) continue;
        let read = settled;
        try {
          const seen = await look(storeIds, settled);
          found += seen.found;
          read = seen.today;
        } finally {
          await release(chain, read);
        }
      }
      return found;
    },
    list: (page) => listFindings(db, page),
    acknowledge: (word) => acknowledge(db, word, clock.now()),
  };

  /** @returns the day up to which late events were read; null: another gateway is at it */
  async function claim(chain: string): Promise<number | null> {
    const now = clock.now();
    const { rows } = await sql<{ settled_day: number }>`
      insert into signal_runs (chain, claimed_until) values (${chain}, ${now + CLAIM_MS}::bigint)
      on conflict (chain) do update set claimed_until = excluded.claimed_until
        where signal_runs.claimed_until <= ${now}::bigint
      returning settled_day`.execute(db);
    return rows[0]?.settled_day ?? null;
  }

  async function release(chain: string, settledDay: number): Promise<void> {
    await db
      .updateTable('signal_runs')
      .set({ settled_day: settledDay, claimed_until: 0 })
      .where('chain', '=', chain)
      .execute();
  }

  async function look(
    storeIds: readonly string[],
    settled: number,
  ): Promise<{ found: number; today: number }> {
    const now = clock.now();
    const facts = await readFacts(db, storeIds);
    const today = Math.max(
      ...[...facts.stores.values()].map(({ timezone }) => createLocalTime(timezone).of(now).day),
    );
    // The first time: as far back as windows and their baseline go.
    const from = settled === 0 ? today - RECORDS_DAYS : settled < today ? settled - LATE_DAYS : today;
    const before = await readRecords(db, storeIds, from - RECORDS_DAYS);
    const known = await readDays(withLearntHours(facts, before), from, now);
    // The first time nothing was known of when stores are open that do not say so.
    const records = settled === 0 ? await readDays(withLearntHours(facts, known), from, now) : known;
    await keepRecords(db, records, now);
    const isNew = new Set(records.map(({ storeId, day }) => `${storeId}/${day}`));
    const all = [...before.filter(({ storeId, day }) => !isNew.has(`${storeId}/${day}`)), ...records].sort(
      (a, b) => a.day - b.day || (a.storeId < b.storeId ? -1 : 1),
    );
    let found = 0;
    for (let day = from; day <= today; day += 1) {
      found += await keepFindings(db, evaluateDay(day, facts, all), now);
    }
    await forgetRecords(db, storeIds, today - 2 * RECORDS_DAYS);
    return { found, today };
  }

  /** The records of epoch days from `from` until now, each store's by its own calendar. */
  async function readDays(facts: Facts, from: number, now: number): Promise<DayRecord[]> {
    const reader = createDayReader(facts);
    const streams = [...facts.stores.values()].map(({ id, timezone }) =>
      events(createLocalTime(timezone).startOf(from) - LOOKBACK_MS, now + 1, id),
    );
    for await (const event of mergeEvents(streams)) reader.see(event);
    return reader.takeAll(now).filter(({ day }) => day >= from);
  }
}
