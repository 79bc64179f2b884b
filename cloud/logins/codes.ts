import { timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Random } from '../../shared/effects.ts';
import { type CodeKeys, createNonce, deriveCode } from '../codes/codes.ts';
import { hmacSha256 } from '../codes/hmac.ts';
import type { Database } from '../db/schema.ts';

/** Codes at sign-in. As with customers' codes, nothing kept in the database gives one away. */
interface Binding {
  readonly loginId: string;
  /** A till, or an account of the gateway's pages. */
  readonly placeId: string;
  readonly staffId: string;
  readonly serial: number;
}

/** One code: made, hashed, forgotten. */
export function issueLoginCode(
  keys: CodeKeys,
  random: Random,
  binding: Binding & { readonly digits: number },
): { nonce: Uint8Array; hash: Buffer } {
  const nonce = createNonce(random);
  const code = loginCode(keys, { ...binding, nonce });
  return { nonce, hash: hashOf(keys, binding, code) };
}

interface Seed extends Pick<Binding, 'loginId' | 'serial'> {
  readonly nonce: Uint8Array;
  readonly digits: number;
}

function loginCode(keys: CodeKeys, { loginId, serial, nonce, digits }: Seed): string {
  // No redemption has such an id, so no customer's code is ever derived from the same text.
  return deriveCode(keys, { redemptionId: `login/${loginId}`, serial, nonce, digits });
}

function hashOf(keys: CodeKeys, { loginId, placeId, staffId, serial }: Binding, code: string): Buffer {
  return hmacSha256(keys.verifyKey)
    .update(['login', loginId, placeId, staffId, serial, code].join('\n'))
    .digest();
}

/** The serial whose code this is, the newest first, or null. Every one is compared, in constant time. */
export function matchLoginCode(
  keys: CodeKeys,
  login: Omit<Binding, 'serial'>,
  codes: readonly { readonly serial: number; readonly verify_hash: Uint8Array }[],
  code: string,
): number | null {
  let matched: number | null = null;
  for (const { serial, verify_hash: hash } of codes) {
    const equal = timingSafeEqual(hashOf(keys, { ...login, serial }, code), Buffer.from(hash));
    if (equal && (matched === null || serial > matched)) matched = serial;
  }
  return matched;
}

/**
 * The code of message `serial` at the moment of sending; null when it is of no use any more: lapsed, superseded, or its login
 * is over. The caller hands it to the channel and keeps it nowhere.
 */
export async function codeForLogin(
  db: Kysely<Database>,
  keys: CodeKeys,
  { loginId, serial, now }: { loginId: string; serial: number; now: number },
): Promise<{ code: string; expiresAt: number } | null> {
  const row = await db
    .selectFrom('logins as l')
    .innerJoin('codes as c', (join) =>
      join.onRef('c.redemption_id', '=', 'l.id').onRef('c.serial', '=', 'l.serial'),
    )
    .innerJoin('staff as s', 's.id', 'l.staff_id')
    .select(['l.code_digits', 'c.nonce', 'c.expires_at'])
    .where('l.id', '=', loginId)
    .where('l.serial', '=', serial)
    .where('l.status', '=', 'awaiting_code')
    .where('c.expires_at', '>', now)
    .where('s.active', '=', true)
    .executeTakeFirst();
  if (row === undefined) return null;
  const seed = { loginId, serial, nonce: row.nonce, digits: row.code_digits };
  return { code: loginCode(keys, seed), expiresAt: row.expires_at };
}
