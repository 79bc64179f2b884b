import type { Kysely } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Database } from '../db/schema.ts';
import { countTry, forgetTries } from '../keys/attempts.ts';
import { isSlowHashOf } from '../keys/slow-hash.ts';

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
  const of = { table: 'pin_attempts', column: 'staff_id', id: staff.id, locked: 'pin_locked' } as const;
  const failed = await countTry(db, clock, of, policy);
  if (await isSlowHashOf(pin, staff.pin)) return forgetTries(db, of);
  const triesLeft = Math.max(0, tries - failed);
  if (triesLeft > 0) throw new SaksiError('pin_wrong', { params: { triesLeft } });
  throw new SaksiError('pin_locked', { params: { seconds: lockSeconds } });
}
