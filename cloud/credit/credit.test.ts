import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { createUuid } from '../../shared/ids.ts';
import type { MessageCreditPolicy } from '../../shared/message-credit-policy.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, type RedemptionWorld, redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import { creditOf, LAPSE_GRACE_MS, settleDue, topUp } from './accounts.ts';
import { checkCredit } from './check.ts';
import { throwCreditRefusal } from './refusal.ts';
import { statementOf } from './statement.ts';

const PRICE = 367;
const TTL_MS = 300_000;

describeOnBothEngines('message credit', (getEngine) => {
  let world: RedemptionWorld;
  let storeId: string;
  let tillId: string;
  const db = () => getEngine().kysely;
  const now = () => world.effects.clock.now();

  beforeEach(async () => {
    world = redemptionWorld(getEngine());
    await addStore({});
  });

  async function addStore(credit: Partial<MessageCreditPolicy>): Promise<void> {
    const edit = policyWith((policy) => {
      policy.messageCredit = { ...policy.messageCredit, ...credit };
    });
    storeId = await world.addStore(edit);
    ({ tillId } = await world.addTill(storeId));
  }

  /** Keeps a message as `add_message` does, without a queue. */
  async function keep(kind: MessageKind = 'drawer_alert', fields: Record<string, unknown> = {}) {
    const id = createUuid(world.effects);
    const row = {
      ...{ id, store_id: storeId, till_id: tillId, serial: 1, kind, channel: 'whatsapp' },
      ...{ recipient_sealed: 'x', language: 'id', state: 'queued', attempts: 0, country: 'ID' },
      ...{
        created_at: now(),
        expires_at: now() + TTL_MS,
        updated_at: now(),
        content: { kind: 'text', text: '' },
      },
      ...fields,
    };
    await sql`insert into messages select * from jsonb_populate_record(null::messages, ${JSON.stringify(row)}::jsonb)`
      .execute(db())
      .catch(throwCreditRefusal);
    return id;
  }

  async function becomes(id: string, fields: Record<string, unknown>) {
    const row = { updated_at: now(), ...fields };
    await db()
      .updateTable('messages')
      .set(row as never)
      .where('id', '=', id)
      .execute();
    await settleDue(db(), now());
  }

  async function says(
    wamid: string,
    pricing: object,
    about: { status?: 'sent' | 'delivered'; correlation_id?: string; applied_at?: number } = {},
  ) {
    await db()
      .insertInto('message_events')
      .values({
        ...{ wamid, status: 'sent', correlation_id: null, error_code: null, applied_at: null, ...about },
        ...{ occurred_at: now(), received_at: now(), pricing: JSON.stringify(pricing) },
      })
      .execute();
    await settleDue(db(), now());
  }

  const standing = async () => {
    const { balance, held, spent } = await creditOf(db(), storeId);
    expect(await checkCredit(db())).toMatchObject({ ok: true, sum: 0 });
    return { balance, held, spent };
  };
  const add = (amount: number, key = createUuid(world.effects)) =>
    topUp(db(), { storeId, amount, idempotencyKey: key, at: now() });
  const SENT = { state: 'accepted', attempts: 1, template: 'saksi_drawer_unexplained/id' };

  it('adds a top-up once for its key', async () => {
    expect(await add(1000, 'a')).toBe('posted');
    expect(await add(1000, 'a')).toBe('repeated');
    await expect(add(1001, 'a')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    await expect(add(0)).rejects.toMatchObject({ code: 'amount_invalid' });
    const nobody = { storeId: createUuid(world.effects), amount: 1, idempotencyKey: 'b', at: now() };
    await expect(topUp(db(), nobody)).rejects.toMatchObject({ code: 'not_found' });
    expect(await standing()).toEqual({ balance: 1000, held: 0, spent: 0 });
    await expect(db().updateTable('credit_transfers').set({ amount: 1 }).execute()).rejects.toThrow(
      'append-only',
    );
  });

  it('holds the price when a message is kept, and spends it when WhatsApp took it', async () => {
    await add(1000);
    const id = await keep();
    expect(await standing()).toEqual({ balance: 1000 - PRICE, held: PRICE, spent: 0 });
    await becomes(id, { ...SENT, wamid: id });
    expect(await standing()).toEqual({ balance: 1000 - PRICE, held: 0, spent: PRICE });
    await becomes(id, { state: 'delivered' });
    expect(await standing()).toEqual({ balance: 1000 - PRICE, held: 0, spent: PRICE });
  });

  it('moves money once for a message that is sent, and has nothing to look at', async () => {
    const id = await keep();
    const row = { updated_at: now(), ...SENT, wamid: id };
    await db()
      .updateTable('messages')
      .set(row as never)
      .where('id', '=', id)
      .execute();
    expect(await db().selectFrom('credit_due').select('id').execute()).toEqual([]);
    const transfers = db()
      .selectFrom('credit_transfers')
      .select(['kind', 'amount'])
      .where('message_id', '=', id);
    expect(await transfers.execute()).toEqual([{ kind: 'spend', amount: PRICE }]);
  });

  it('takes nothing for a free-form message of which a status came before our note of it', async () => {
    const id = await keep();
    await becomes(id, { state: 'delivered' });
    await becomes(id, { ...SENT, state: 'delivered', template: 'text', wamid: 'w-slow-note' });
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it('holds nothing for a transaction that was rolled back', async () => {
    const gone = db()
      .transaction()
      .execute(async (trx) => {
        await sql`insert into messages select * from jsonb_populate_record(null::messages, ${JSON.stringify({
          ...{
            id: createUuid(world.effects),
            store_id: storeId,
            serial: 1,
            kind: 'drawer_alert',
            channel: 'whatsapp',
          },
          ...{ recipient_sealed: 'x', language: 'id', state: 'queued', attempts: 0, content: {} },
          ...{ created_at: now(), expires_at: now(), updated_at: now() },
        })}::jsonb)`.execute(trx);
        throw new Error('changed our mind');
      });
    await expect(gone).rejects.toThrow('changed our mind');
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it.each([
    ['was refused', { state: 'failed', reason: 'not_on_whatsapp', attempts: 1 }],
    ['failed on the way', { ...SENT, state: 'failed', reason: 'not_on_whatsapp', wamid: 'w-failed' }],
    ['lapsed in the queue', { state: 'failed', reason: 'lapsed' }],
  ])('gives the price of a message back that %s, once', async (_, fields) => {
    const id = await keep();
    await becomes(id, { ...SENT, wamid: null });
    await becomes(id, { state: 'queued' });
    await becomes(id, fields);
    await becomes(id, { reason: 'unknown' });
    await settleDue(db(), now());
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it('keeps what the policy does not give back', async () => {
    await addStore({ refundOn: ['lapsed'] });
    await becomes(await keep(), { ...SENT, state: 'failed', reason: 'not_on_whatsapp' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
    // Never handed to WhatsApp: that is no message.
    await becomes(await keep(), { state: 'failed', reason: 'not_connected' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('charges again what was said to have failed and arrived after all', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, state: 'failed', reason: 'unknown', wamid: 'w-both' });
    await becomes(id, { state: 'delivered' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('takes nothing for a free-form message, and the price again when it goes by template after all', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, template: 'text', wamid: 'w-free' });
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
    await becomes(id, { state: 'queued', wamid: null, abandoned_wamid: 'w-free', template_only: true });
    expect(await standing()).toEqual({ balance: -PRICE, held: PRICE, spent: 0 });
    await becomes(id, { ...SENT, wamid: 'w-paid' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('gives back what did not arrive in its time, and takes it again when it came late', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, state: 'sent', wamid: 'w-late' });
    await settleDue(db(), now() + TTL_MS + LAPSE_GRACE_MS);
    expect(await standing()).toMatchObject({ spent: PRICE });
    await settleDue(db(), now() + TTL_MS + LAPSE_GRACE_MS + 1);
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
    await becomes(id, { state: 'delivered', updated_at: now() + TTL_MS + LAPSE_GRACE_MS + 2 });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('looks at all whose time is over, however many, and again at what a clock ahead of time had passed', async () => {
    await settleDue(db(), now() + 10 * TTL_MS + LAPSE_GRACE_MS);
    await settleDue(db(), now());
    const ids = [await keep(), await keep(), await keep()];
    for (const id of ids) await becomes(id, { ...SENT, state: 'sent', wamid: id });
    expect(await standing()).toMatchObject({ spent: 3 * PRICE });
    const over = now() + TTL_MS + LAPSE_GRACE_MS + 1;
    await sql`update messages set expires_at = expires_at - 1 where id = ${ids[0]}::uuid`.execute(db());
    await sql`select credit_lapse(${over}, ${LAPSE_GRACE_MS}, 1)`.execute(db());
    await sql`select credit_settle(${over}, ${LAPSE_GRACE_MS}, 100)`.execute(db());
    expect(await standing()).toMatchObject({ spent: 2 * PRICE });
    await settleDue(db(), over);
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it('charges a message that was on its way already when it was kept, and not one that is free', async () => {
    await keep('drawer_alert', { ...SENT, wamid: 'w-on-its-way' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
    await keep('drawer_alert', { ...SENT, template: 'text', wamid: 'w-free-already' });
    await settleDue(db(), now());
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('goes by what Meta says it bills', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, wamid: 'w-billed' });
    await says('w-billed', { billable: false, category: 'utility', type: 'free_customer_service' });
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it('looks once at a price that comes with each status, and again at another one', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, wamid: `${id}-w` });
    const due = async () =>
      (await sql<{ n: number }>`select count(*) as n from credit_due`.execute(db())).rows[0]?.n;
    const keepStatus = (status: 'sent' | 'delivered' | 'read', pricing: object) =>
      db()
        .insertInto('message_events')
        .values({
          ...{ wamid: `${id}-w`, status, correlation_id: id, error_code: null, applied_at: now() },
          ...{ occurred_at: now(), received_at: now(), pricing: JSON.stringify(pricing) },
        })
        .execute();
    const pricing = { billable: true, category: 'utility' };
    await keepStatus('sent', pricing);
    expect(await due()).toBe(1);
    await keepStatus('delivered', pricing);
    expect(await due()).toBe(1);
    await keepStatus('read', { billable: false, category: 'utility' });
    expect(await due()).toBe(2);
    await settleDue(db(), now());
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
  });

  it('charges a code that went on by SMS and arrived on WhatsApp after all, as Meta says', async () => {
    const moved = async (wamid: string) => {
      const id = await keep();
      await becomes(id, { ...SENT, wamid });
      const billed = { billable: true, category: 'authentication', type: 'regular' };
      await says(wamid, billed, { correlation_id: id, applied_at: now() });
      await becomes(id, {
        ...{
          channel: 'sms',
          state: 'queued',
          wamid: null,
          abandoned_wamid: wamid,
          template: null,
          attempts: 0,
        },
      });
      await becomes(id, { state: 'accepted', template: 'sms', attempts: 1 });
      return { id, billed };
    };
    const late = await moved('w-moved');
    expect(await standing()).toEqual({ balance: 0, held: 0, spent: 0 });
    await says('w-moved', late.billed, { status: 'delivered', correlation_id: late.id });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
    await becomes(late.id, { state: 'failed', reason: 'unknown' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
    const free = await moved('w-moved-free');
    await says('w-moved-free', { billable: false }, { status: 'delivered', correlation_id: free.id });
    expect(await standing()).toEqual({ balance: -PRICE, held: 0, spent: PRICE });
  });

  it('lists where Meta says otherwise', async () => {
    const id = await keep();
    await becomes(id, { ...SENT, wamid: `${id}-w` });
    await says(`${id}-w`, { billable: true, category: 'marketing', type: 'regular' });
    const free = await keep('drawer_alert', { created_at: now() + 1 });
    await becomes(free, { ...SENT, template: 'text', wamid: `${free}-w` });
    await says(`${free}-w`, { billable: true, category: 'service' });
    await becomes(await keep('note'), { ...SENT, template: 'text' });
    const statement = await statementOf(db(), storeId, { from: now(), to: now() + 2 });
    expect(statement).toMatchObject({
      currency: 'IDR',
      rows: [
        {
          day: '2026-11-20',
          kind: 'drawer_alert',
          storeId,
          tillId,
          cashierId: null,
          count: 2,
          cost: PRICE,
          free: 1,
        },
        { kind: 'note', count: 1, cost: 0, free: 1, returned: 0 },
      ],
      total: { count: 3, cost: PRICE, free: 2, returned: 0 },
      reconciled: 2,
      differences: [
        {
          messageId: id,
          ours: { charged: true, category: 'utility' },
          meta: { billable: true, category: 'marketing' },
        },
        { messageId: free, ours: { charged: false, category: 'service' }, meta: { billable: true } },
      ],
    });
    expect((await statementOf(db(), storeId, { from: now() - 1, to: now() })).rows).toEqual([]);
  });

  it('counts without stopping anybody where it is not enforced', async () => {
    await keep();
    await keep('note');
    expect(await standing()).toEqual({ balance: -PRICE, held: PRICE, spent: 0 });
  });

  it('refuses a code at zero, below the overdraft', async () => {
    await addStore({ enforce: true, overdraw: { kinds: ['code'], messages: 1 } });
    await add(PRICE);
    const redemption = async () => {
      const customer = await world.addCustomer(storeId, { deposit: 10 });
      const body = {
        customer: { id: customer.id },
        asset: 'deposit',
        amount: 1,
        saleRef: 'S',
        drawer: false,
      };
      const created = await world.service.create({ tillId, storeId }, world.newKey(), {
        ...body,
        ...{ staffId: null, channel: 'whatsapp' },
      } as never);
      return { redemption_id: created.redemption.id, content: null };
    };
    await keep('code', await redemption());
    await keep('code', await redemption());
    expect(await standing()).toEqual({ balance: -PRICE, held: 2 * PRICE, spent: 0 });
    await expect(keep('code', await redemption())).rejects.toMatchObject({ code: 'message_credit_empty' });
    expect(await standing()).toEqual({ balance: -PRICE, held: 2 * PRICE, spent: 0 });
  });

  it('fails a notice at zero without failing what it belongs to; warnings and notes go on', async () => {
    await addStore({ enforce: true });
    const id = await keep();
    await keep('credit_low');
    await keep('note');
    const row = await db().selectFrom('messages').select(['state', 'reason']).where('id', '=', id).execute();
    expect(row).toEqual([{ state: 'failed', reason: 'credit_empty' }]);
    expect(await standing()).toEqual({ balance: -PRICE, held: PRICE, spent: 0 });
  });

  it('goes by the newest price of the country, else by the one for all', async () => {
    const prices = [
      { country: '*', price: 400, effective_from: now() + 1000 },
      { country: 'TR', price: 900, effective_from: 5 },
    ] as const;
    for (const price of prices) {
      await db()
        .insertInto('message_prices')
        .values({ currency: 'IDR', category: 'utility', ...price })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await keep('drawer_alert');
    await keep('drawer_alert', { country: 'TR' });
    await keep('drawer_alert', { created_at: now() + 1000 });
    expect(await standing()).toMatchObject({ held: 367 + 900 + 400 });
  });
});
