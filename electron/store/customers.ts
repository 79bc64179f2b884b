import type Database from 'better-sqlite3';
import { type Customer, customerSchema } from '../../shared/gateway-api.ts';
import type { Asset } from '../../shared/money.ts';
import type { CacheCipher } from './cache-cipher.ts';
import { readJson, writeJson } from './json-column.ts';
import { createNameIndex } from './name-index.ts';

/** Customers kept for the time without a line; the ones not seen for longest go first. */
export const CACHED_CUSTOMERS_MAX = 50_000;
const FOUND_MAX = 20;
const NAMES_AT_ONCE = 2_000;

interface Row {
  customer_id: string;
  phone_tag: string | null;
  sealed: Buffer;
  fetched_at: number;
}

export interface CachedCustomer {
  customer: Customer;
  /** When its balances were last known to be right, by the gateway's clock. */
  fetchedAt: number;
}

export interface CacheQuery {
  memberNo: string;
  namePrefix: string | null;
  /** E.164. */
  phone: string | null;
}

/**
 * The last known balances, under a cipher on the disk. They have an age, and are never shown without it. A customer is as
 * old as its own fetching or as the whole cache's being in step with the gateway, whichever is later.
 */
export function createBalanceCache(db: Database.Database, cipher: CacheCipher) {
  const upsert = db.prepare(
    `INSERT INTO customer_cache (customer_id, member_tag, phone_tag, sealed, fetched_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (customer_id) DO UPDATE SET member_tag = excluded.member_tag,
       phone_tag = excluded.phone_tag, sealed = excluded.sealed, fetched_at = excluded.fetched_at`,
  );
  const oldest = db.prepare<[number], { customer_id: string }>(
    'SELECT customer_id FROM customer_cache ORDER BY fetched_at LIMIT ?',
  );
  const remove = db.prepare('DELETE FROM customer_cache WHERE customer_id = ?');
  const selectOne = db.prepare<[string], Row>('SELECT * FROM customer_cache WHERE customer_id = ?');
  const byTag = db.prepare<[string, string | null, number], Row>(
    `SELECT * FROM customer_cache WHERE member_tag = ?
     UNION SELECT * FROM customer_cache WHERE phone_tag = ? LIMIT ?`,
  );
  const rowsAfter = db.prepare<[string, number], Row>(
    'SELECT * FROM customer_cache WHERE customer_id > ? ORDER BY customer_id LIMIT ?',
  );
  const countRows = db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM customer_cache');
  const selectState = db.prepare<[], { cursor: number; in_step_at: number | null }>(
    'SELECT * FROM customer_cache_state',
  );
  const saveState = db.prepare(
    `INSERT INTO customer_cache_state (id, cursor, in_step_at) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor, in_step_at = excluded.in_step_at`,
  );

  const names = createNameIndex();
  const saved = selectState.get();
  let state = { cursor: saved?.cursor ?? 0, inStepAt: saved?.in_step_at ?? null };
  /** How far the names were read into memory; null: to the end. */
  let namesRead: string | null = '';
  let rowsAtOpen = countRows.get()?.rows ?? 0;
  /** What is asked for, in order: an answer that was on its way while a redemption took something knows nothing of that. */
  let order = 0;
  /** Of customers who redeemed here since the start. */
  const told = new Map<string, Partial<Record<Asset, { order: number; available: number }>>>();
  checkKey();

  /** Under another key the cache is worthless as a whole: it is read anew from the gateway. */
  function checkKey(): void {
    const [first] = rowsAfter.all('', 1);
    if (first === undefined) namesRead = null;
    else if (open(first) === null) forget();
  }

  /** Whether there are more names to read. A row that does not open has it all read anew from the gateway. */
  function loadNames(max: number): boolean {
    if (namesRead === null) return false;
    const rows = rowsAfter.all(namesRead, max);
    for (const row of rows) {
      const found = open(row);
      if (found === null) {
        forget();
        return false;
      }
      names.set(row.customer_id, found.name);
    }
    namesRead = rows.length < max ? null : (rows.at(-1)?.customer_id ?? null);
    return namesRead !== null;
  }

  function forget(): void {
    db.prepare('DELETE FROM customer_cache').run();
    names.clear();
    namesRead = null;
    rowsAtOpen = 0;
    setState({ cursor: 0, inStepAt: null });
  }

  function setState(next: typeof state): void {
    saveState.run(next.cursor, next.inStepAt);
    state = next;
  }

  function open(row: Row): Customer | null {
    const text = cipher.open(row.customer_id, row.sealed);
    return text === null ? null : readJson(customerSchema, text);
  }

  function parse(row: Row | undefined): CachedCustomer | null {
    const customer = row === undefined ? null : open(row);
    if (row === undefined || customer === null) return null;
    return { customer, fetchedAt: Math.max(row.fetched_at, state.inStepAt ?? 0) };
  }

  function write(customer: Customer, phoneTag: string | null | undefined, fetchedAt: number): void {
    const { id, memberNo } = customer;
    const tag = phoneTag === undefined ? (selectOne.get(id)?.phone_tag ?? null) : phoneTag;
    const sealed = cipher.seal(id, writeJson(customer));
    upsert.run(id, memberNo === null ? null : cipher.memberTag(memberNo), tag, sealed, fetchedAt);
    names.set(id, customer.name);
  }

  function prune(): void {
    const beyond = names.size - CACHED_CUSTOMERS_MAX;
    if (beyond <= 0) return;
    for (const { customer_id } of oldest.all(beyond)) {
      remove.run(customer_id);
      names.delete(customer_id);
    }
  }

  const get = (customerId: string): CachedCustomer | null => parse(selectOne.get(customerId));

  /** As the gateway said it, but no more than what was told after the question for it. */
  function notAbove(customer: Customer, asked: number): Customer {
    const known = told.get(customer.id);
    if (known === undefined) return customer;
    const balances = customer.balances.map((balance) => {
      const after = known[balance.asset];
      if (after === undefined) return balance;
      if (after.order < asked) known[balance.asset] = { order: asked, available: balance.available };
      else return { ...balance, available: Math.min(balance.available, after.available) };
      return balance;
    });
    return { ...customer, balances };
  }

  return {
    /** Before something is asked for: `save` is then told which questions are older than what a redemption told. */
    asking(): number {
      order += 1;
      return order;
    },

    /**
     * `fetchedAt`: when they were asked for, by the gateway's clock; `asked`: the same, of `asking`, left out: just now. `phoneTag`
     * left out: as it was.
     */
    save(
      customers: readonly { customer: Customer; phoneTag?: string | null }[],
      fetchedAt: number,
      asked = order + 1,
    ): void {
      db.transaction(() => {
        for (const { customer, phoneTag } of customers) write(notAbove(customer, asked), phoneTag, fetchedAt);
        prune();
      })();
    },

    /** A redemption told the new available balance of one asset; the age of the others stays as it was. */
    noteAvailable(customerId: string, asset: Asset, available: number): void {
      told.set(customerId, { ...told.get(customerId), [asset]: { order, available } });
      const row = selectOne.get(customerId);
      const customer = row === undefined ? null : open(row);
      if (row === undefined || customer === null) return;
      const balances = customer.balances.map((balance) =>
        balance.asset === asset ? { ...balance, available } : balance,
      );
      write({ ...customer, balances }, row.phone_tag, row.fetched_at);
    },

    get,

    /** Whoever was erased at the gateway is not known here any more. */
    drop(customerId: string): void {
      remove.run(customerId);
      names.delete(customerId);
    },

    find({ memberNo, phone, namePrefix }: CacheQuery): CachedCustomer[] {
      const phoneTag = phone === null ? null : cipher.phoneTag(phone);
      const tagged = byTag.all(cipher.memberTag(memberNo), phoneTag, FOUND_MAX).map(parse);
      if (namePrefix !== null) while (loadNames(NAMES_AT_ONCE));
      const named = namePrefix === null ? [] : names.startingWith(namePrefix, FOUND_MAX).map(get);
      const found = [...tagged, ...named].filter((one) => one !== null);
      const once = new Map(found.map((one) => [one.customer.id, one]));
      return [...once.values()].slice(0, FOUND_MAX);
    },

    /** How far the store's wallet changes were read, and when the cache was last in step; null: never. */
    state: (): { cursor: number; inStepAt: number | null } => state,

    /** A page was taken in. `inStepAt`: it was the last one, and the reading of it began then. */
    reached(cursor: number, inStepAt: number | null): void {
      setState({ cursor, inStepAt: inStepAt ?? state.inStepAt });
    },

    /** Nothing has changed at the gateway up to then; kept in memory until it is worth a write. */
    stillInStep(at: number): void {
      state = { ...state, inStepAt: Math.max(at, state.inStepAt ?? 0) };
    },

    /** Writes down when the cache was last in step. */
    mark(): void {
      if (state.inStepAt !== null) setState(state);
    },

    /** Reads up to `max` more names into memory, for a moment in which nobody waits; false: all are read. */
    loadNames,

    learnPhoneKey: (key: string): void => cipher.learnPhoneKey(key),

    get size(): number {
      return namesRead === null ? names.size : Math.max(names.size, rowsAtOpen);
    },
  };
}
export type BalanceCache = ReturnType<typeof createBalanceCache>;
