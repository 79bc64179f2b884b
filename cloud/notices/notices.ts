/**
 * Tells customers who agreed to it what happened to their balance, and managers of large redemptions. By the ledger, after
 * it: nothing that books waits for it. Each transfer is told of once, however many gateways look, and whatever dies between.
 */
import { sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import type { Store } from '../../shared/gateway-api.ts';
import { type Asset, type Currency, formatAmount } from '../../shared/money.ts';
import type { Engine } from '../db/engine.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { dateText } from '../messages/sealed-codes.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import type { Trx } from '../redemptions/ports.ts';
import { addressOf, identitiesOf } from '../staff/identities.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';

/** As long as the templates let Meta try. */
const TTL_MS = 12 * 3_600_000;
/** After a pause that long nothing of before it is told: news of yesterday are none. */
const STALE_MS = 10 * 60_000;
/** Transfers commit out of the order of their ids: only what is older than this is looked at for the last time. */
const SETTLED_MS = 30_000;
const KEPT_MS = 24 * 3_600_000;
const TRANSFERS_PER_LOOK = 500;
const WORD_LENGTH_MAX = { store: 80, till: 60, name: 80, sale: 60 };
const POINTS = { id: 'poin', en: 'points', tr: 'puan' } as const;

export interface NoticesOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

/** A transfer that is to be told of, with all that is said. */
interface Moved {
  readonly id: number;
  readonly kind: 'capture' | 'credit';
  readonly posted_at: number;
  readonly asset: Asset;
  readonly amount: number;
  readonly store_id: string;
  readonly store: string;
  readonly currency: Currency;
  readonly store_language: Store['language'];
  readonly timezone: string;
  readonly customer: string;
  readonly language: Store['language'];
  readonly phone_e164: string | null;
  /** Their account, where WhatsApp tells no number. */
  readonly user_id: string | null;
  readonly balance: number;
  readonly till: string | null;
  readonly sale_ref: string | null;
  readonly cashier: string | null;
  /** By the store's policy and the customer's consent, and by the amount. */
  readonly to_customer: boolean;
  readonly to_managers: boolean;
}

export function createNotices({ engine, effects, messages, queued }: NoticesOptions): () => Promise<void> {
  const { clock } = effects;
  const db = engine.kysely;

  return async function look() {
    const told = await db.transaction().execute(lookIn);
    if (told > 0) queued();
  };

  /** @returns how many messages were queued */
  async function lookIn(trx: Trx): Promise<number> {
    const from = await takeCursor(trx);
    if (from === null) return 0;
    const now = clock.now();
    const moved = await read(trx, from);
    let count = 0;
    for (const transfer of moved) {
      const wanted = await messagesOf(trx, transfer, now);
      await messages.addForStaff(trx, wanted);
      count += wanted.length;
    }
    const last = await lastSettled(trx, from, now);
    await trx.updateTable('notice_cursor').set({ transfer_id: last, looked_at: now }).execute();
    await trx
      .deleteFrom('notices')
      .where('at', '<', now - KEPT_MS)
      .execute();
    return count;
  }

  /** Null: nobody wants notices, another gateway is looking, or there is no beginning yet. */
  async function takeCursor(trx: Trx): Promise<number | null> {
    const now = clock.now();
    const { rows } = await sql<{ transfer_id: number; looked_at: number }>`select transfer_id, looked_at
      from notice_cursor where exists (select 1 from stores s where ${anyWanted()}) for update skip locked`.execute(
      trx,
    );
    const [cursor] = rows;
    if (cursor === undefined) return null;
    if (now - cursor.looked_at <= STALE_MS) return cursor.transfer_id;
    await sql`update notice_cursor set looked_at = ${now}::bigint,
      transfer_id = coalesce((select max(id) from transfers), 0)`.execute(trx);
    return null;
  }

  /** Of the store `s`. */
  function anyWanted() {
    return sql<boolean>`(s.channels #> '{notices}') @? '$.* ? (@ == true || @ > 0)'`;
  }

  async function read(trx: Trx, from: number): Promise<Moved[]> {
    const { rows } = await sql<Moved>`
      select * from (
        select t.id, t.kind, t.posted_at, a.asset, t.amount, s.id as store_id, s.name as store, s.currency,
          s.language as store_language, s.timezone, c.name as customer, c.language, c.phone_e164,
          u.value as user_id, available_of(c.id, a.asset) as balance, l.name as till, r.sale_ref, f.name as cashier,
          coalesce(c.phone_e164, u.value) is not null
            and coalesce((s.channels #>> array['notices', case t.kind when 'credit' then 'topup' else 'redemption' end])
              ::boolean, false)
            and coalesce((select n.given from consents n where n.customer_id = c.id
              and n.purpose in ('notices', case t.kind when 'credit' then 'topup' else 'redemption' end)
              order by n.id desc limit 1), false) as to_customer,
          t.kind = 'capture' and coalesce((s.channels #>> '{notices,largeFrom}')::numeric, 0) > 0
            and a.asset = 'deposit' and t.amount >= (s.channels #>> '{notices,largeFrom}')::numeric as to_managers
        from transfers t
          join accounts a on a.id = case t.kind when 'credit' then t.credit_account_id else t.debit_account_id end
          join stores s on s.id = a.store_id join customers c on c.id = a.customer_id
          left join lateral (select value from customer_identities where customer_id = c.id and kind = 'user_id'
            and ended_at is null order by last_seen_at desc limit 1) u on true
          left join redemptions r on r.id = t.ref_id left join tills l on l.id = r.till_id
          left join staff f on f.id = r.staff_id
        where t.id > ${from}::bigint and t.kind in ('capture', 'credit') and ${anyWanted()}
        order by t.id limit ${TRANSFERS_PER_LOOK}
      ) m where to_customer or to_managers`.execute(trx);
    return rows;
  }

  async function messagesOf(trx: Trx, moved: Moved, now: number): Promise<StaffMessage[]> {
    const wanted: StaffMessage[] = [];
    const address = customerAddress(moved);
    if (moved.to_customer && address !== null && (await isFirst(trx, moved.id, 'customer', now))) {
      wanted.push(toCustomer(moved, address, now));
    }
    if (moved.to_managers && (await isFirst(trx, moved.id, 'managers', now))) {
      wanted.push(
        ...(await managersOf(trx, moved.store_id)).map((address) => toManager(moved, address, now)),
      );
    }
    return wanted;
  }
}

/** By number where one is known: Meta goes by it where both are given. */
function customerAddress({ phone_e164: phone, user_id: userId }: Moved): Address | null {
  if (phone !== null) return { phone };
  return userId === null ? null : { userId };
}

async function isFirst(
  trx: Trx,
  transferId: number,
  purpose: 'customer' | 'managers',
  at: number,
): Promise<boolean> {
  const first = await trx
    .insertInto('notices')
    .values({ transfer_id: transferId, purpose, at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('transfer_id')
    .executeTakeFirst();
  return first !== undefined;
}

/** The newest of those looked at before which nothing can come any more. */
async function lastSettled(trx: Trx, from: number, now: number): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`select max(id) as last from (
      select id, posted_at from transfers where id > ${from}::bigint and kind in ('capture', 'credit')
      order by id limit ${TRANSFERS_PER_LOOK}) t
    where posted_at <= ${now - SETTLED_MS}::bigint`.execute(trx);
  return rows[0]?.last ?? from;
}

async function managersOf(trx: Trx, storeId: string): Promise<Address[]> {
  const managers = await trx
    .selectFrom('staff')
    .select('id')
    .where('store_id', '=', storeId)
    .where('role', '=', 'manager')
    .where('active', '=', true)
    .orderBy('id')
    .execute();
  const identities = await identitiesOf(
    trx,
    managers.map(({ id }) => id),
  );
  return managers.flatMap(({ id }) => {
    const identity = identities.get(id);
    const address = identity === undefined ? null : addressOf(identity);
    return address === null ? [] : [address];
  });
}

function toCustomer(moved: Moved, address: Address, now: number): StaffMessage {
  const { language, timezone } = moved;
  const store = parameterText(moved.store, WORD_LENGTH_MAX.store);
  const when = dateText(moved.posted_at, language, timezone);
  const [amount, balance] = [
    amountText(moved.amount, moved, language),
    amountText(moved.balance, moved, language),
  ];
  if (moved.kind === 'credit') {
    return notice(moved, {
      address,
      language,
      now,
      template: 'noticeTopup',
      words: [store, amount, when, balance],
    });
  }
  const sale = parameterText(moved.sale_ref ?? '', WORD_LENGTH_MAX.sale);
  const words = [store, amount, sale, when, balance];
  return notice(moved, { address, language, now, template: 'noticeRedemption', words });
}

function toManager(moved: Moved, address: Address, now: number): StaffMessage {
  const { store_language: language, timezone } = moved;
  const words = [
    parameterText(moved.store, WORD_LENGTH_MAX.store),
    parameterText(moved.till ?? '', WORD_LENGTH_MAX.till),
    amountText(moved.amount, moved, language),
    parameterText(moved.customer, WORD_LENGTH_MAX.name),
    parameterText(moved.cashier ?? '', WORD_LENGTH_MAX.name),
    parameterText(moved.sale_ref ?? '', WORD_LENGTH_MAX.sale),
    dateText(moved.posted_at, language, timezone),
  ];
  return notice(moved, { address, language, now, template: 'largeRedemption', words });
}

function notice(
  { store_id: storeId }: Moved,
  parts: {
    readonly address: Address;
    readonly language: string;
    readonly now: number;
    readonly template: 'noticeTopup' | 'noticeRedemption' | 'largeRedemption';
    readonly words: readonly string[];
  },
): StaffMessage {
  const { address, language, now, words } = parts;
  const content = { kind: 'utility', template: TEMPLATE_NAMES[parts.template], words } as const;
  const common = { kind: 'notice', storeId, tillId: null, question: null } as const;
  return { ...common, address, language, content, expiresAt: now + TTL_MS };
}

function amountText(amount: number, { asset, currency }: Moved, language: Store['language']): string {
  return formatAmount(amount, asset, currency, language, POINTS[language]);
}
