import { expect, it } from 'vitest';
import { CHART_MEASURE_NAMES, CHART_MEASURES, type ChartMeasure } from '../../shared/audit/charts.ts';
import type { AuditFilter } from '../../shared/audit/timeline.ts';
import { systemRandom } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { redemptionWorld, standingClock } from '../../test/fixtures/redemption-world.ts';
import { readCharts } from './charts.ts';
import { createTimeline } from './timeline.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Midnight in Jakarta (UTC+7). */
const FROM = Date.UTC(2026, 9, 1) - 7 * HOUR_MS;
const TO = FROM + 3 * DAY_MS;

interface Told {
  readonly at: number;
  readonly kind: string;
  readonly outcome?: 'ok' | 'refused';
  readonly staffId?: string | null;
  readonly approverId?: string | null;
  readonly tillId?: string | null;
  readonly detail?: object;
}

describeOnBothEngines('pictures of the audit list', (getEngine) => {
  const effects = { clock: standingClock(), random: systemRandom };
  const id = () => createUuid(effects);
  let chain = 0;

  async function open() {
    const engine = getEngine();
    const shop = redemptionWorld(engine, effects.clock);
    const storeId = await shop.addStore();
    const tills = [await shop.addTill(storeId), await shop.addTill(storeId)].map(({ tillId }) => tillId);
    const db = engine.kysely;
    chain += 1;
    let seq = 0;
    const tell = (events: readonly Told[]) =>
      db
        .insertInto('audit_events')
        .values(
          events.map(({ at, kind, detail = {}, ...event }) => {
            seq += 1;
            return {
              ...{ chain_id: 1_000_000 + chain, seq, at, kind, source: 'gateway' as const },
              ...{
                body: JSON.stringify({ detail }),
                prev_hash: new Uint8Array(32),
                hash: new Uint8Array(32),
              },
              ...{ store_id: storeId, till_id: event.tillId ?? null, staff_id: event.staffId ?? null },
              ...{
                approver_id: event.approverId ?? null,
                customer_id: null,
                sale_ref: null,
                subject_id: null,
              },
              ...{ asset: null, amount: null, outcome: event.outcome ?? 'ok' },
            };
          }),
        )
        .execute();
    const scope = { storeId, staffId: id() };
    const timeline = createTimeline(db);
    return {
      ...{ tills, tell, scope },
      charts: (from = FROM, to = TO) => readCharts(db, scope, { from, to }),
      /** How many events the list has for a filter. */
      async listed(filter: AuditFilter) {
        let count = 0;
        let after: string | undefined;
        do {
          const page = await timeline.page(scope, filter, after);
          count += page.events.length;
          after = page.next ?? undefined;
        } while (after !== undefined);
        return count;
      },
    };
  }

  it('have numbers that are those of the list, wherever one opens it', async () => {
    const { tills, tell, charts, listed } = await open();
    const people = [id(), id(), null];
    const kinds = [
      ['approval.approved', { action: 'void' }],
      ['approval.approved', { action: 'line_void' }],
      ['approval.approved', { action: 'discount' }],
      ['approval.requested', { action: 'void' }],
      ['redemption.captured', {}],
      ['offline.spent', {}],
      ['drawer.opened', {}],
      ['drawer.unexplained_opening', {}],
      ['code.wrong', {}],
      ['session.pin_wrong', {}],
      ['redemption.expired', {}],
    ] as const;
    await tell(
      Array.from({ length: 160 }, (_, n) => ({
        // Some before and after the span, too.
        at: FROM - 2 * HOUR_MS + n * 28 * MINUTE_MS,
        ...{ kind: kinds[n % kinds.length]?.[0] ?? '', detail: kinds[n % kinds.length]?.[1] ?? {} },
        ...{ staffId: people[n % 3] ?? null, tillId: [...tills, null][n % 7 === 0 ? 2 : n % 2] ?? null },
      })),
    );
    const found = await charts();
    expect(found.days.map(({ from, to }) => [from, to])).toEqual(
      [0, 1, 2].map((day) => [FROM + day * DAY_MS, FROM + (day + 1) * DAY_MS]),
    );
    const span = { from: FROM, to: TO };
    const filterOf = (measure: ChartMeasure): AuditFilter => {
      const { kinds: some, ...rest }: { kinds?: readonly string[]; q?: string } = CHART_MEASURES[measure];
      return { ...span, ...rest, ...(some === undefined ? {} : { kinds: [...some] }) };
    };
    for (const measure of CHART_MEASURE_NAMES) {
      const filter = filterOf(measure);
      expect([measure, found.total[measure]]).toEqual([measure, await listed(filter)]);
      expect(found.total[measure]).toBeGreaterThan(0);
      for (const { from, to, ...counts } of found.days) {
        expect([measure, counts[measure]]).toEqual([measure, await listed({ ...filter, from, to })]);
      }
    }
    for (const [hour, counts] of found.hours.entries()) {
      expect([hour, counts.voids]).toEqual([hour, await listed({ ...filterOf('voids'), hour })]);
    }
    expect(found.cashiers.map(({ staffId }) => staffId).sort()).toEqual(people.slice(0, 2).sort());
    for (const { staffId, counts, hours } of found.cashiers) {
      expect(counts.openings).toBe(await listed({ ...filterOf('openings'), staffId }));
      for (const hour of [0, 9, 23]) {
        expect(hours[hour]).toBe(await listed({ ...span, staffId, hour }));
      }
    }
    for (const { tillId, counts } of found.tills) {
      if (tillId !== null) expect(counts.events).toBe(await listed({ ...span, tillId }));
    }
    expect(found.tills.reduce((sum, { counts }) => sum + counts.events, 0)).toBe(found.total.events);
    const { captured, offline, expired, failed } = found.redemptions;
    expect(captured + offline).toBe(found.total.redemptions);
    expect([expired, failed]).toEqual([await listed({ ...span, kinds: ['redemption.expired'] }), 0]);
  });

  it.each([
    // The clock goes back on 1 November, and forward on 8 March.
    ['America/New_York', Date.UTC(2026, 9, 31, 4)],
    ['America/New_York', Date.UTC(2026, 2, 7, 5)],
    ['Asia/Kathmandu', Date.UTC(2026, 9, 31)],
  ])('go by the clock of %s, also where it changes', async (timezone, from) => {
    const { tell, charts, listed, scope } = await open();
    const db = getEngine().kysely;
    await db.updateTable('stores').set({ timezone }).where('id', '=', scope.storeId).execute();
    await tell(
      Array.from({ length: 72 * 2 }, (_, n) => ({ at: from + n * 30 * MINUTE_MS, kind: 'drawer.opened' })),
    );
    const to = from + 3 * DAY_MS;
    const found = await charts(from, to);
    expect(found.total.openings).toBe(144);
    for (const day of found.days) {
      expect(day.openings).toBe(await listed({ from: day.from, to: day.to }));
    }
    for (const [hour, counts] of found.hours.entries()) {
      expect([hour, counts.openings]).toEqual([hour, await listed({ from, to, hour })]);
    }
  });

  it('measure how long approvers took, each and together', async () => {
    const { tell, charts } = await open();
    const [quick, slow] = [id(), id()];
    const vote = (approverId: string, seconds: number, outcome: 'ok' | 'refused' = 'ok'): Told => ({
      ...{ at: FROM + seconds, kind: 'approval.voted', approverId, outcome },
      detail: { ms: seconds * 1000 },
    });
    await tell([
      ...[10, 20, 30, 40, 50, 60, 70, 80, 90].map((seconds) => vote(quick, seconds)),
      ...[vote(quick, 100, 'refused'), vote(slow, 900), vote(slow, 300)],
      // Its time is not known: it counts, but has no say in the median.
      { at: FROM, kind: 'approval.voted', approverId: slow, detail: { ms: null } },
    ]);
    const { approvals } = await charts();
    expect(approvals.approvers).toEqual([
      { staffId: quick, name: null, approved: 9, rejected: 1, medianMs: 50_000, p90Ms: 90_000 },
      { staffId: slow, name: null, approved: 3, rejected: 0, medianMs: 300_000, p90Ms: 900_000 },
    ]);
    expect(approvals.total).toEqual({ approved: 12, rejected: 1, medianMs: 60_000, p90Ms: 300_000 });
  });

  it('are whole where nothing happened', async () => {
    const { charts, tell } = await open();
    await tell([{ at: TO, kind: 'drawer.opened' }]);
    const found = await charts();
    expect([found.days.length, found.hours.length, found.cashiers, found.tills]).toEqual([3, 24, [], []]);
    expect([found.total.events, found.approvals.total.medianMs]).toEqual([0, null]);
  });

  it('put what messages cost on the day that the store has', async () => {
    const engine = getEngine();
    const { scope, charts } = await open();
    const charge = async (at: number, price: number, outcome: 'spent' | 'free' | 'returned') => {
      const messageId = id();
      await engine.kysely
        .insertInto('message_charges')
        .values({
          ...{ message_id: messageId, store_id: scope.storeId, till_id: null, kind: 'code' as const },
          ...{
            category: 'authentication' as const,
            country: 'ID',
            price,
            outcome,
            pricing: null,
            created_at: at,
          },
        })
        .execute();
    };
    await charge(FROM + DAY_MS - 1, 300, 'spent');
    await charge(FROM + DAY_MS, 500, 'spent');
    await charge(FROM + DAY_MS + 1, 700, 'returned');
    await charge(FROM - 1, 900, 'spent');
    expect((await charts()).days.map(({ messages, spent }) => [messages, spent])).toEqual([
      [1, 300],
      [2, 500],
      [0, 0],
    ]);
  });
});
