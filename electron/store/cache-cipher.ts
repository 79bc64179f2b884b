import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { SecretStore } from './secrets.ts';

/** Name of the cache's key among the till's secrets: under the system's key chain, or in a file of mode 0600. */
export const CACHE_KEY = 'cache-key';
/** The store's key of phone tags, as the gateway told it. */
export const CACHE_TAG_KEY = 'cache-tag-key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals rows of the customer cache (AES-256-GCM, bound to the customer's id) and makes tags of what they are looked up by
 * (HMAC-SHA-256), so that a stolen disk shows no name and no number. The key is made when first needed.
 */
export function createCacheCipher(secrets: SecretStore, random: Random) {
  const saved = Buffer.from(secrets.get(CACHE_KEY) ?? '', 'base64url');
  const master = saved.length === KEY_BYTES ? saved : Buffer.from(random.bytes(KEY_BYTES));
  if (master !== saved) secrets.set(CACHE_KEY, master.toString('base64url'));
  const derive = (info: string) => Buffer.from(hkdfSync('sha256', master, '', info, KEY_BYTES));
  const rowKey = derive('saksi cache rows');
  const memberKey = derive('saksi cache member numbers');
  let phoneKey = secrets.get(CACHE_TAG_KEY);

  return {
    seal(customerId: string, text: string): Buffer {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', rowKey, nonce).setAAD(Buffer.from(customerId));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },

    /** Null where it does not open: another key, or a row that somebody edited or moved. */
    open(customerId: string, sealed: Uint8Array): string | null {
      try {
        const decipher = createDecipheriv('aes-256-gcm', rowKey, sealed.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(customerId))
          .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = sealed.subarray(NONCE_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch {
        // The caller counts and drops it: the gateway has it too.
        return null;
      }
    },

    memberTag: (memberNo: string): string =>
      createHmac('sha256', memberKey).update(memberNo.trim()).digest('base64url'),

    /** As the gateway makes it of an E.164 number; null before it told the key. */
    phoneTag: (e164: string): string | null =>
      phoneKey === null
        ? null
        : createHmac('sha256', Buffer.from(phoneKey, 'base64url')).update(e164).digest('base64url'),

    learnPhoneKey(key: string): void {
      if (key === phoneKey) return;
      secrets.set(CACHE_TAG_KEY, key);
      phoneKey = key;
    },
  };
}
export type CacheCipher = ReturnType<typeof createCacheCipher>;
