/** Counting wrong PINs and passwords, so that no restart and no crowd of requests gets more tries than there are. */
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { type ErrorCode, SaksiError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';

export interface AttemptsOf {
  readonly table: 'pin_attempts' | 'web_attempts';
  readonly column: 'staff_id' | 'account_id';
  readonly id: string;
  /** What is thrown while none is looked at, with {seconds}. */
  readonly locked: ErrorCode;
}

/**
 * Before a secret is looked at, in a transaction of its own. The last try locks at once: `forgetTries` opens again when it was right.
 * @returns tries so far with this one. @throws SaksiError `locked`
 */
export function countTry(
  db: Kysely<Database>,
  clock: Clock,
  { table, column, id, locked }: AttemptsOf,
  { tries, lockSeconds }: { readonly tries: number; readonly lockSeconds: number },
): Promise<number> {
  const [of, key] = [sql.table(table), sql.ref(column)];
  return db.transaction().execute(async (trx) => {
    const now = clock.now();
    // One statement reads and locks: between two, a right secret that came at the same time takes the row away.
    const { rows } = await sql<{ failed: number; locked_until: number | null }>`
      insert into ${of} (${key}, failed) values (${id}::uuid, 0)
      on conflict (${key}) do update set failed = ${of}.failed
      returning failed, locked_until`.execute(trx);
    const [row] = rows;
    if (row === undefined) throw new Error('an insert that answers no row');
    const leftMs = (row.locked_until ?? 0) - now;
    if (leftMs > 0) throw new SaksiError(locked, { params: { seconds: Math.ceil(leftMs / 1000) } });
    // A lock that has passed gives all tries again.
    const failed = (row.locked_until === null ? row.failed : 0) + 1;
    const lockedUntil = failed >= tries ? now + lockSeconds * 1000 : null;
    await sql`update ${of} set failed = ${failed}, locked_until = ${lockedUntil} where ${key} = ${id}::uuid`.execute(
      trx,
    );
    return failed;
  });
}

export async function forgetTries(
  db: Kysely<Database>,
  { table, column, id }: Pick<AttemptsOf, 'table' | 'column' | 'id'>,
): Promise<void> {
  await sql`delete from ${sql.table(table)} where ${sql.ref(column)} = ${id}::uuid`.execute(db);
}
