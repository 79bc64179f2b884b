import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { MIGRATIONS } from './migrations/index.ts';
import type { Database } from './schema.ts';

/**
 * Brings the schema up to date and answers the names applied now. Kysely's migrator holds a Postgres advisory lock
 * meanwhile, so several gateways may start at once; all pending ones are one transaction. Throws when the database
 * knows a migration that this program does not: an older gateway never runs on a newer schema.
 */
export async function migrate(kysely: Kysely<Database>): Promise<string[]> {
  const migrator = new Migrator({ db: kysely, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
