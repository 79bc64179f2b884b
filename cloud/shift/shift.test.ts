import { beforeEach, describe, expect, it } from 'vitest';
import { amountSchema } from '../../shared/money.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/policy.ts';
import { type CashSale, cashSaleSchema } from '../../shared/shift.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { bookedCashSales } from './booked.ts';
import { createShiftService, type ShiftService } from './service.ts';

const HOUR_MS = 3_600_000;

describeOnBothEngines('shift grants', (getEngine) => {
  const clock = standingClock();
  let world: OfflineWorld;
  let till: TillIdentity;
  let staffId: string;
  let service: ShiftService;

  beforeEach(async () => {
    world = offlineWorld(getEngine(), clock);
    // Readable in place of signed.
    const signShiftGrant = (claims: object) => JSON.stringify(claims);
    const identity = { gatewayId: world.context.identity.gatewayId, signShiftGrant };
    service = createShiftService({ engine: getEngine(), effects: world.effects, identity });
    await shopWith(DEFAULT_POLICY);
  });

  async function shopWith(policy: Policy): Promise<void> {
    till = await world.shop.addTill(await world.shop.addStore(policy));
    staffId = await world.addStaff(till.storeId, 'cashier', null);
  }

  const key = () => `key-${crypto.randomUUID()}`;
  const issue = async (whom: string | null = staffId, under = key()) => {
    const grant = await service.issue(till, under, { staffId: whom });
    return grant === null ? null : (JSON.parse(grant) as Record<string, unknown>);
  };
  const issued = async (whom: string | null = staffId) => {
    const grant = await issue(whom);
    if (grant === null) throw new Error('no grant');
    return grant;
  };
  const saleOf = (grant: Record<string, unknown>, change: object = {}): CashSale =>
    cashSaleSchema.parse({
      ...{ id: crypto.randomUUID(), grantId: grant.jti, useNo: 1, staffId, startedBy: 'terminal' },
      ...{ saleRef: 'INV-1', amount: amountSchema.parse(25_000), currency: 'IDR', openedAt: clock.now() },
      ...change,
    });
  const flagsOf = async ({ id }: CashSale) => {
    const row = await getEngine().kysely.selectFrom('cash_sales').selectAll().where('id', '=', id).execute();
    return row.map(({ flags }) => flags);
  };
  const told = async (sale: CashSale) => {
    await service.keep(till, sale);
    return flagsOf(sale);
  };

  describe('that are asked for', () => {
    it('say how often, until when, for whom and at which till', async () => {
      const now = Math.floor(clock.now() / 1000);
      expect(await issue()).toEqual({
        ...{
          iss: world.context.identity.gatewayId,
          aud: till.tillId,
          jti: expect.any(String),
          kind: 'shift',
        },
        ...{ iat: now, exp: now + 12 * 3600, actions: ['drawer.open'], uses: 100, staffId, currency: 'IDR' },
        amountMax: null,
      });
      expect(await issue(null)).toMatchObject({ staffId: null, uses: 20, exp: now + 72 * 3600 });
    });

    it('are the same to the byte for the same key, also hours later; another person under it is refused', async () => {
      const under = key();
      const first = await service.issue(till, under, { staffId });
      clock.advance(5 * HOUR_MS + 123);
      expect(await service.issue(till, under, { staffId })).toBe(first);
      await expect(service.issue(till, under, { staffId: null })).rejects.toMatchObject({
        code: 'idempotency_key_reused',
      });
      expect((await issued()).jti).not.toBe(JSON.parse(first ?? '{}').jti);
      // The answer that was lost is still the answer, whatever became of the person since.
      const { kysely } = getEngine();
      await kysely.updateTable('staff').set({ active: false }).where('id', '=', staffId).execute();
      expect(await service.issue(till, under, { staffId })).toBe(first);
    });

    it('twice at the same moment are one', async () => {
      const under = key();
      const both = await Promise.all([1, 2, 3].map(() => service.issue(till, under, { staffId })));
      expect(new Set(both).size).toBe(1);
    });

    it('carry what policy allows; a spare only where it has one', async () => {
      await shopWith(
        policyWith(({ shift }) =>
          Object.assign(shift, { openings: 30, amountMax: 250_000, spareOpenings: 0 }),
        ),
      );
      expect(await issue()).toMatchObject({ uses: 30, amountMax: 250_000 });
      expect(await issue(null)).toBeNull();
    });

    it('are refused for strangers, for who left, and at a till that was revoked', async () => {
      const { kysely } = getEngine();
      const elsewhere = await world.addStaff(await world.shop.addStore(), 'cashier', null);
      await expect(issue(elsewhere)).rejects.toMatchObject({ code: 'staff_unknown' });
      await kysely.updateTable('staff').set({ active: false }).where('id', '=', staffId).execute();
      await expect(issue()).rejects.toMatchObject({ code: 'staff_unknown' });
      await kysely.updateTable('tills').set({ revoked_at: 1 }).where('id', '=', till.tillId).execute();
      await expect(issue(null)).rejects.toMatchObject({ code: 'till_revoked' });
    });

    it('are bounded by the day', async () => {
      for (let count = 0; count < 200; count += 1) await issue(null);
      await expect(issue(null)).rejects.toMatchObject({
        code: 'too_many_requests',
        params: { seconds: expect.any(Number) },
      });
      clock.advance(24 * HOUR_MS + 1_000);
      expect(await issue(null)).not.toBeNull();
    });

    it('stay as they were given', async () => {
      const { jti } = await issued();
      const { kysely } = getEngine();
      const more = kysely.updateTable('shift_grants').set({ uses: 999 }).where('jti', '=', String(jti));
      await expect(more.execute()).rejects.toThrow(/append-only/);
      const none = kysely.deleteFrom('shift_grants').where('jti', '=', String(jti));
      await expect(none.execute()).rejects.toThrow(/append-only/);
    });
  });

  describe('whose uses are told', () => {
    it('fit, and are kept once', async () => {
      const sale = saleOf(await issued());
      expect(await told(sale)).toEqual([[]]);
      expect(await told(sale)).toEqual([[]]);
      await expect(told({ ...sale, amount: amountSchema.parse(1) })).rejects.toMatchObject({
        code: 'idempotency_key_reused',
      });
    });

    it.each([
      ['more of them than were granted', { useNo: 101 }, 'over_uses'],
      ['another person', { staffId: '019b0000-0000-7000-8000-0000000000aa' }, 'other_person'],
      ['long after its end', { openedAt: standingClock().now() + 9_999 * HOUR_MS }, 'outside_time'],
      ['before it was given', { openedAt: 1 }, 'outside_time'],
      ['in another currency', { currency: 'TRY' }, 'other_currency'],
      ['on a grant that nobody gave', { grantId: '019b0000-0000-7000-8000-0000000000bb' }, 'grant_unknown'],
    ])('by %s are kept and flagged', async (_, change, flag) => {
      const [flags] = await told(saleOf(await issued(), change));
      expect(flags).toContain(flag);
    });

    it('above the limit are flagged, and so is a use that was told of before as another sale', async () => {
      await shopWith(policyWith(({ shift }) => Object.assign(shift, { amountMax: 20_000 })));
      const grant = await issued();
      expect(await told(saleOf(grant))).toEqual([['over_amount']]);
      const again = saleOf(grant, { amount: 500, saleRef: 'INV-2' });
      expect(await told(again)).toEqual([['use_repeated']]);
    });

    it('on a grant of another till are flagged', async () => {
      const grant = await issued();
      till = await world.shop.addTill(till.storeId);
      expect(await told(saleOf(grant))).toEqual([['grant_unknown']]);
    });

    it('may be of whoever was signed in, where it was a spare', async () => {
      expect(await told(saleOf(await issued(null)))).toEqual([[]]);
    });

    it('are counted beside what was granted', async () => {
      const from = clock.now() - 1_000;
      const grant = await issued();
      await told(saleOf(grant));
      await told(saleOf(grant, { useNo: 2, amount: 5_000 }));
      await told(saleOf(grant, { useNo: 101, amount: 1_000 }));
      await issue(null);
      const count = (range: { from: number; to: number }) =>
        getEngine()
          .kysely.transaction()
          .execute((trx) => bookedCashSales(trx, till, range));
      expect(await count({ from, to: clock.now() + 1 })).toEqual({
        ...{ count: 3, sum: 31_000, flagged: 1, granted: 120 },
      });
      expect(await count({ from: 0, to: from })).toEqual({ count: 0, sum: 0, flagged: 0, granted: 0 });
    });
  });
});
