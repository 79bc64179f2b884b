import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, expect, it } from 'vitest';
import { checkCredit } from '../credit/check.ts';
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

it('spends what was held for messages in the queue, in the books and in each charge', async () => {
  engine = await openEngine({ memory: true });
  const db = engine.kysely;
  await migrateTo(db as unknown as Kysely<never>, '0093_accepted');
  const storeId = crypto.randomUUID();
  await sql`insert into stores (id, name, address, footer, country, currency, language, timezone, policy, policy_version, created_at)
    values (${storeId}, 'Toko', '', '', 'ID', 'IDR', 'id', 'Asia/Jakarta', '{}', 1, 0)`.execute(db);
  for (const kind of ['drawer_alert', 'note', 'drawer_alert']) {
    await sql`insert into messages (id, store_id, kind, serial, channel, recipient_sealed, language, state, content, country,
      created_at, expires_at, updated_at) values (gen_random_uuid(), ${storeId}, ${kind}, 1, 'whatsapp', 'x', 'id', 'queued',
      '{}', 'ID', 0, 1, 0)`.execute(db);
  }
  const balances = () =>
    db
      .selectFrom('credit_accounts')
      .select(['kind', 'balance'])
      .where('balance', '<>', 0)
      .orderBy('kind')
      .execute();
  expect(await balances()).toEqual([
    { kind: 'credit_held', balance: 734 },
    { kind: 'store_credit', balance: -734 },
  ]);

  await migrate(db);
  expect(await balances()).toEqual([
    { kind: 'credit_spent', balance: 734 },
    { kind: 'store_credit', balance: -734 },
  ]);
  expect(await checkCredit(db)).toMatchObject({ ok: true, sum: 0 });
  const left = await db.selectFrom('message_charges').select('outcome').distinct().execute();
  expect(left).toEqual([{ outcome: 'spent' }]);
});
