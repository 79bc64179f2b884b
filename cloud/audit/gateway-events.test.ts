import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from '../../shared/audit/chain.ts';
import { AUDIT_KINDS, auditEventSchema } from '../../shared/audit/event.ts';
import { systemRandom } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { createBody, redemptionWorld, standingClock } from '../../test/fixtures/redemption-world.ts';
import { loadIdentity } from '../keys/signing.ts';
import { checkChains } from './check.ts';
import { linkStaged, signHeads } from './sequencer.ts';

describeOnBothEngines("the gateway's own audit events", (getEngine) => {
  const clock = standingClock();
  const effects = { clock, random: systemRandom };

  async function open() {
    const engine = getEngine();
    const identity = await loadIdentity(engine, effects, new Uint8Array(32).fill(4));
    const shop = redemptionWorld(engine, clock);
    const till = await shop.addTill(await shop.addStore());
    const context = { engine, effects, identity };
    const events = async () => {
      while ((await linkStaged(context)) > 0);
      return engine.kysely
        .selectFrom('audit_events')
        .selectAll()
        .where('store_id', '=', till.storeId)
        .orderBy('id')
        .execute();
    };
    return { engine, shop, till, context, events };
  }

  it('tell a redemption from the wish to the capture, and are linked as the library links', async () => {
    const { shop, till, context, events, engine } = await open();
    const { id: customerId } = await shop.addCustomer(till.storeId, { deposit: 100_000 });
    const body = createBody(customerId, 60_000);
    const { redemption } = await shop.service.create(till, shop.newKey(), body);
    const code = await shop.codeOf(redemption.id);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    clock.advance(9_000);
    await expect(shop.service.verify(till, redemption.id, shop.newKey(), wrong)).rejects.toThrow();
    clock.advance(1_000);
    await shop.service.verify(till, redemption.id, shop.newKey(), code);
    const settledAt = clock.now();
    await shop.service.capture(till, redemption.id, shop.newKey(), { settledAt, slip: 'printed' });
    await expect(shop.service.verify(till, redemption.id, shop.newKey(), code)).rejects.toThrow();
    const told = (await events()).filter((event) => event.subject_id === redemption.id);
    expect(told.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['redemption.requested', 'ok'],
      ['code.sent', 'ok'],
      ['code.wrong', 'refused'],
      ['redemption.authorised', 'ok'],
      ['redemption.captured', 'ok'],
      ['code.wrong', 'refused'],
    ]);
    expect(JSON.parse(told.at(-1)?.body ?? '').detail).toEqual({ triesLeft: 4, why: 'reused' });
    for (const event of told) {
      expect(event).toMatchObject({ customer_id: customerId, till_id: till.tillId, amount: 60_000 });
      expect(canonicalJson(JSON.parse(event.body) as JsonValue)).toBe(event.body);
      expect(AUDIT_KINDS).toHaveProperty([event.kind]);
      expect(auditEventSchema.shape.kind.safeParse(event.kind).success).toBe(true);
    }
    expect(told[2]?.at).toBe(clock.now() - 1_000);
    expect(JSON.parse(told[2]?.body ?? '').detail).toEqual({ triesLeft: 4, why: 'wrong' });
    expect(JSON.parse(told[3]?.body ?? '').detail).toMatchObject({ ms: 10_000 });
    expect(told.map(({ body: text }) => text).join()).not.toContain(code);
    expect(await checkChains(engine.kysely, context.identity)).toMatchObject({ ok: true, faults: [] });
  });

  it('tell of a code that nobody asked for, and of a customer who was erased', async () => {
    const { shop, till, events, engine } = await open();
    const { id: customerId } = await shop.addCustomer(till.storeId);
    const at = clock.now();
    const about = { store_id: till.storeId, till_id: till.tillId, customer_id: customerId, at };
    await engine.kysely
      .insertInto('unrequested_codes')
      .values({
        ...{ ...about, message_id: createUuid(effects), about: 'redemption', sale_ref: 'S-7' },
        ...{ redemption_id: createUuid(effects), staff_id: null },
      })
      .execute();
    const none = { open_redemptions: 0, deposit: 0, points: 0, messages: 0, forced_by: null };
    await engine.kysely
      .insertInto('erasures')
      .values({
        ...{ ...none, customer_id: customerId, store_id: till.storeId, at },
        ...{ carried_out_by: 'operator', note: 'letter' },
      })
      .execute();
    const told = (await events()).filter((event) => event.customer_id === customerId);
    expect(told.map(({ kind, outcome, body }) => [kind, outcome, JSON.parse(body).detail])).toEqual([
      ['code.unwanted', 'refused', { about: 'redemption' }],
      ['customer.erased', 'ok', { by: 'operator' }],
    ]);
  });

  it('are not there for what was rolled back, and none is lost where many write at once', async () => {
    const { shop, till, events, engine } = await open();
    const stage = (kind: string, fails = false) =>
      engine.kysely
        .transaction()
        .execute(async (trx) => {
          await trx.insertInto('audit_staged').values({ store_id: till.storeId, at: 1, kind }).execute();
          if (fails) throw new Error('rolled back');
        })
        .catch(() => undefined);
    await Promise.all([stage('staff.changed', true), ...Array.from({ length: 30 }, () => stage('web.did'))]);
    const [linked] = await Promise.all([events(), events()]);
    const all = await events();
    expect(all.filter(({ kind }) => kind === 'web.did')).toHaveLength(30);
    expect(all.filter(({ kind }) => kind === 'staff.changed')).toEqual([]);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    expect(linked.length).toBeLessThanOrEqual(all.length);
    expect(shop).toBeDefined();
  });

  it('are told in one statement for many rows', async () => {
    const { shop, till, events } = await open();
    const { id: customerId } = await shop.addCustomer(till.storeId, { deposit: 1_000_000 });
    const items = [];
    for (let n = 0; n < 5; n += 1) {
      const { redemption } = await shop.service.create(till, shop.newKey(), createBody(customerId, 1_000));
      if (redemption.status === 'awaiting_code') {
        await shop.service.verify(till, redemption.id, shop.newKey(), await shop.codeOf(redemption.id));
      }
      const request = { settledAt: clock.now(), slip: 'printed' } as const;
      const names = { idempotencyKey: createUuid(effects), redemptionId: redemption.id };
      items.push({ ...names, stream: `customer:${customerId}`, request });
    }
    const done = await shop.service.captureMany(till, items);
    expect(done.size).toBe(5);
    const captured = (await events()).filter(({ kind }) => kind === 'redemption.captured');
    expect(captured.map(({ subject_id: id }) => id).sort()).toEqual(
      items.map(({ redemptionId }) => redemptionId).sort(),
    );
  });

  it('are told of what follows a batch in its transaction, and once of each', async () => {
    const { engine, shop, till, events } = await open();
    const { id: customerId } = await shop.addCustomer(till.storeId, { deposit: 1_000_000 });
    const make = async () => {
      const { redemption } = await shop.service.create(till, shop.newKey(), createBody(customerId, 60_000));
      await shop.service.verify(till, redemption.id, shop.newKey(), await shop.codeOf(redemption.id));
      return redemption.id;
    };
    const [first, second] = [await make(), await make()];
    const item = { key: createUuid(effects), id: first, stream: 'one', hash: '00'.repeat(32) };
    const items = JSON.stringify([{ ...item, settled: clock.now(), slip: 'printed', event: {} }]);
    await engine.kysely.transaction().execute(async (trx) => {
      await sql`select redemptions_capture(${till.tillId}, ${items}::jsonb, ${clock.now()})`.execute(trx);
      await sql`update redemptions set status = 'released', settled_at = ${clock.now()} where id = ${second}`.execute(
        trx,
      );
    });
    const told = (await events()).filter(({ kind }) => /captured|released/.test(kind));
    expect(told.map(({ kind, subject_id: id }) => [kind, id])).toEqual([
      ['redemption.captured', first],
      ['redemption.released', second],
    ]);
  });

  it('are signed at their head, again only where the chain grew', async () => {
    const { context, events, engine, till } = await open();
    await engine.kysely
      .insertInto('audit_staged')
      .values({ store_id: till.storeId, at: 1, kind: 'web.did' })
      .execute();
    await events();
    expect(await signHeads(context)).toBeGreaterThan(0);
    expect(await signHeads(context)).toBe(0);
    const { rows } = await sql<{ n: number }>`select count(*) as n from audit_signed s
      join audit_chains c on c.id = s.chain_id and c.seq = s.seq and c.hash = s.hash`.execute(engine.kysely);
    expect(rows[0]?.n).toBeGreaterThan(0);
    expect((await checkChains(engine.kysely, context.identity)).ok).toBe(true);
  });
});
