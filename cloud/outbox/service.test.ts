import { sql } from 'kysely';
import { beforeEach, expect, it, vi } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { OutboxBatch, OutboxMessage } from '../../shared/offline.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import {
  createBody,
  policyWith,
  type RedemptionWorld,
  redemptionWorld,
  standingClock,
} from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf } from '../ledger/ledger.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { createOutboxService, type OutboxService } from './service.ts';

/** No code is asked for: created is authorised. */
const FREE = policyWith(({ codes }) => {
  codes.askFrom.deposit = 1_000_000;
});

describeOnBothEngines('a batch of a till’s outbox', (getEngine, kind) => {
  const clock = standingClock();
  let world: RedemptionWorld;
  let till: TillIdentity;
  let outbox: OutboxService;
  let errors: unknown[];

  beforeEach(async () => {
    world = redemptionWorld(getEngine(), clock);
    till = await world.addTill(await world.addStore(FREE));
    errors = [];
    outbox = service();
  });

  function service(parts: Partial<Parameters<typeof createOutboxService>[0]> = {}): OutboxService {
    return createOutboxService({
      db: getEngine().kysely,
      effects: world.effects,
      redemptions: world.service,
      approvals: {
        async cancel() {
          throw new SaksiError('approval_unknown');
        },
      },
      offline: {
        async applyOffline() {
          throw new SaksiError('sealed_code_unknown');
        },
        applyOfflineMany: async () => new Set(),
      },
      drawer: {
        async keep() {
          throw new SaksiError('idempotency_key_reused');
        },
      },
      cashShifts: {
        async keep() {
          throw new SaksiError('idempotency_key_reused');
        },
      },
      shift: {
        async keep() {
          throw new SaksiError('idempotency_key_reused');
        },
      },
      onError: (error) => errors.push(error),
      ...parts,
    });
  }

  async function authorised(amount = 10_000) {
    const customer = await world.addCustomer(till.storeId, { deposit: 100_000 });
    const { redemption } = await world.service.create(till, world.newKey(), createBody(customer.id, amount));
    expect(redemption.status).toBe('authorised');
    return { id: redemption.id, customerId: customer.id };
  }

  const item = (stream: string, message: OutboxMessage, id = createUuid(world.effects)) => ({
    id,
    stream,
    message,
  });
  const capture = (gatewayId: string): OutboxMessage => ({
    kind: 'capture',
    gatewayId,
    request: { settledAt: clock.now(), slip: 'printed' },
  });
  const cancel = (gatewayId: string): OutboxMessage => ({
    kind: 'cancel',
    gatewayId,
    request: { reason: 'cashier' },
  });
  const status = async (id: string) => (await world.service.get(till, id)).redemption.status;
  const outcomes = async (items: OutboxBatch['items']) =>
    (await outbox.apply(till, items)).map((result) =>
      result.outcome === 'done' ? 'done' : `${result.outcome} ${result.error?.code ?? ''}`.trim(),
    );
  const transfers = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from transfers
      where kind = 'capture'`.execute(getEngine().kysely);
    return rows[0]?.n ?? 0;
  };

  it('puts off what the database had no connection for, and is not alarmed', async () => {
    const busy = Object.assign(new Error('timeout exceeded when trying to connect'), { code: '08001' });
    const cut = service({ redemptions: { ...world.service, capture: () => Promise.reject(busy) } });
    const { id } = await authorised();
    const results = await cut.apply(till, [item('a', capture(id))]);
    expect(results).toMatchObject([{ outcome: 'later', error: { code: 'not_ready' } }]);
    expect(errors).toEqual([]);
  });

  it('captures many in one transaction, as single calls would have', async () => {
    const before = await transfers();
    const made = await Promise.all([authorised(), authorised(), authorised()]);
    const items = made.map(({ id, customerId }) => item(`customer:${customerId}`, capture(id)));
    const seen = (await world.events(till.tillId)).length;
    expect(await outcomes(items)).toEqual(['done', 'done', 'done']);
    for (const { id, customerId } of made) {
      expect(await status(id)).toBe('captured');
      expect(await balancesOf(getEngine().kysely, customerId)).toContainEqual({
        asset: 'deposit',
        available: 90_000,
        reserved: 0,
      });
    }
    const events = (await world.events(till.tillId)).slice(seen);
    expect(events.map((event) => event.type === 'redemption.changed' && event.redemption.status)).toEqual([
      'captured',
      'captured',
      'captured',
    ]);
    // As one captured by itself: nothing is missing from what the till is told.
    const alone = await authorised();
    await world.service.capture(till, alone.id, world.newKey(), { settledAt: clock.now(), slip: 'printed' });
    const [single] = (await world.events(till.tillId)).slice(-1);
    expect(Object.keys((events[0] as { redemption: object }).redemption).sort()).toEqual(
      Object.keys((single as { redemption: object }).redemption).sort(),
    );
    expect(await transfers()).toBe(before + 4);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
    expect(errors).toEqual([]);
  });

  // Another connection has to hold the row meanwhile.
  it.runIf(kind === 'postgres')('takes back the whole of it where one was decided meanwhile', async () => {
    const made = await Promise.all([authorised(), authorised()]);
    const items = made.map(({ id, customerId }) => item(`customer:${customerId}`, capture(id)));
    const { kysely } = getEngine();
    const { asked } = await kysely.transaction().execute(async (trx) => {
      await sql`update redemptions set status = 'released', settled_at = 1 where id = ${made[0]?.id}`.execute(
        trx,
      );
      const waiting = outcomes(items);
      await vi.waitFor(async () => {
        const { rows } = await sql`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(trx);
        expect(rows).toHaveLength(1);
      });
      return { asked: waiting };
    });
    expect(await asked).toEqual(['refused redemption_state', 'done']);
    expect(errors.map(String)).toEqual([expect.stringContaining('decided meanwhile')]);
    // Once, although the batch had it too.
    const { rows } = await sql`select 1 from transfers where kind = 'capture'
      and ref_id = any(${made.map(({ id }) => id)}::uuid[])`.execute(kysely);
    expect(rows).toHaveLength(1);
    // Only its word was changed above: the money goes the usual way.
    await sql`update redemptions set status = 'authorised', settled_at = null where id = ${made[0]?.id}`.execute(
      kysely,
    );
    await world.service.cancel(till, made[0]?.id ?? '', world.newKey(), { reason: 'cashier' });
  });

  it('answers a batch that comes again as before, and books nothing twice (odoo#152259: orders doubled)', async () => {
    const before = await transfers();
    const made = [await authorised(), await authorised()];
    const items = made.map(({ id, customerId }) => item(`customer:${customerId}`, capture(id)));
    expect(await outcomes(items)).toEqual(['done', 'done']);
    expect(await outcomes(items)).toEqual(['done', 'done']);
    // The very same batch twice at once, by a till that gave up waiting for the first.
    const more = [await authorised(), await authorised()];
    const again = more.map(({ id, customerId }) => item(`customer:${customerId}`, capture(id)));
    expect(await Promise.all([outcomes(again), outcomes(again)])).toEqual([
      ['done', 'done'],
      ['done', 'done'],
    ]);
    expect(await transfers()).toBe(before + 4);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
  });

  it('knows a key that was used for something else (odoo#71455: numbers reused by two tills)', async () => {
    const [one, two, three] = [await authorised(), await authorised(), await authorised()];
    const first = item('customer:one', capture(one.id));
    expect(await outcomes([first])).toEqual(['done']);
    const reused = item('customer:two', capture(two.id), first.id);
    const beside = item('customer:three', capture(three.id));
    expect(await outcomes([reused, beside])).toEqual(['refused idempotency_key_reused', 'done']);
    expect(await status(two.id)).toBe('authorised');
    // Another till's key is another key, and its redemptions are not this till's.
    const other = await world.addTill(till.storeId);
    const foreign = await outbox.apply(other, [
      item('customer:two', capture(two.id), first.id),
      item('customer:x', capture(two.id)),
    ]);
    expect(foreign.map((result) => result.outcome)).toEqual(['refused', 'refused']);
    expect(await status(two.id)).toBe('authorised');
  });

  it('is not held up by one that is refused (erpnext#13388: one stuck order blocks all behind it)', async () => {
    const [a, b, c, d] = await Promise.all([authorised(), authorised(), authorised(), authorised()]);
    await world.service.cancel(till, a.id, world.newKey(), { reason: 'cashier' });
    const items = [
      item('customer:a', capture(a.id)),
      item('customer:a', capture(b.id)),
      item('customer:c', capture(c.id)),
      item('customer:d', cancel(d.id)),
      item('approval:x', { kind: 'approval_cancel', gatewayId: createUuid(world.effects) }),
    ];
    expect(await outcomes(items)).toEqual([
      'refused redemption_state',
      'done',
      'done',
      'done',
      'refused approval_unknown',
    ]);
    expect(await Promise.all([a, b, c, d].map(({ id }) => status(id)))).toEqual([
      'released',
      'captured',
      'captured',
      'released',
    ]);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
  });

  it('keeps the order of a stream, and holds only that stream when the gateway itself fails', async () => {
    const [a, b] = [await authorised(), await authorised()];
    const order: string[] = [];
    outbox = service({
      redemptions: {
        ...world.service,
        async cancel(at, id, key, body) {
          order.push(id);
          if (id === a.id) throw new Error('the disk is gone');
          return world.service.cancel(at, id, key, body);
        },
      },
    });
    const items = [
      item('customer:a', cancel(a.id)),
      item('customer:b', cancel(b.id)),
      item('customer:a', cancel(b.id)),
    ];
    expect(await outcomes(items)).toEqual(['later internal', 'done', 'later']);
    expect(order).toEqual([a.id, b.id]);
    expect(errors).toHaveLength(1);
  });

  it('keeps what a manager took on, once', async () => {
    const staffId = createUuid(world.effects);
    await getEngine()
      .kysely.insertInto('staff')
      .values({
        id: staffId,
        store_id: till.storeId,
        name: 'Hendra',
        role: 'manager',
        pin: JSON.stringify({ algorithm: 'scrypt', salt: 'a', hash: 'b', n: 2, r: 1, p: 1 }),
        active: true,
        created_at: clock.now(),
      } as never)
      .execute();
    const about = createUuid(world.effects);
    const word = {
      kind: 'handed_over',
      about,
      item: '{}',
      reason: 'customer_unknown',
      note: 'paid cash',
    } as const;
    const kept = item(`handover:${about}`, { ...word, staffId });
    expect(await outcomes([kept])).toEqual(['done']);
    expect(await outcomes([kept])).toEqual(['done']);
    const changed = item(kept.stream, { ...word, note: 'another word', staffId }, kept.id);
    expect(await outcomes([changed])).toEqual(['refused idempotency_key_reused']);
    const stranger = item('handover:x', { ...word, staffId: createUuid(world.effects) });
    expect(await outcomes([stranger])).toEqual(['refused staff_unknown']);
    const { rows } = await sql<{ note: string }>`select note from handovers where about = ${about}`.execute(
      getEngine().kysely,
    );
    expect(rows).toEqual([{ note: 'paid cash' }]);
  });
});
