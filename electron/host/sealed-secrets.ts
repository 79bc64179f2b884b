import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { SecretStore } from '../store/secrets.ts';

const PREFIX = 'sealed.v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const VAULT_KEY_BYTES = 32;

/**
 * Keeps in `inner` only what AES-256-GCM made of it under `key`, bound to its name. What `inner` held before in plain
 * is still read, and sealed when it is next set. Throws SaksiError `store_failed` where a value does not open.
 */
export function createSealedSecretStore(inner: SecretStore, key: Uint8Array, random: Random): SecretStore {
  return {
    get(name) {
      const stored = inner.get(name);
      return stored?.startsWith(PREFIX) ? unseal(stored, name, key) : stored;
    },
    set(name, value) {
      inner.set(name, seal(value, name, key, random));
    },
  };
}

function seal(value: string, name: string, key: Uint8Array, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
}

function unseal(stored: string, name: string, key: Uint8Array): string {
  const bytes = Buffer.from(stored.slice(PREFIX.length), 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new SaksiError('store_failed', { cause: error });
  }
}
