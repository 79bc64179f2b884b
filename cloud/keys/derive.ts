/** The keys that the gateway works with, all derived from one master key, each for one use only. */
import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
/** Bound into every derived key; a new version here means new keys everywhere. */
const CONTEXT = 'saksi/gateway/v1/';

export interface GatewayKeys {
  /** Codes are derived with it when a message is sent. */
  readonly codeKey: Uint8Array;
  /** Codes are checked with it. */
  readonly verifyKey: Uint8Array;
  /** Seals secrets and phone numbers at rest (AES-256-GCM). */
  readonly secretsKey: Uint8Array;
  /** Fingerprints of request bodies, so that none is kept. */
  readonly idempotencyKey: Uint8Array;
  /** Hashes of pairing secrets. */
  readonly pairingKey: Uint8Array;
  /** Signs what buttons carry. */
  readonly buttonKey: Uint8Array;
  /** Hashes of enrolment words, and of who wrote to us. */
  readonly contactKey: Uint8Array;
  /** Signs where providers report about texts. */
  readonly reportKey: Uint8Array;
  /** From it come the stores' keys of `phoneTag`s. */
  readonly tagKey: Uint8Array;
  /** Hashes of the settings that a check of the set-up was made with. */
  readonly setupKey: Uint8Array;
  /** Proofs that a manager typed their PIN at a till. */
  readonly managerKey: Uint8Array;
}

/** HKDF-SHA-256 (RFC 5869), no salt: the master key is uniformly random already (section 3.1). */
export function deriveKeys(masterKey: Uint8Array): GatewayKeys {
  const derive = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(0), CONTEXT + use, KEY_BYTES));
  return {
    codeKey: derive('code'),
    verifyKey: derive('verify'),
    secretsKey: derive('secrets'),
    idempotencyKey: derive('idempotency'),
    pairingKey: derive('pairing'),
    buttonKey: derive('button'),
    contactKey: derive('contact'),
    reportKey: derive('report'),
    tagKey: derive('cache-tag'),
    setupKey: derive('setup'),
    managerKey: derive('manager'),
  };
}

/** A store's own key: its tills hold it, and it is of no use for another store's customers. */
export function storeTagKey(tagKey: Uint8Array, storeId: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', tagKey, new Uint8Array(0), `${CONTEXT}cache-tag/${storeId}`, KEY_BYTES),
  );
}
