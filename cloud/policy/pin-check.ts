import { scrypt, timingSafeEqual } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Database } from '../db/schema.ts';

/** OpenSSL wants a little above 128 · n · r; ours take 32 MiB. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Checks a PIN as a till does, with the same policy. A try is counted before the PIN is looked at, in a transaction of its
 * own, so that however many come at once no more than policy's tries are evaluated, and a restart forgives none. Throws
 * `pin_wrong` {triesLeft}, `pin_locked` {seconds}.
 */
export async function checkPin(
  db: Kysely<Database>,
  clock: Clock,
  staff: { readonly id: string; readonly pin: PinHash },
  { pin, policy }: { pin: string; policy: Policy['pin'] },
): Promise<void> {
  const { tries, lockSeconds } = policy;
  const failed = await countTry(db, clock, staff.id, policy);
  if (await isPinRight(pin, staff.pin)) {
    await db.deleteFrom('pin_attempts').where('staff_id', '=', staff.id).execute();
    return;
  }
  const triesLeft = Math.max(0, tries - failed);
  if (triesLeft > 0) throw new SaksiError('pin_wrong', { params: { triesLeft } });
  throw new SaksiError('pin_locked', { params: { seconds: lockSeconds } });
}

/** @returns tries so far with this one. The last one locks at once: it opens again when it was right. */
function countTry(
  db: Kysely<Database>,
  clock: Clock,
  staffId: string,
  { tries, lockSeconds }: Policy['pin'],
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const now = clock.now();
    // One statement reads and locks: between two, a right PIN that came at the same time takes the row away.
    const { rows } = await sql<{ failed: number; locked_until: number | null }>`
      insert into pin_attempts (staff_id, failed) values (${staffId}::uuid, 0)
      on conflict (staff_id) do update set failed = pin_attempts.failed
      returning failed, locked_until`.execute(trx);
    const [row] = rows;
    if (row === undefined) throw new Error('an insert that answers no row');
    const leftMs = (row.locked_until ?? 0) - now;
    if (leftMs > 0) throw new SaksiError('pin_locked', { params: { seconds: Math.ceil(leftMs / 1000) } });
    // A lock that has passed gives all tries again.
    const failed = (row.locked_until === null ? row.failed : 0) + 1;
    const lockedUntil = failed >= tries ? now + lockSeconds * 1000 : null;
    await trx
      .updateTable('pin_attempts')
      .set({ failed, locked_until: lockedUntil })
      .where('staff_id', '=', staffId)
      .execute();
    return failed;
  });
}

async function isPinRight(pin: string, { salt, hash, n, r, p }: PinHash): Promise<boolean> {
  const wanted = Buffer.from(hash, 'base64url');
  const options = { N: n, r, p, maxmem: MEMORY_BYTES_MAX };
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(pin, Buffer.from(salt, 'base64url'), wanted.length, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
  return timingSafeEqual(key, wanted);
}
