/** All that is kept of a customer, as it is handed to them. */
import { sql } from 'kysely';
import type { CustomerExport } from '../../shared/privacy.ts';
import { customerExportSchema } from '../../shared/privacy.ts';
import type { StaffContent } from '../db/shell-tables.ts';
import { balancesOf } from '../ledger/ledger.ts';
import type { Trx } from '../redemptions/ports.ts';
import { type MessagesOfOptions, messagesOf } from './messages-of.ts';

/** In the place of a code, which nothing keeps. */
const MASKED_CODE = '••••••';

/** @param now epoch ms */
export async function exportCustomer(
  trx: Trx,
  recipient: MessagesOfOptions['recipient'],
  customerId: string,
  now: number,
): Promise<CustomerExport> {
  const customer = await trx
    .selectFrom('customers as c')
    .innerJoin('stores as s', 's.id', 'c.store_id')
    .select(['c.id', 'c.name', 'c.member_no', 'c.phone_e164', 'c.email', 'c.language', 'c.code_channels'])
    .select(['c.created_at', 's.id as store_id', 's.name as store'])
    .where('c.id', '=', customerId)
    .executeTakeFirstOrThrow();
  const identities = await trx
    .selectFrom('customer_identities')
    .select(['kind', 'value', 'first_seen_at', 'last_seen_at', 'ended_at'])
    .where('customer_id', '=', customerId)
    .orderBy('first_seen_at')
    .execute();
  const consents = await trx
    .selectFrom('consents')
    .select(['at', 'purpose', 'given', 'how', 'source'])
    .where('customer_id', '=', customerId)
    .orderBy('id')
    .execute();
  const addresses = addressesIn(customer, identities);
  const ids = await messagesOf(
    { db: trx, recipient },
    { id: customerId, storeId: customer.store_id, addresses },
  );
  return customerExportSchema.parse({
    exportedAt: new Date(now).toISOString(),
    store: { id: customer.store_id, name: customer.store },
    profile: {
      id: customer.id,
      name: customer.name,
      memberNo: customer.member_no,
      phone: customer.phone_e164,
      email: customer.email,
      language: customer.language,
      codeChannels: customer.code_channels,
      createdAt: customer.created_at,
    },
    identities: identities.map((row) => ({
      kind: row.kind,
      value: row.value,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
      endedAt: row.ended_at,
    })),
    balances: await balancesOf(trx, customerId),
    postings: await postingsOf(trx, customerId),
    messages: await messagesIn(trx, ids),
    consents,
  });
}

/** Everywhere that a customer is written to. */
export function addressesIn(
  customer: { readonly phone_e164: string | null; readonly email: string | null },
  identities: readonly { readonly kind: string; readonly value: string }[],
): ReadonlySet<string> {
  const known = identities.filter(({ kind }) => kind !== 'username').map(({ value }) => value);
  return new Set([customer.phone_e164, customer.email, ...known].filter((it) => it !== null));
}

async function postingsOf(trx: Trx, customerId: string) {
  const { rows } = await sql<{
    at: number;
    kind: string;
    asset: string;
    amount: number;
    saleRef: string | null;
  }>`select distinct t.id, t.posted_at as at, t.kind, a.asset, t.amount,
      coalesce(r.sale_ref, o.sale_ref) as "saleRef"
    from transfers t join accounts a on a.id in (t.debit_account_id, t.credit_account_id)
      left join redemptions r on r.id = t.ref_id left join offline_redemptions o on o.id = t.ref_id
    where a.customer_id = ${customerId}::uuid or (t.kind = 'offline_loss' and o.customer_id = ${customerId}::uuid)
    order by t.id`.execute(trx);
  return rows;
}

async function messagesIn(trx: Trx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const rows = await trx
    .selectFrom('messages')
    .select(['id', 'created_at', 'kind', 'channel', 'state', 'reason', 'template', 'content'])
    .where('id', 'in', [...ids])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id: _, created_at: at, content, ...row }) => ({
    ...{ at, ...row },
    words: row.kind === 'code' ? [MASKED_CODE] : wordsOf(content as StaffContent | null),
  }));
}

function wordsOf(content: StaffContent | null): readonly string[] {
  if (content === null || content.kind === 'erased') return [];
  return content.kind === 'text' ? [content.text] : content.words;
}
