import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import { type Customer, customerSchema } from '../../shared/gateway-api.ts';
import type { Asset } from '../../shared/money.ts';
import { readJson, writeJson } from './json-column.ts';

/** Customers kept for the time without a line; the ones not seen for longest go first. */
export const CACHED_CUSTOMERS_MAX = 5_000;
const FOUND_MAX = 20;

interface Row {
  customer: string;
  fetched_at: number;
}

export interface CachedCustomer {
  customer: Customer;
  fetchedAt: number;
}

export interface CacheQuery {
  memberNo: string;
  namePrefix: string | null;
  phoneMasked: string | null;
}

export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The last known balances. They have an age, and are never shown without it. */
export function createBalanceCache(db: Database.Database, clock: Clock) {
  const upsert = db.prepare(
    `INSERT INTO balance_cache (customer_id, name_key, member_no, phone_masked, customer, fetched_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (customer_id) DO UPDATE SET name_key = excluded.name_key, member_no = excluded.member_no,
       phone_masked = excluded.phone_masked, customer = excluded.customer, fetched_at = excluded.fetched_at`,
  );
  const prune = db.prepare(
    `DELETE FROM balance_cache WHERE customer_id IN
       (SELECT customer_id FROM balance_cache ORDER BY fetched_at DESC LIMIT -1 OFFSET ?)`,
  );
  const selectOne = db.prepare<[string], Row>('SELECT * FROM balance_cache WHERE customer_id = ?');
  // substr, not LIKE: a typed % or _ is a letter like any other.
  const find = db.prepare<[string, string | null, string | null, string | null, number], Row>(
    `SELECT * FROM balance_cache
     WHERE member_no = ? OR phone_masked = ? OR substr(name_key, 1, length(?)) = ?
     ORDER BY name_key LIMIT ?`,
  );
  const parse = (row: Row): CachedCustomer => ({
    customer: readJson(customerSchema, row.customer),
    fetchedAt: row.fetched_at,
  });
  const write = (customer: Customer, fetchedAt: number) =>
    upsert.run(
      customer.id,
      nameKey(customer.name),
      customer.memberNo,
      customer.phoneMasked,
      writeJson(customer),
      fetchedAt,
    );

  return {
    save(customers: readonly Customer[]): void {
      db.transaction(() => {
        for (const customer of customers) write(customer, clock.now());
        prune.run(CACHED_CUSTOMERS_MAX);
      })();
    },

    /** A redemption told the new available balance of one asset; the age of the others stays as it was. */
    noteAvailable(customerId: string, asset: Asset, available: number): void {
      const row = selectOne.get(customerId);
      if (row === undefined) return;
      const { customer, fetchedAt } = parse(row);
      const balances = customer.balances.map((balance) =>
        balance.asset === asset ? { ...balance, available } : balance,
      );
      write({ ...customer, balances }, fetchedAt);
    },

    find(query: CacheQuery): CachedCustomer[] {
      const { memberNo, phoneMasked, namePrefix } = query;
      return find.all(memberNo, phoneMasked, namePrefix, namePrefix, FOUND_MAX).map(parse);
    },
  };
}
export type BalanceCache = ReturnType<typeof createBalanceCache>;
