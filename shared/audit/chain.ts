/**
 * The hash chain of audit events, as tills, the gateway and the verifier all compute it. SHA-256 comes in as an argument, so
 * that this runs wherever it is needed.
 */

/** Values that canonical JSON (RFC 8785, without fractions: money is whole numbers) can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type AuditBody = { [key: string]: JsonValue };

/** SHA-256 of the text's UTF-8 bytes, in lower-case hex. */
export type Sha256 = (text: string) => string;

/** A place in a chain: how many entries there are up to it, and the hash of the last one. */
export interface ChainPlace {
  readonly seq: number;
  readonly hash: string;
}

/** An entry without what places it in its chain. `body` is JSON text, hashed as it lies: any edit of it shows. */
export interface ChainContent {
  /** Epoch ms by the clock of whoever wrote it down. */
  readonly at: number;
  readonly kind: string;
  readonly body: string;
}

export interface ChainEntry extends ChainContent, ChainPlace {
  readonly prevHash: string;
}

/** What is wrong with an entry, looked at after the one before it. */
export type ChainFault =
  /** Its number is not the next one: something is missing, was inserted or stands elsewhere. */
  | 'gap'
  /** It names another entry as the one before it. */
  | 'link'
  /** It is not what was hashed. */
  | 'hash';

/** Before the first entry of a chain. */
export const CHAIN_START: ChainPlace = { seq: 0, hash: '0'.repeat(64) };

/** RFC 8785 JSON canonicalisation for the values above: keys sorted by code unit, no white space. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
    return `{${fields.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('the audit chain holds whole numbers only');
  }
  return JSON.stringify(value);
}

/** The text whose hash is an entry's. The database links the gateway's own chains with the same (`audit_hash_next`). */
export function hashedText({ at, kind, body }: ChainContent, seq: number, prevHash: string): string {
  return `{"at":${at},"body":${body},"kind":${JSON.stringify(kind)},"prev":"${prevHash}","seq":${seq}}`;
}

/** The entry that `content` becomes after `before`. */
export function nextEntry(sha256: Sha256, before: ChainPlace, content: ChainContent): ChainEntry {
  const seq = before.seq + 1;
  const hash = sha256(hashedText(content, seq, before.hash));
  return { ...content, seq, prevHash: before.hash, hash };
}

/** Null where `entry` is the one that belongs after `before`. */
export function faultAfter(sha256: Sha256, before: ChainPlace, entry: ChainEntry): ChainFault | null {
  if (entry.seq !== before.seq + 1) return 'gap';
  if (entry.prevHash !== before.hash) return 'link';
  return sha256(hashedText(entry, entry.seq, entry.prevHash)) === entry.hash ? null : 'hash';
}
