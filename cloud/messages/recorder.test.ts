import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { tillEventSchema } from '../../shared/gateway-api.ts';
import { approvalWorld, voidBody } from '../../test/fixtures/approval-world.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';
import { redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { addSentMessages, messageIdOf, wamidOf } from '../../test/fixtures/sent-messages.ts';
import type { DeliveryChange } from './store.ts';

const MANY = 250;
const TEMPLATE = 'saksi_redemption_code/id';

describeGateway('the noting of what was sent', (gw) => {
  let next = 0;
  let place: { storeId: string; tillIds: string[]; customerIds: string[] };
  const kysely = () => gw().gateway.services.engine.kysely;
  beforeAll(async () => {
    const world = redemptionWorld(gw().gateway.services.engine, systemEffects.clock);
    const storeId = await world.addStore();
    const tillIds = [(await world.addTill(storeId)).tillId, (await world.addTill(storeId)).tillId];
    place = { storeId, tillIds, customerIds: [(await world.addCustomer(storeId)).id] };
  });

  /** Messages that are being sent, in nobody's queue. */
  async function queued(count: number): Promise<number[]> {
    const from = next;
    next += count;
    await addSentMessages(gw().gateway.services.engine, { ...place, from, count, now: Date.now() });
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    await change(numbers, sql`state = 'queued', wamid = null, attempts = 0, reason = 'wait_moment'`);
    return numbers;
  }

  async function change(numbers: readonly number[], what: ReturnType<typeof sql>): Promise<void> {
    await sql`update messages set ${what} where id = any(${numbers.map(messageIdOf)}::uuid[])`.execute(
      kysely(),
    );
  }

  const noteOne = (n: number, fields: Partial<DeliveryChange> = {}) =>
    gw().gateway.services.messages.record(messageIdOf(n), {
      ...{ state: 'accepted', reason: null, wamid: wamidOf(n), template: TEMPLATE, attempted: true },
      ...{ onChannel: 'whatsapp', ...fields },
    });

  async function stand(n: number) {
    return kysely()
      .selectFrom('messages')
      .select(['state', 'reason', 'wamid', 'template', 'attempts', 'channel'])
      .where('id', '=', messageIdOf(n))
      .executeTakeFirstOrThrow();
  }

  async function told(numbers: readonly number[]) {
    const ids = numbers.map(messageIdOf);
    const { rows } = await sql<{ data: unknown }>`select data from till_events
      where till_id = any(${place.tillIds}::uuid[]) order by till_id, seq`.execute(kysely());
    return rows.flatMap(({ data }) => {
      const event = tillEventSchema.parse(data);
      return event.type === 'code.delivery' && ids.includes(event.redemptionId) ? [event.delivery] : [];
    });
  }

  it('notes many at once, tells each till, and leaves each charge as it was', async () => {
    const numbers = await queued(MANY);
    const { settleCredit } = gw().gateway.services;
    expect(new Set(await Promise.all(numbers.map((n) => noteOne(n))))).toEqual(new Set(['accepted']));
    for (const n of numbers) {
      const wanted = { state: 'accepted', reason: null, wamid: wamidOf(n), template: TEMPLATE, attempts: 1 };
      expect(await stand(n)).toMatchObject(wanted);
    }
    expect(await told(numbers)).toEqual(
      numbers.map(() => ({ channel: 'whatsapp', state: 'accepted', reason: null })),
    );
    const outcomes = async () => {
      const { rows } = await sql<{ outcome: string; count: number; steps: number }>`
        select outcome, count(*)::integer as count, max(step) as steps from message_charges
        where message_id = any(${numbers.map(messageIdOf)}::uuid[]) group by outcome`.execute(kysely());
      return rows;
    };
    expect(await Promise.all(numbers.map((n) => noteOne(n)))).toEqual(numbers.map(() => null));
    await settleCredit();
    expect(await outcomes()).toEqual([{ outcome: 'spent', count: MANY, steps: 0 }]);
  });

  it('keeps the state that a faster status brought, and notes the rest', async () => {
    const [n = 0] = await queued(1);
    await change([n], sql`state = 'delivered', reason = null`);
    expect(await noteOne(n)).toBeNull();
    expect(await stand(n)).toMatchObject({ state: 'delivered', wamid: wamidOf(n), attempts: 1 });
    expect(await told([n])).toEqual([]);
  });

  it('takes nothing for news of a code that went another way, or of a send that was given up', async () => {
    const [other = 0, again = 0] = await queued(2);
    await change([other], sql`channel = 'sms'`);
    await change([again], sql`abandoned_wamid = ${wamidOf(again)}`);
    const before = await Promise.all([other, again].map(stand));
    expect([await noteOne(other), await noteOne(again)]).toEqual([null, null]);
    expect(await Promise.all([other, again].map(stand))).toEqual(before);
    expect(await told([other, again])).toEqual([]);
  });

  it('notes a question too, among many codes, and tells the till of its approval', async () => {
    const world = approvalWorld(gw().gateway.services.engine, systemEffects.clock);
    const { till, cashier, supervisor } = await world.staffedStore();
    const { approval } = await world.service.create(till, world.newKey(), voidBody(cashier));
    const ref = await world.refOf(approval.id, supervisor);
    const [question = 0, ...codes] = await queued(3);
    await change(
      [question],
      sql`kind = 'approval_request', approval_id = ${approval.id}, approval_ref = ${ref}`,
    );
    const told = async () =>
      kysely().selectFrom('till_events').select('data').where('till_id', '=', till.tillId).execute();
    const before = (await told()).length;
    expect(await Promise.all([question, ...codes].map((n) => noteOne(n)))).toEqual(Array(3).fill('accepted'));
    expect(await stand(question)).toMatchObject({ state: 'accepted', wamid: wamidOf(question), attempts: 1 });
    expect((await told()).slice(before)).toMatchObject([{ data: { type: 'approval.changed' } }]);
  });

  it('tells until when one waits that could not be sent now', async () => {
    const [n = 0] = await queued(1);
    const waits = { state: 'queued', reason: 'wait_person_limit', retryInSeconds: 9 } as const;
    expect(
      await gw().gateway.services.messages.record(messageIdOf(n), { ...waits, onChannel: 'whatsapp' }),
    ).toBeNull();
    const [delivery] = await told([n]);
    expect(delivery).toMatchObject({ state: 'queued', reason: 'wait_person_limit' });
    expect(delivery?.retryAt).toBeGreaterThan(Date.now());
  });
});
