/** The message log: what was queued for a store and what became of it, newest first, by keyset pages. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { z } from 'zod';
import {
  type LoggedMessage,
  MESSAGE_LOG_PAGE,
  type MessageCost,
  type MessagePage,
  type messageQuerySchema,
} from '../../shared/message-log.ts';
import type { Currency } from '../../shared/money.ts';
import type { HomeCountry } from '../../shared/phone.ts';
import { maskPhone, parsePhone } from '../../shared/phone.ts';
import { searchForm } from '../customers/customers.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { Address } from '../whatsapp/outgoing.ts';

type Query = z.infer<typeof messageQuerySchema>;

/** Shorter beginnings of a name would match half the store. */
const NAME_PREFIX_MIN = 3;

export interface MessageLog {
  /** A page of the store's messages. Never throws for what a person typed as `q`: nothing found is an empty page. */
  page(storeId: string, query: Query): Promise<MessagePage>;
}

export function createMessageLog(options: {
  readonly engine: Engine;
  readonly address: (messageId: string, sealed: string) => Address;
}): MessageLog {
  const { engine, address } = options;
  const db = engine.kysely;

  async function page(storeId: string, query: Query): Promise<MessagePage> {
    const found = await narrowed(selectRows(db, storeId), query, await meantBy(storeId, query.q))
      .orderBy('m.created_at', 'desc')
      .orderBy('m.id', 'desc')
      .limit(MESSAGE_LOG_PAGE + 1)
      .execute();
    const rows = found.slice(0, MESSAGE_LOG_PAGE);
    const last = found.length > rows.length ? rows.at(-1) : undefined;
    const histories = await historiesOf(rows.flatMap(({ wamid }) => wamid ?? []));
    return {
      messages: rows.map((row) => toLogged(row, histories.get(row.wamid ?? '') ?? [])),
      next: last === undefined ? null : `${last.created_at}.${last.id}`,
    };
  }

  async function meantBy(storeId: string, q: string | undefined): Promise<Meant | null> {
    if (q === undefined || q === '') return null;
    const store = await db
      .selectFrom('stores')
      .select('country')
      .where('id', '=', storeId)
      .executeTakeFirst();
    return meaningOf(q, store?.country ?? 'ID');
  }

  async function historiesOf(wamids: readonly string[]): Promise<Map<string, LoggedMessage['history']>> {
    if (wamids.length === 0) return new Map();
    const events = await db
      .selectFrom('message_events')
      .select(['wamid', 'status', 'occurred_at', 'error_code'])
      .where('wamid', 'in', wamids)
      .orderBy('occurred_at')
      .orderBy('id')
      .execute();
    const histories = new Map<string, LoggedMessage['history']>();
    for (const { wamid, status, occurred_at: at, error_code: code } of events) {
      histories.set(wamid, [...(histories.get(wamid) ?? []), { state: status, at, code }]);
    }
    return histories;
  }

  function toLogged(row: Row, history: LoggedMessage['history']): LoggedMessage {
    const to =
      row.channel === 'email' || row.recipient_sealed === '' ? null : address(row.id, row.recipient_sealed);
    return {
      id: row.id,
      at: row.created_at,
      kind: row.kind,
      channel: row.channel,
      state: row.state,
      reason: row.reason,
      template: row.template,
      attempts: row.attempts,
      // An e-mail address is not shown at all: there is no mask that keeps a short one secret.
      phoneMasked: to !== null && 'phone' in to ? maskPhone(to.phone) : null,
      recipient: row.customer_name ?? row.staff_name,
      tillName: row.till_name,
      causedBy: row.cashier_name ?? row.requester_name,
      saleRef: row.redemption_sale ?? row.approval_sale,
      cost: costOf(row),
      history,
    };
  }

  return { page };
}

