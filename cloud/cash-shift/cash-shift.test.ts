import { beforeEach, describe, expect, it } from 'vitest';
import { type CashEntry, type CashReport, cashEntrySchema } from '../../shared/cash-shift.ts';
import { amountSchema } from '../../shared/money.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';
import { Z_REPORT } from '../../test/fixtures/shift-desk.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { type CashShiftService, createCashShiftService } from './service.ts';

const HOUR_MS = 3_600_000;
const POLICY = policyWith(({ cashShift }) => Object.assign(cashShift, { mode: 'required' }));

describeOnBothEngines("cashiers' shifts", (getEngine) => {
  const clock = standingClock();
  let world: OfflineWorld;
  let till: TillIdentity;
  let cashier: string;
  let service: CashShiftService;
  let queued: number;

  beforeEach(async () => {
    world = offlineWorld(getEngine(), clock);
    till = await world.shop.addTill(await world.shop.addStore(POLICY));
    cashier = await world.addStaff(till.storeId, 'cashier', null);
    queued = 0;
    service = createCashShiftService({
      ...{ db: getEngine().kysely, effects: world.effects, messages: world.context.store },
      queued: () => {
        queued += 1;
      },
    });
  });

  /** A shift that took 25,000 in and paid 10,000 out; `report`: how its Z differs from what adds up. */
  function shiftOf(zNo: number, report: Partial<CashReport> = {}, float = 500_000): CashEntry[] {
    const shiftId = crypto.randomUUID();
    let no = 0;
    const entry = (fields: object): CashEntry => {
      no += 1;
      const given = { id: crypto.randomUUID(), shiftId, no, staffId: cashier, at: clock.now() + no };
      return cashEntrySchema.parse({ ...given, ...fields });
    };
    const expected = float + 75_000 + 25_000 - 10_000;
    const move = { approvalId: null, approvalKind: null, reason: 'parkir', saleRef: null };
    const count = { sum: expected, pieces: null };
    const z = {
      ...Z_REPORT,
      shiftId,
      zNo,
      float,
      lastLeft: null,
      from: clock.now(),
      expected,
      counted: expected,
    };
    return [
      entry({ kind: 'opened', currency: 'IDR', float, count: { sum: float, pieces: null }, lastLeft: null }),
      entry({ kind: 'paid_in', amount: amountSchema.parse(25_000), ...move }),
      entry({ kind: 'paid_out', amount: amountSchema.parse(10_000), ...move }),
      entry({ kind: 'counted', count, expected, moved: expected - float }),
      entry({ kind: 'closed', report: { ...z, ...report } }),
    ];
  }
  const tell = async (entries: readonly CashEntry[], by = till) => {
    for (const entry of entries) await service.keep(by, entry);
  };
  const page = (query = {}) => service.page(till.storeId, query);
  const only = async () => {
    const { shifts } = await page();
    if (shifts[0] === undefined || shifts.length > 1) throw new Error(`${shifts.length} shifts`);
    return shifts[0];
  };
  const at = <T>(list: readonly T[], index: number): T => {
    const found = list.at(index);
    if (found === undefined) throw new Error('no such entry');
    return found;
  };
  const changed = (entry: CashEntry, change: object) => cashEntrySchema.parse({ ...entry, ...change });

  describe('as tills tell them', () => {
    it('are kept once, whole, and found nothing odd about', async () => {
      const entries = shiftOf(1);
      await tell(entries);
      await tell(entries);
      expect(await only()).toMatchObject({
        ...{ cashierId: cashier, float: 500_000, lastLeft: null, flags: [] },
        closed: { zNo: 1, expected: 590_000, counted: 590_000, difference: 0, counts: 1, allowed: 'within' },
      });
      const rows = await getEngine()
        .kysely.selectFrom('cash_entries')
        .select(['no', 'body'])
        .where('till_id', '=', till.tillId)
        .orderBy('no')
        .execute();
      expect(rows.map(({ body }) => body)).toEqual(entries);
    });

    it('are refused under an id that said something else, or of another till', async () => {
      const [opened] = shiftOf(1);
      await tell([at([opened as CashEntry], 0)]);
      const other = changed(opened as CashEntry, { at: 1 });
      await expect(service.keep(till, other)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
      const elsewhere = await world.shop.addTill(till.storeId);
      await expect(service.keep(elsewhere, opened as CashEntry)).rejects.toMatchObject({
        code: 'idempotency_key_reused',
      });
    });

    it('stay as they were told', async () => {
      await tell(shiftOf(1));
      const { kysely } = getEngine();
      for (const table of ['cash_shifts', 'cash_entries', 'cash_closings'] as const) {
        const change = kysely.updateTable(table).set({ kept_at: 1 }).where('till_id', '=', till.tillId);
        await expect(change.execute(), table).rejects.toThrow(/append-only/);
        const none = kysely.deleteFrom(table).where('till_id', '=', till.tillId);
        await expect(none.execute(), table).rejects.toThrow(/append-only/);
      }
    });

    it.each([
      [
        'an expected sum that its entries do not come to',
        { expected: 600_000, difference: -10_000 },
        'sum_wrong',
      ],
      ['another count than its last one', { counted: 580_000, difference: -10_000 }, 'sum_wrong'],
      ['a difference that is none of its own', { difference: 5 }, 'sum_wrong'],
      ['a difference that nobody approved', { allowed: 'offline' }, 'unapproved'],
    ] as const)('with %s are kept and flagged', async (_, report, flag) => {
      await tell(shiftOf(1, report));
      expect((await only()).flags).toEqual([flag]);
    });

    it('whose entries are missing are kept and flagged, also where nothing but the end came', async () => {
      const entries = shiftOf(1);
      await tell([at(entries, 0), at(entries, -1)]);
      expect((await only()).flags).toEqual(['sum_wrong']);
      const other = await world.shop.addTill(till.storeId);
      await tell([at(shiftOf(1), -1)], other);
      const [first] = (await page({ tillId: other.tillId })).shifts;
      expect(first).toMatchObject({ closed: { zNo: 1 }, flags: ['sum_wrong'], float: 500_000 });
    });

    it('with a number twice, or one left out, are flagged', async () => {
      await tell(shiftOf(1));
      await tell(shiftOf(2));
      await tell(shiftOf(2));
      await tell(shiftOf(4));
      const flags = (await page()).shifts.map((shift) => [shift.closed?.zNo, shift.flags]);
      expect(flags.sort()).toEqual([
        [1, []],
        [2, []],
        [2, ['z_repeated']],
        [4, ['z_gap']],
      ]);
    });

    it('with a float other than what was left, one changed after the count, a stranger and an approval that nobody gave', async () => {
      const [opened, paid] = shiftOf(1);
      if (opened?.kind !== 'opened' || paid === undefined) throw new Error('no shift');
      await tell([
        changed(opened, { lastLeft: 400_000 }),
        changed(paid, { approvalId: crypto.randomUUID(), approvalKind: 'cash_in' }),
        cashEntrySchema.parse({
          ...{ id: crypto.randomUUID(), shiftId: opened.shiftId, no: 3, staffId: crypto.randomUUID(), at: 3 },
          ...{
            kind: 'float_changed',
            float: 1,
            before: 2,
            afterCount: true,
            approvalId: crypto.randomUUID(),
          },
        }),
      ]);
      expect((await only()).flags.toSorted()).toEqual([
        ...['approval_unknown', 'float_after_count', 'float_differs', 'staff_unknown'],
      ]);
    });
  });

  describe('as managers read them', () => {
    const short = (by: number): Partial<CashReport> => ({
      difference: -by,
      reason: 'kurang',
      allowed: 'reason',
    });
    /** A count that is off by so much, and its report. */
    function off(zNo: number, by: number): CashEntry[] {
      const entries = shiftOf(zNo);
      return entries.map((entry) => {
        if (entry.kind === 'counted')
          return changed(entry, { count: { sum: entry.count.sum - by, pieces: null } });
        if (entry.kind !== 'closed') return entry;
        const counted = (entry.report.counted ?? 0) - by;
        return changed(entry, { report: { ...entry.report, ...short(by), counted } });
      });
    }

    it('come with the differences per cashier and till, of the store alone', async () => {
      await tell(off(1, 5_000));
      await tell(off(2, -1_000));
      await tell(shiftOf(3));
      const [opened] = shiftOf(4);
      await tell([opened as CashEntry]);
      const stranger = await world.shop.addTill(await world.shop.addStore(POLICY));
      await tell([at(shiftOf(1), 0)], stranger);
      const { shifts, differences } = await page();
      expect(shifts).toHaveLength(4);
      expect(differences).toMatchObject([
        {
          cashierId: cashier,
          tillId: till.tillId,
          shifts: 3,
          short: 1,
          over: 1,
          missing: -5_000,
          surplus: 1_000,
        },
      ]);
      expect((await page({ only: 'open' })).shifts).toHaveLength(1);
      expect((await page({ only: 'differing' })).shifts).toHaveLength(2);
      expect((await page({ cashierId: crypto.randomUUID() })).shifts).toEqual([]);
      expect((await page({ to: clock.now() })).shifts).toEqual([]);
      expect((await page({ from: clock.now() })).shifts).toHaveLength(4);
    });

    it('belong to whoever took them over last', async () => {
      const other = await world.addStaff(till.storeId, 'cashier', null);
      const [opened] = shiftOf(1);
      if (opened === undefined) throw new Error('no shift');
      const takenOver = cashEntrySchema.parse({
        ...{ id: crypto.randomUUID(), shiftId: opened.shiftId, no: 2, staffId: other, at: 2 },
        ...{ kind: 'taken_over', from: cashier, count: null, expected: null },
      });
      await tell([opened, takenOver]);
      expect((await only()).cashierId).toBe(other);
      expect((await page({ cashierId: other })).shifts).toHaveLength(1);
      expect((await page({ cashierId: cashier })).shifts).toEqual([]);
    });

    it('come page by page, each once', async () => {
      const { kysely } = getEngine();
      const rows = Array.from({ length: 120 }, (_, index) => ({
        ...{ id: crypto.randomUUID(), till_id: till.tillId, store_id: till.storeId, opened_by: cashier },
        // Many at the same moment: their ids keep them apart.
        ...{
          opened_at: clock.now() + (index % 3),
          currency: 'IDR' as const,
          opening_float: 0,
          last_left: null,
        },
        kept_at: 1,
      }));
      await kysely.insertInto('cash_shifts').values(rows).execute();
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const found = await page(after === null ? {} : { after });
        expect(found.differences === null).toBe(after !== null);
        seen.push(...found.shifts.map(({ id }) => id));
        after = found.next;
      } while (after !== null);
      expect(seen).toHaveLength(120);
      expect(new Set(seen).size).toBe(120);
    });
  });

  describe('that were left open', () => {
    it('are told to managers once, after the end of their day, unless they were closed', async () => {
      await world.addStaff(till.storeId, 'manager');
      await world.addStaff(till.storeId, 'manager', null);
      const [opened] = shiftOf(1);
      await tell([opened as CashEntry]);
      await tell(shiftOf(2));
      await service.lookForLeftOpen();
      expect(mine()).toEqual([]);
      clock.advance(26 * HOUR_MS);
      await service.lookForLeftOpen();
      expect(mine()).toHaveLength(1);
      expect(mine()[0]).toMatchObject({
        ...{ kind: 'drawer_alert', tillId: till.tillId },
        content: {
          template: 'saksi_shift_left_open',
          words: [expect.any(String), 'Kasir', expect.any(String), /cashier/],
        },
      });
      expect(queued).toBeGreaterThan(0);
      await service.lookForLeftOpen();
      expect(mine()).toHaveLength(1);
    });

    it('are left to the other gateway that told of them meanwhile', async () => {
      await world.addStaff(till.storeId, 'manager');
      const opened = [at(shiftOf(1), 0), at(shiftOf(2), 0)];
      await tell(opened);
      clock.advance(26 * HOUR_MS);
      const told: string[] = [];
      const looking = createCashShiftService({
        ...{ db: getEngine().kysely, effects: world.effects, queued() {} },
        messages: {
          async addForStaff(trx, messages) {
            told.push(...messages.flatMap(({ tillId }) => tillId ?? []));
            // The other one is told of between the look and its turn.
            const rows = opened.map(({ shiftId }) => ({ shift_id: shiftId, kept_at: 1 }));
            await trx
              .insertInto('cash_shift_alerts')
              .values(rows)
              .onConflict((conflict) => conflict.column('shift_id').doNothing())
              .execute();
          },
        },
      });
      await looking.lookForLeftOpen();
      expect(told.filter((id) => id === till.tillId)).toHaveLength(1);
    });

    const mine = () => world.told.filter(({ tillId }) => tillId === till.tillId);
  });
});
