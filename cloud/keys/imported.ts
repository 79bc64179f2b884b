import { createSecretKey, type KeyObject } from 'node:crypto';

const imported = new WeakMap<Uint8Array, KeyObject>();

/** The key as OpenSSL has it, kept: importing it anew takes several times as long as one use of it. */
export function importedKey(key: Uint8Array): KeyObject {
  const known = imported.get(key) ?? createSecretKey(key);
  imported.set(key, known);
  return known;
}
