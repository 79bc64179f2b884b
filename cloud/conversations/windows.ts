import { sql } from 'kysely';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { Db } from '../approvals/ports.ts';
import { hmacSha256 } from '../codes/hmac.ts';
import type { Address } from '../whatsapp/outgoing.ts';

/**
 * When somebody last wrote to us: for 24 hours after it Meta takes free-form messages to them, free of charge. Kept by a
 * keyed hash of number and account, as customers write too.
 */
const WINDOW_MS = 24 * 3_600_000;
/** Taken off, so that a message does not arrive at Meta a moment too late. */
const MARGIN_MS = 5 * 60_000;
/** After this the row says nothing any more. */
export const WINDOW_KEPT_MS = 2 * WINDOW_MS;

/** Who wrote, as the webhook says: number in digits, account, or both. */
export interface Sender {
  readonly from?: string;
  readonly userId?: string;
  /** The WhatsApp account that they wrote to; left out: the default one. */
  readonly account?: string;
}

/** A person has a window with each number that they wrote to: `account` left out means the default one. */
export type ContactKey = (address: Address, account?: string) => string;

/** @param key 32 bytes */
export function contactKeys(key: Uint8Array): ContactKey {
  return (address, account = DEFAULT_ACCOUNT) =>
    hmacSha256(key)
      .update(account === DEFAULT_ACCOUNT ? '' : `account\n${account}\n`)
      .update('phone' in address ? `phone\n${address.phone}` : `user\n${address.userId}`)
      .digest('hex');
}

/** Number and account of a sender, those that are known. */
export function addressesOf({ from, userId }: Sender): Address[] {
  return [
    ...(from === undefined ? [] : [{ phone: `+${from}` }]),
    ...(userId === undefined ? [] : [{ userId }]),
  ];
}

/** The windows that somebody holds open who wrote. */
export function windowsOf(sender: Sender, contactKey: ContactKey): string[] {
  return addressesOf(sender).map((address) => contactKey(address, sender.account));
}

/** `writtenAt` by Meta's clock; `now` by ours, so that a wrong clock at Meta holds no window open. */
export async function touchWindows(
  db: Db,
  contacts: readonly string[],
  { writtenAt, now }: { writtenAt: number; now: number },
): Promise<void> {
  for (const contact of [...contacts].sort()) {
    await db
      .insertInto('contact_windows')
      .values({ contact, last_inbound_at: Math.min(writtenAt, now) })
      .onConflict((conflict) =>
        conflict.column('contact').doUpdateSet({
          last_inbound_at: sql`greatest(contact_windows.last_inbound_at, excluded.last_inbound_at)`,
        }),
      )
      .execute();
  }
}

/** A window is open at `now` when its contact wrote after this. */
export function openSince(now: number): number {
  return now - WINDOW_MS + MARGIN_MS;
}

/** Which of these contacts have an open window. */
export async function openWindows(
  db: Db,
  contacts: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (contacts.length === 0) return new Set();
  const rows = await db
    .selectFrom('contact_windows')
    .select('contact')
    .where('contact', 'in', [...contacts])
    .where('last_inbound_at', '>', openSince(now))
    .execute();
  return new Set(rows.map(({ contact }) => contact));
}
