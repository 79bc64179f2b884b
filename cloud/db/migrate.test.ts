import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, expect, it } from 'vitest';
import { checkLedger } from '../ledger/check.ts';
import { type Engine, openEngine } from './engine.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

let engine: Engine | null = null;
afterEach(() => engine?.close());

/** As a gateway of that time left it. */
async function migrateTo(db: Kysely<never>, last: string): Promise<void> {
  const known = Object.entries(MIGRATIONS).filter(([name]) => name <= last);
  const provider = { getMigrations: async () => Object.fromEntries(known) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

it('brings a shop from before the time without a line up to date, with its books and customers', async () => {
  engine = await openEngine({ memory: true });
  const db = engine.kysely;
  await migrateTo(db as unknown as Kysely<never>, '0011_conversations');
  const [storeId, customerId] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`insert into stores values (${storeId}, 'Toko', '', '', 'ID', 'IDR', 'id', 'Asia/Jakarta', '{}', 1, 0)`.execute(
    db,
  );
  await sql`insert into customers values (${customerId}, ${storeId}, 'Ayu', 'ayu', null, null, 'id', 0)`.execute(
    db,
  );
  await sql`select ledger_transfer('k', 'credit', ${storeId}, ${customerId}, 'deposit', 500, null, 0)`.execute(
    db,
  );

  expect(await migrate(db)).toContain('0012_offline');
  expect(await checkLedger(db)).toMatchObject({ ok: true, sum: 0, transfers: 1 });
  // Spending beyond the wallet needs the account that the store did not have.
  const { rows } =
    await sql`select taken, lost from ledger_offline(${crypto.randomUUID()}::uuid, ${storeId}::uuid,
    ${customerId}::uuid, 'deposit', 700, 1)`.execute(db);
  expect(rows).toEqual([{ taken: 500, lost: 200 }]);
  await sql`select number_wallet_changes(100)`.execute(db);
  const changed = await db.selectFrom('wallet_changes').select('customer_id').execute();
  expect(changed).toEqual([{ customer_id: customerId }]);
});
