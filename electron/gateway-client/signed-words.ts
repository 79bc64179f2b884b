import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { type GatewayKey, GRANT_ALG } from '../../shared/grants.ts';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The first part of a signed word that is not as it must be. */
export class SignedWordError extends Error {
  readonly part: 'shape' | 'header' | 'kid' | 'signature' | 'claims';
  constructor(part: SignedWordError['part'], cause?: unknown) {
    super(`signed word: ${part}`, cause === undefined ? undefined : { cause });
    this.part = part;
  }
}

/** Made once and kept: a zod schema costs more to build than to use, and a grant's reader stands before a drawer. */
export function wordKind<T extends z.ZodType>(typ: string, claims: T, charsMax: number) {
  // Nothing but these: no `crit`, no key of its own (RFC 7515 sections 4.1.3 and 4.1.11; RFC 8725 section 3.1).
  const header = z.strictObject({ alg: z.literal(GRANT_ALG), typ: z.literal(typ), kid: z.string() });
  return { header, claims, charsMax };
}
export type WordKind<T extends z.ZodType> = ReturnType<typeof wordKind<T>>;
export type WordReader = <T extends z.ZodType>(jws: string, kind: WordKind<T>) => z.output<T>;

/**
 * Reads what the gateway signed: compact JWS (RFC 7515 section 3.1) of one `typ`, by the key pinned at pairing. Nothing in
 * it is looked at before its signature holds. Throws SignedWordError.
 */
export function createWordReader({ kty, crv, x, kid }: GatewayKey): WordReader {
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  return (jws, kind) => {
    const parts = jws.length <= kind.charsMax ? jws.split('.') : [];
    const [header, payload, signature] = parts;
    if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
      throw new SignedWordError('shape');
    }
    if (parse(kind.header, header, 'header').kid !== kid) throw new SignedWordError('kid');
    const signed = Buffer.from(`${header}.${payload}`, 'ascii');
    // RFC 8032: Ed25519 hashes inside, so there is no digest to name.
    if (!verify(null, signed, key, decode(signature, 'signature'))) throw new SignedWordError('signature');
    return parse(kind.claims, payload, 'claims');
  };
}

function parse<T extends z.ZodType>(schema: T, part: string, name: 'header' | 'claims'): z.output<T> {
  const text = decode(part, name).toString('utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new SignedWordError(name, error);
  }
}

function decode(part: string, name: SignedWordError['part']): Buffer {
  // Node skips characters outside the alphabet; a signature must not.
  if (!BASE64URL.test(part)) throw new SignedWordError(name);
  return Buffer.from(part, 'base64url');
}
