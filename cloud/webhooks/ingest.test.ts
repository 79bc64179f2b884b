import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { tillEventSchema } from '../../shared/gateway-api.ts';
import { call, describeGateway, eventually, sign } from '../../test/fixtures/gateway.ts';
import { redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { addSentMessages, messageIdOf, wamidOf } from '../../test/fixtures/sent-messages.ts';
import { manualClock } from '../../test/sim/graph/clock.ts';
import { createGraphSim } from '../../test/sim/graph/sim.ts';
import { DELIVERY_CHAIN } from '../whatsapp/delivery-state.ts';
import { createWebhookIngest } from './ingest.ts';

const PATH = '/webhooks/whatsapp';
const STATES = ['sent', 'delivered', 'read', 'failed'] as const;
const DAY_MS = 86_400_000;
/** In one body of Meta's largest size; the rest of it is filled up. */
const MANY = 2_000;

interface Said {
  readonly n: number;
  readonly status: (typeof STATES)[number];
  /** Whether it names our own id, beside WhatsApp's. */
  readonly ours?: boolean;
}

function bodyOf(said: readonly Said[], padding = ''): string {
  const statuses = said.map(({ n, status, ours = true }) => ({
    id: wamidOf(n),
    status,
    timestamp: '1790000000',
    recipient_id: '6281234567801',
    pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' },
    ...(ours ? { biz_opaque_callback_data: messageIdOf(n) } : {}),
    ...(status === 'failed' ? { errors: [{ code: 131026, title: 'x' }] } : {}),
  }));
  const value = { messaging_product: 'whatsapp', metadata: {}, statuses };
  const entry = [{ id: '1', changes: [{ field: 'messages', value }] }];
  return JSON.stringify({ object: 'whatsapp_business_account', entry, ...(padding && { padding }) });
}

describeGateway('the taking in of webhooks', (gw) => {
  let next = 0;
  let place: { storeId: string; tillIds: string[]; customerIds: string[] };
  beforeAll(async () => {
    const world = redemptionWorld(gw().gateway.services.engine, systemEffects.clock);
    const storeId = await world.addStore();
    const tillIds: string[] = [];
    const customerIds: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      tillIds.push((await world.addTill(storeId)).tillId);
      customerIds.push((await world.addCustomer(storeId)).id);
    }
    place = { storeId, tillIds, customerIds };
  });

  async function messages(count: number): Promise<number[]> {
    const from = next;
    next += count;
    await addSentMessages(gw().gateway.services.engine, { ...place, from, count, now: Date.now() });
    return Array.from({ length: count }, (_, index) => from + index);
  }

  const deliver = (body: string) =>
    call(gw().url, 'POST', PATH, { raw: body, headers: { 'x-hub-signature-256': sign(body) } });

  /** Of these messages, in their order. */
  async function stand(numbers: readonly number[]) {
    const { rows } = await sql<{ state: string; reason: string | null }>`select m.state, m.reason
      from unnest(${numbers.map(messageIdOf)}::uuid[]) with ordinality as x(id, n) join messages m on m.id = x.id
      order by x.n`.execute(gw().gateway.services.engine.kysely);
    return rows;
  }

  async function kept(numbers: readonly number[]) {
    const { rows } = await sql<{ wamid: string; status: string; applied_at: number | null }>`
      select wamid, status, applied_at from message_events where wamid = any(${numbers.map(wamidOf)}::text[])`.execute(
      gw().gateway.services.engine.kysely,
    );
    return rows;
  }

  async function eventsOf(numbers: readonly number[]) {
    const ids = new Set(numbers.map(messageIdOf));
    const { rows } = await sql<{ data: unknown }>`select data from till_events
      where till_id = any(${place.tillIds}::uuid[]) order by till_id, seq`.execute(
      gw().gateway.services.engine.kysely,
    );
    return rows.flatMap(({ data }) => {
      const event = tillEventSchema.parse(data);
      return event.type === 'code.delivery' && ids.has(event.redemptionId) ? [event] : [];
    });
  }

  it('comes to the same for every order, number and grouping, each till told in its own order without a gap', async () => {
    const said = fc.record({
      n: fc.nat(7),
      status: fc.constantFrom(...STATES),
      ours: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(said, { minLength: 1, maxLength: 6 }), { maxLength: 12 }),
        async (batches) => {
          const numbers = await messages(8);
          const at = (one: Said): Said => ({ ...one, n: numbers[one.n] ?? 0 });
          const answers = await Promise.all(batches.map((batch) => deliver(bodyOf(batch.map(at)))));
          expect(answers.every(({ status }) => status === 200)).toBe(true);
          const wanted = numbers.map((_, index) => {
            const states = batches.flat().filter(({ n }) => n === index);
            return ['accepted' as const, ...states.map(({ status }) => status)].reduce((one, other) =>
              DELIVERY_CHAIN.indexOf(other) > DELIVERY_CHAIN.indexOf(one) ? other : one,
            );
          });
          // At once with the answer: nothing is left for later.
          expect(await stand(numbers)).toEqual(
            wanted.map((state) => ({ state, reason: state === 'failed' ? 'not_on_whatsapp' : null })),
          );
          const once = new Set(batches.flat().map(({ n, status }) => `${n} ${status}`));
          const rows = await kept(numbers);
          expect(rows).toHaveLength(once.size);
          expect(rows.every(({ applied_at }) => applied_at !== null)).toBe(true);
          const events = await eventsOf(numbers);
          for (const [index, n] of numbers.entries()) {
            const told = events.filter(({ redemptionId }) => redemptionId === messageIdOf(n));
            const states = told.map(({ delivery }) => DELIVERY_CHAIN.indexOf(delivery.state));
            expect(states).toEqual([...new Set(states)].sort((one, other) => one - other));
            if (wanted[index] !== 'accepted') expect(told.at(-1)?.delivery.state).toBe(wanted[index]);
          }
        },
      ),
      { numRuns: 25 },
    );
    const { rows } = await sql<{ gaps: number }>`select count(*)::integer as gaps from (
        select seq - row_number() over (partition by till_id order by seq) as shift from till_events) as s
      where shift <> 0`.execute(gw().gateway.services.engine.kysely);
    expect(rows).toEqual([{ gaps: 0 }]);
  });

  it('takes a body of 3 MB with thousands of statuses, and the same again changes nothing', async () => {
    const numbers = await messages(MANY);
    const bare = bodyOf(numbers.map((n) => ({ n, status: 'delivered' as const })));
    const room = 3 * 1024 * 1024 - Buffer.byteLength(bare) - ',"padding":""'.length;
    const body = bodyOf(
      numbers.map((n) => ({ n, status: 'delivered' as const })),
      'x'.repeat(room),
    );
    expect(Buffer.byteLength(body)).toBe(3 * 1024 * 1024);
    expect((await deliver(body)).status).toBe(200);
    expect((await stand(numbers)).every(({ state }) => state === 'delivered')).toBe(true);
    const before = (await eventsOf(numbers)).length;
    expect(before).toBe(MANY);
    expect((await deliver(body)).status).toBe(200);
    expect((await eventsOf(numbers)).length).toBe(before);
    expect(await kept(numbers)).toHaveLength(MANY);
  });

  it('shares commits: many webhooks at once are few transactions', async () => {
    const numbers = await messages(200);
    const { statuses, inbound, account } = gw().gateway.services;
    let commits = 0;
    const counting = {
      async absorb(events: Parameters<typeof statuses.absorb>[0]) {
        commits += 1;
        return statuses.absorb(events);
      },
    };
    const nothing = () => {};
    const ingest = createWebhookIngest({
      ...{
        inbound,
        account,
        limitsOf: async () => [],
        statuses: counting,
        onStatuses: nothing,
        onMessages: nothing,
      },
      lanes: 2,
    });
    await Promise.all(
      numbers.map((n) =>
        ingest.take([
          { type: 'status', wamid: wamidOf(n), status: 'sent', timestampMs: 1_790_000_000_000, errors: [] },
        ]),
      ),
    );
    expect(commits).toBe(3);
    expect((await stand(numbers)).every(({ state }) => state === 'sent')).toBe(true);
  });

  it('keeps statuses that cannot be taken over now, and takes them over as soon as it can', async () => {
    const [n = 0] = await messages(1);
    const { kysely } = gw().gateway.services.engine;
    const taken = gw().log.length;
    const functions = ['statuses_absorb', 'messages_lock'];
    // Whatever it is that goes wrong there.
    for (const name of functions)
      await sql`alter function ${sql.ref(name)} rename to ${sql.ref(`${name}_away`)}`.execute(kysely);
    expect((await deliver(bodyOf([{ n, status: 'read' }]))).status).toBe(200);
    expect((await stand([n]))[0]?.state).toBe('accepted');
    expect(await kept([n])).toMatchObject([{ status: 'read', applied_at: null }]);
    for (const name of functions)
      await sql`alter function ${sql.ref(`${name}_away`)} rename to ${sql.ref(name)}`.execute(kysely);
    await eventually(async () => (await stand([n]))[0]?.state === 'read', 'the status taken over');
    expect(await kept([n])).toMatchObject([{ applied_at: expect.any(Number) }]);
    expect(
      gw()
        .log.slice(taken)
        .some((line) => line.includes('background work failed')),
    ).toBe(true);
  });

  it('does not take what is heard of an older code for news of the newest', async () => {
    const [n = 0] = await messages(1);
    const { kysely } = gw().gateway.services.engine;
    const id = messageIdOf(n);
    await sql`update redemptions set serial = 2 where id = ${id}::uuid`.execute(kysely);
    await deliver(bodyOf([{ n, status: 'delivered' }]));
    expect(await stand([n])).toEqual([{ state: 'delivered', reason: null }]);
    expect(await eventsOf([n])).toEqual([]);
  });

  it('does not move a code that went another way meanwhile, nor by a send that was given up', async () => {
    const [other = 0, again = 0] = await messages(2);
    const { kysely } = gw().gateway.services.engine;
    await sql`update messages set channel = 'sms' where id = ${messageIdOf(other)}::uuid`.execute(kysely);
    await sql`update messages set wamid = 'wamid.again', abandoned_wamid = ${wamidOf(again)}
      where id = ${messageIdOf(again)}::uuid`.execute(kysely);
    await deliver(bodyOf([other, again].map((n) => ({ n, status: 'read' }))));
    expect((await stand([other, again])).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    expect(await kept([again])).toMatchObject([{ status: 'read', applied_at: null }]);
    expect(await eventsOf([other, again])).toEqual([]);
  });

  it('says how many are kept whose messages are not known yet, and takes them over once they are', async () => {
    const { statuses } = gw().gateway.services;
    const n = next;
    const of = (status: 'sent' | 'failed', at = n) => ({
      ...{ type: 'status' as const, wamid: wamidOf(at), status, timestampMs: 1_790_000_000_000, errors: [] },
    });
    expect(await statuses.absorb([of('sent'), of('failed')])).toBe(2);
    expect(await statuses.absorb([of('sent')])).toBe(0);
    await messages(2);
    expect(await statuses.absorb([of('sent', n + 1), of('failed', n + 1)])).toBe(0);
    await statuses.apply();
    expect((await stand([n, n + 1])).map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect((await kept([n, n + 1])).every(({ applied_at: at }) => at !== null)).toBe(true);
  });

  it('says what a message cost to whoever settles it', async () => {
    const [n = 0] = await messages(1);
    await deliver(bodyOf([{ n, status: 'delivered' }]));
    const { engine, settleCredit } = gw().gateway.services;
    await settleCredit();
    const told = async () => {
      const { rows } = await sql<{ outcome: string }>`
        select e.pricing, c.outcome, c.pricing as told from message_events e
        join message_charges c on c.message_id = ${messageIdOf(n)}::uuid where e.wamid = ${wamidOf(n)}`.execute(
        engine.kysely,
      );
      return rows;
    };
    // The gateway's own look may have it in hand.
    await eventually(async () => (await told())[0]?.outcome === 'spent', 'the settling');
    const pricing = { billable: true, model: 'PMP', type: 'regular', category: 'authentication' };
    expect(await told()).toEqual([{ pricing, outcome: 'spent', told: pricing }]);
  });

  it('is reached by what Meta repeats for seven days while we are away', async () => {
    const numbers = await messages(3);
    const clock = manualClock();
    let away = true;
    let attempts = 0;
    const sim = createGraphSim({
      clock,
      async post(_url, body, headers) {
        attempts += 1;
        if (away) return 503;
        const { statusCode } = await gw().gateway.app.inject({
          method: 'POST',
          url: PATH,
          payload: body,
          headers,
        });
        return statusCode;
      },
    });
    sim.setWebhook('http://127.0.0.1:1/');
    sim.webhooks.knobs.duplicates = 1;
    for (const n of numbers) sim.webhooks.send(JSON.parse(bodyOf([{ n, status: 'delivered' }])));
    for (let day = 0; day < 8; day += 1) {
      away = day < 6;
      for (let hour = 0; hour < 24; hour += 1) {
        clock.advance(DAY_MS / 24);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await sim.settled();
    await sim.close();
    expect(attempts).toBeGreaterThan(numbers.length * 10);
    expect((await stand(numbers)).every(({ state }) => state === 'delivered')).toBe(true);
    expect(await eventsOf(numbers)).toHaveLength(numbers.length);
  });
});
