import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld, ROOMY } from '../../test/fixtures/offline-world.ts';
import { policyWith } from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf } from '../ledger/ledger.ts';
import type { TillIdentity } from '../redemptions/context.ts';

const HOUR_MS = 3_600_000;

describeOnBothEngines('what was spent without a line', (getEngine) => {
  let world: OfflineWorld;
  let storeId: string;
  let till: TillIdentity;
  let other: TillIdentity;
  let supervisor: string;
  let customer: { id: string; phone: string | null };

  beforeEach(async () => {
    world = offlineWorld(getEngine());
    storeId = await world.shop.addStore(ROOMY);
    till = await world.shop.addTill(storeId);
    other = await world.shop.addTill(storeId);
    supervisor = await world.addStaff(storeId, 'supervisor');
    customer = await world.shop.addCustomer(storeId, { deposit: 100_000, points: 50 });
  });

  const code = async (of = till) => ({ id: await world.addCode(of, supervisor), staffId: supervisor });
  const available = async () =>
    (await balancesOf(getEngine().kysely, customer.id)).find(({ asset }) => asset === 'deposit')?.available;
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'booked',
      (error: { code: string }) => error.code,
    );

  it('is taken from the wallet, once, however often it is said (POSNext#50: the same invoice posted twice)', async () => {
    const spent = world.spending(await code(), customer.id, 30_000);
    expect(await world.service.applyOffline(till, 'k1', spent)).toBe('booked');
    expect(await world.service.applyOffline(till, 'k1', spent)).toBe('repeated');
    // A batch put together anew names it by another key: the id is what counts.
    expect(await world.restarted().applyOffline(till, 'k2', spent)).toBe('repeated');
    expect(await available()).toBe(70_000);
    expect(await world.booked(spent.id)).toMatchObject({ taken: 30_000, lost: 0, flags: [] });
    expect(await refusal(world.service.applyOffline(till, 'k1', { ...spent, saleRef: 'INV-2' }))).toBe(
      'idempotency_key_reused',
    );
    expect(await refusal(world.service.applyOffline(other, 'k1', spent))).toBe('idempotency_key_reused');
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
  });

  it('ends right where two tills spent one balance (points wrong offline, odoo#108240)', async () => {
    const [one, two] = [await code(), await code(other)];
    const first = world.spending(one, customer.id, 80_000);
    const second = world.spending(two, customer.id, 50_000);
    await world.addStaff(storeId, 'manager');
    await world.addStaff(storeId, 'manager', null);
    await Promise.all([
      world.service.applyOffline(till, 'k1', first),
      world.service.applyOffline(other, 'k2', second),
    ]);
    expect(await available()).toBe(0);
    const rows = [await world.booked(first.id), await world.booked(second.id)];
    expect(rows.map((row) => (row?.taken ?? 0) + (row?.lost ?? 0))).toEqual([80_000, 50_000]);
    expect(rows.reduce((sum, row) => sum + (row?.lost ?? 0), 0)).toBe(30_000);
    const losses = await getEngine()
      .kysely.selectFrom('accounts')
      .select('balance')
      .where('store_id', '=', storeId)
      .where('kind', '=', 'store_offline_loss')
      .where('asset', '=', 'deposit')
      .executeTakeFirst();
    expect(losses?.balance).toBe(-30_000);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true, sum: 0 });
    expect(world.observed.sort()).toEqual(['booked', 'booked+lost']);
    // The one manager who can be reached, and the customer for each.
    expect(world.told.map(({ kind }) => kind).sort()).toEqual([
      'offline_loss',
      'offline_spent',
      'offline_spent',
    ]);
    const alert = world.told.find(({ kind }) => kind === 'offline_loss')?.content;
    expect(JSON.stringify(alert)).toContain('30.000');
  });

  it('tells the customer what was spent and what is left, whatever the cashier says', async () => {
    await world.service.applyOffline(till, 'k', world.spending(await code(), customer.id, 30_000));
    const [note] = world.told;
    expect(note).toMatchObject({ kind: 'offline_spent', address: { phone: customer.phone } });
    expect(JSON.stringify(note?.content)).toMatch(/30\.000.*INV-1.*70\.000/);
  });

  it('counts the loss as the ledger check does: a row that says otherwise is found', async () => {
    const spent = world.spending(await code(), customer.id, 130_000);
    await world.service.applyOffline(till, 'k', spent);
    const { kysely } = getEngine();
    await sql`alter table offline_redemptions disable trigger offline_redemptions_append_only`.execute(
      kysely,
    );
    const set = (lost: number) =>
      kysely
        .updateTable('offline_redemptions')
        .set({ lost, taken: 130_000 - lost })
        .where('id', '=', spent.id)
        .execute();
    await set(29_999);
    expect(await checkLedger(kysely)).toMatchObject({
      ok: false,
      offline: [spent.id],
      losses: [{ storeId, asset: 'deposit', balance: -30_000, lost: 29_999 }],
    });
    await set(30_000);
    await sql`alter table offline_redemptions enable trigger offline_redemptions_append_only`.execute(kysely);
    expect(await checkLedger(kysely)).toMatchObject({ ok: true });
    await expect(set(1)).rejects.toThrow(/append-only/);
  });

  it('refuses what nobody allowed, and what one code stood for already', async () => {
    const mine = await code();
    const apply = (more: object, using = mine) =>
      refusal(world.service.applyOffline(till, 'k', world.spending(using, customer.id, 10, more)));
    const stranger = (await world.shop.addCustomer(await world.shop.addStore(ROOMY))).id;
    expect(await apply({ sealedCodeId: crypto.randomUUID() })).toBe('sealed_code_unknown');
    expect(await apply({ supervisorId: await world.addStaff(storeId, 'supervisor') })).toBe(
      'sealed_code_unknown',
    );
    expect(await apply({}, await code(other))).toBe('sealed_code_unknown');
    expect(await apply({ customerId: stranger })).toBe('customer_unknown');
    expect(await apply({ currency: 'USD' })).toBe('bad_request');
    // None of them used it up.
    expect(await apply({})).toBe('booked');
    expect(await apply({})).toBe('sealed_code_used');
    expect(await available()).toBe(99_990);
  });

  it('books what a genuine code allowed and says what is odd about it', async () => {
    const { kysely } = getEngine();
    const flags = async (more: object, change: object = {}) => {
      const one = await code();
      if (Object.keys(change).length > 0)
        await kysely.updateTable('sealed_codes').set(change).where('id', '=', one.id).execute();
      const spent = world.spending(one, customer.id, 10, more);
      await world.service.applyOffline(till, 'k', spent);
      return (await world.booked(spent.id))?.flags;
    };
    const now = world.clock.now();
    const ended = { hash: null, ended_at: now, last_serial: 1 };
    const cashier = await world.addStaff(storeId, 'cashier');
    const shared = await world.addStaff(storeId, 'cashier', null);
    const { phone_e164: phone } = await kysely
      .selectFrom('staff')
      .select('phone_e164')
      .where('id', '=', supervisor)
      .executeTakeFirstOrThrow();
    await kysely.updateTable('staff').set({ phone_e164: phone }).where('id', '=', shared).execute();
    expect(await flags({ staffId: cashier })).toEqual([]);
    expect(await flags({}, { ...ended, state: 'revoked' })).toEqual(['code_revoked']);
    // Made anew while the till was away: nothing odd.
    expect(await flags({}, { ...ended, state: 'replaced' })).toEqual([]);
    expect(await flags({}, { ...ended, state: 'replaced', last_serial: 0 })).toEqual(['bundle_differs']);
    expect(await flags({ bundleSerial: 9 })).toEqual(['bundle_differs']);
    expect(await flags({ spentAt: now + 8 * 24 * HOUR_MS })).toEqual(['code_expired']);
    expect(await flags({ staffId: supervisor })).toEqual(['own_code']);
    expect(await flags({ staffId: shared })).toEqual(['own_code']);
    expect(await flags({ staffId: crypto.randomUUID() })).toEqual(['staff_unknown']);
    // Also of somebody who is no longer known on WhatsApp.
    await kysely.deleteFrom('staff_identities').where('staff_id', '=', supervisor).execute();
    await kysely.updateTable('staff').set({ phone_e164: null }).where('id', '=', supervisor).execute();
    expect(await flags({ staffId: supervisor })).toEqual(['own_code']);
    expect(world.observed.filter((outcome) => outcome === 'flagged')).toHaveLength(8);
  });

  it('sees that limits were passed through two tills, in whatever order they come back', async () => {
    const limited = policyWith(({ offline }) => {
      offline.limits.perCode = { deposit: 50, points: 50 };
      offline.limits.perCustomer = { deposit: 60, points: 60 };
      offline.limits.perTill = { deposit: 90, points: 90 };
    });
    await world.setPolicy(storeId, limited);
    const at = world.clock.now();
    const flags = async (of: TillIdentity, amount: number, hours: number, who = customer.id) => {
      const spent = world.spending(await code(of), who, amount, { spentAt: at + hours * HOUR_MS });
      await world.service.applyOffline(of, 'k', spent);
      return (await world.booked(spent.id))?.flags;
    };
    expect(await flags(till, 51, 0)).toEqual(['over_code_limit']);
    // The later one came first; this one makes its day too much.
    expect(await flags(other, 40, -5)).toEqual(['over_customer_limit']);
    // A day apart: neither side's window holds both.
    expect(await flags(till, 20, 25)).toEqual([]);
    const another = (await world.shop.addCustomer(storeId, { deposit: 100 })).id;
    expect(await flags(till, 45, 1, another)).toEqual(['over_till_limit']);
    // Of three in 30 hours no 24 hold more than two.
    const third = await world.shop.addTill(storeId);
    const steady = (await world.shop.addCustomer(storeId, { deposit: 100 })).id;
    for (const hours of [-10, 20, 0]) expect(await flags(third, 25, hours, steady)).toEqual([]);
  });

  it('does not flood managers when one till brings many losses', async () => {
    await world.addStaff(storeId, 'manager');
    for (let count = 0; count < 8; count += 1) {
      await world.service.applyOffline(till, 'k', world.spending(await code(), customer.id, 100_001));
    }
    expect(world.told.filter(({ kind }) => kind === 'offline_loss')).toHaveLength(5);
    expect(world.told.filter(({ kind }) => kind === 'offline_spent')).toHaveLength(8);
  });
});
