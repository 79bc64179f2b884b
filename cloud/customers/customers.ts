import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Customer, CustomerRef } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { type HomeCountry, maskPhone, parsePhone } from '../../shared/phone.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { CustomersTable, Database } from '../db/schema.ts';
import { balancesOf } from '../ledger/ledger.ts';

type Db = Kysely<Database>;
type CustomerRow = Pick<CustomersTable, 'id' | 'name' | 'member_no' | 'phone_e164' | 'language'> &
  Partial<Pick<CustomersTable, 'email'>>;

/** Customers of one answer (`customerListSchema`). */
const SEARCH_MAX = 20;
const NAME_PREFIX_MIN = 3;

export interface NewCustomer {
  readonly storeId: string;
  readonly name: string;
  readonly memberNo: string | null;
  /** In the store's national notation or E.164. */
  readonly phone: string | null;
  /** Left out: the store's. */
  readonly language?: Customer['language'];
}

/** Throws `not_found` (no such store), `phone_malformed`, `customer_exists` (phone or member number taken there). */
export async function createCustomer(db: Db, effects: Effects, input: NewCustomer): Promise<Customer> {
  const store = await db
    .selectFrom('stores')
    .select(['country', 'language'])
    .where('id', '=', input.storeId)
    .executeTakeFirst();
  if (store === undefined) throw new SaksiError('not_found');
  const id = createUuid(effects);
  try {
    await db
      .insertInto('customers')
      .values({
        id,
        store_id: input.storeId,
        name: input.name,
        name_search: searchForm(input.name),
        member_no: input.memberNo,
        phone_e164: input.phone === null ? null : phoneOf(input.phone, store.country),
        language: input.language ?? store.language,
        created_at: effects.clock.now(),
      })
      .execute();
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'customers_member_no_unique' || constraint === 'customers_phone_unique') {
      throw new SaksiError('customer_exists', { cause: error });
    }
    throw error;
  }
  return getCustomer(db, input.storeId, { id });
}

/** The customer of this store with balances. Throws `customer_unknown`, `phone_malformed`. */
export async function getCustomer(db: Db, storeId: string, ref: CustomerRef): Promise<Customer> {
  const row = await findCustomer(db, storeId, ref);
  return toCustomer(row, await balancesOf(db, row.id));
}

/** The customer's row by id, phone or member number. Throws `customer_unknown`, `phone_malformed`. */
export async function findCustomer(db: Db, storeId: string, ref: CustomerRef): Promise<CustomerRow> {
  const row = await whereRef(
    selectCustomers(db, storeId),
    await resolveRef(db, storeId, ref),
  ).executeTakeFirst();
  if (row === undefined) throw new SaksiError('customer_unknown');
  return row;
}

/**
 * Customers whose phone or member number is `q`, else those whose name begins with it (3 letters or more), by name; at
 * most 20. Never throws for what a person types: nothing found is an empty list.
 */
export async function searchCustomers(db: Db, storeId: string, q: string): Promise<Customer[]> {
  const query = q.trim();
  const store = await storeCountry(db, storeId);
  const phone = parsePhone(query, store);
  let rows = await selectCustomers(db, storeId)
    .where((where) =>
      where.or([
        where('member_no', '=', query),
        ...(phone === null ? [] : [where('phone_e164', '=', phone)]),
      ]),
    )
    .limit(SEARCH_MAX)
    .execute();
  if (rows.length === 0 && [...query].length >= NAME_PREFIX_MIN) {
    const prefix = `${searchForm(query).replace(/[\\%_]/g, '\\$&')}%`;
    rows = await selectCustomers(db, storeId)
      .where(sql<boolean>`name_search like ${prefix}`)
      .orderBy('name_search')
      .orderBy('id')
      .limit(SEARCH_MAX)
      .execute();
  }
  return Promise.all(rows.map(async (row) => toCustomer(row, await balancesOf(db, row.id))));
}

/** A phone as typed in a store of `country`, as E.164. Throws `phone_malformed`. */
export function phoneOf(input: string, country: HomeCountry): string {
  const phone = parsePhone(input, country);
  if (phone === null) throw new SaksiError('phone_malformed');
  return phone;
}

/** A name as it is searched: case and accents do not matter ('Ayşe Işık' → 'ayse isik'), the same in any database locale. */
export function searchForm(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ı', 'i').trim();
}

/** What a till sees of a customer: the phone number is masked. */
export function customerView(row: CustomerRow): Omit<Customer, 'balances'> {
  return {
    id: row.id,
    name: row.name,
    memberNo: row.member_no,
    phoneMasked: row.phone_e164 === null ? null : maskPhone(row.phone_e164),
    language: row.language,
    // Whether codes go by e-mail is for policy to say, when one is asked for.
    canReceiveCode: row.phone_e164 !== null || (row.email ?? null) !== null,
  };
}

function toCustomer(row: CustomerRow, balances: Customer['balances']): Customer {
  return { ...customerView(row), balances };
}

const selectCustomers = (db: Db, storeId: string) =>
  db
    .selectFrom('customers')
    .select(['id', 'name', 'member_no', 'phone_e164', 'language', 'email'])
    .where('store_id', '=', storeId)
    .where('erased_at', 'is', null);

/** A customer reference with its phone number in E.164. */
export type ResolvedRef = { id: string } | { phoneE164: string } | { memberNo: string };

export async function resolveRef(db: Db, storeId: string, ref: CustomerRef): Promise<ResolvedRef> {
  if (!('phone' in ref)) return ref;
  return { phoneE164: phoneOf(ref.phone, await storeCountry(db, storeId)) };
}

async function storeCountry(db: Db, storeId: string): Promise<HomeCountry> {
  const store = await db.selectFrom('stores').select('country').where('id', '=', storeId).executeTakeFirst();
  if (store === undefined) throw new SaksiError('not_found');
  return store.country;
}

function whereRef<O>(query: SelectQueryBuilder<Database, 'customers', O>, ref: ResolvedRef) {
  if ('id' in ref) return query.where('customers.id', '=', ref.id);
  if ('phoneE164' in ref) return query.where('customers.phone_e164', '=', ref.phoneE164);
  return query.where('customers.member_no', '=', ref.memberNo);
}
