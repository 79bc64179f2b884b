/** Proof that a webhook comes from Meta. Source: Meta, "Webhooks: create an endpoint". */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
/** Meta's challenges are short numbers. Ours is echoed to whoever asks, so nothing that could be markup. */
const CHALLENGE = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * @param rawBody the bytes as received: one re-encoded character makes another signature
 * @param header `X-Hub-Signature-256`
 */
export function verifySignature(
  rawBody: Uint8Array,
  header: string | readonly string[] | undefined,
  appSecret: string,
): boolean {
  if (appSecret.length === 0) throw new TypeError('WhatsApp app secret is empty');
  const hex = typeof header === 'string' ? SIGNATURE.exec(header)?.[1] : undefined;
  if (hex === undefined) return false;
  const expected = createHmac('sha256', keyOf(appSecret)).update(rawBody).digest();
  return timingSafeEqual(expected, Buffer.from(hex, 'hex'));
}

/** Of the last secret asked for: a gateway has one, and reading it in again costs as much as the check. */
let lastKey: { readonly of: string; readonly key: KeyObject } | null = null;

function keyOf(appSecret: string): KeyObject {
  if (lastKey?.of !== appSecret) lastKey = { of: appSecret, key: createSecretKey(appSecret, 'utf8') };
  return lastKey.key;
}

/**
 * Meta's GET when the webhook is registered.
 * @returns the challenge to answer with 200 as `text/plain`, or undefined: answer 403
 */
export function verifyChallenge(
  query: Readonly<Record<string, unknown>>,
  verifyToken: string,
): string | undefined {
  if (verifyToken.length === 0) throw new TypeError('WhatsApp verify token is empty');
  const token = query['hub.verify_token'];
  const challenge = query['hub.challenge'];
  if (query['hub.mode'] !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string')
    return undefined;
  if (!timingSafeEqual(sha256(token), sha256(verifyToken))) return undefined;
  return CHALLENGE.test(challenge) ? challenge : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