function costOf({ charge, price, currency, state: reached }: Row): MessageCost | null {
  if (charge === null || price === null) return null;
  const isFree = charge === 'free' || (price === 0 && charge !== 'returned');
  const taken = reached === 'queued' ? 'held' : 'spent';
  const state = isFree ? 'free' : charge === 'spent' ? taken : charge;
  return { state, amount: state === 'held' || state === 'spent' ? price : 0, currency: currency as Currency };
}

function selectRows(db: Kysely<Database>, storeId: string) {
  return db
    .selectFrom('messages as m')
    .innerJoin('stores as s', 's.id', 'm.store_id')
    .leftJoin('message_charges as mc', 'mc.message_id', 'm.id')
    .leftJoin('tills as t', 't.id', 'm.till_id')
    .leftJoin('redemptions as r', 'r.id', 'm.redemption_id')
    .leftJoin('customers as c', 'c.id', 'r.customer_id')
    .leftJoin('staff as cashier', 'cashier.id', 'r.staff_id')
    .leftJoin('approvals as a', 'a.id', 'm.approval_id')
    .leftJoin('staff as requester', 'requester.id', 'a.requested_by')
    .leftJoin('approval_recipients as ar', 'ar.ref', 'm.approval_ref')
    .leftJoin('staff as reader', (join) =>
      join.on((on) =>
        on.or([on('reader.id', '=', on.ref('ar.staff_id')), on('reader.id', '=', on.ref('m.staff_id'))]),
      ),
    )
    .select([
      ...(['m.id', 'm.created_at', 'm.kind', 'm.channel', 'm.state', 'm.reason', 'm.template'] as const),
      ...(['m.attempts', 'm.recipient_sealed', 'm.wamid'] as const),
      ...(['t.name as till_name', 'c.name as customer_name', 'reader.name as staff_name'] as const),
      ...(['cashier.name as cashier_name', 'requester.name as requester_name'] as const),
      ...(['r.sale_ref as redemption_sale', 'a.sale_ref as approval_sale'] as const),
      ...(['mc.outcome as charge', 'mc.price', 's.currency'] as const),
    ])
    .where('m.store_id', '=', storeId);
}
type Rows = ReturnType<typeof selectRows>;
type Row = Rows extends SelectQueryBuilder<infer _D, infer _T, infer R> ? R : never;

function narrowed(rows: Rows, query: Query, meant: Meant | null): Rows {
  const [at, id] = query.after?.split('.') ?? [];
  return rows
    .$if(query.from !== undefined, (it) => it.where('m.created_at', '>=', query.from ?? 0))
    .$if(query.to !== undefined, (it) => it.where('m.created_at', '<', query.to ?? 0))
    .$if(query.kind !== undefined, (it) => it.where('m.kind', '=', query.kind ?? 'code'))
    .$if(query.state !== undefined, (it) => it.where('m.state', '=', query.state ?? 'queued'))
    .$if(at !== undefined, (it) =>
      it.where(sql<boolean>`(m.created_at, m.id) < (${at}::bigint, ${id}::uuid)`),
    )
    .$if(meant !== null, (it) => it.where(matches(meant ?? NOBODY)));
}

interface Meant {
  readonly text: string;
  readonly phone: string | null;
  /** Escaped for LIKE; null: too short to be a name. */
  readonly namePrefix: string | null;
}
const NOBODY: Meant = { text: '', phone: null, namePrefix: null };

function meaningOf(q: string, country: HomeCountry): Meant {
  const form = searchForm(q);
  const namePrefix = [...form].length < NAME_PREFIX_MIN ? null : `${form.replace(/[\\%_]/g, '\\$&')}%`;
  return { text: q, phone: parsePhone(q, country), namePrefix };
}

function matches({ text, phone, namePrefix }: Meant) {
  return sql<boolean>`(r.sale_ref = ${text} or a.sale_ref = ${text} or c.member_no = ${text}
    or c.phone_e164 = ${phone}::text or c.name_search like ${namePrefix}::text)`;
}
