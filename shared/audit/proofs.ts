import { z } from 'zod';
import { uuidSchema } from '../ids.ts';

/** What the gateway signs about chains, each a compact JWS (EdDSA, the grants' key) with the `typ` beside its schema. */
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const place = { seq: z.number().int().nonnegative(), hash: sha256Hex };

/** 'gateway', 'store/<id>', 'till/<id>/<epoch ms of its pairing>'. */
export const chainNameSchema = z
  .string()
  .regex(/^(gateway|store\/[0-9a-f-]{36}|till\/[0-9a-f-]{36}\/\d{1,16})$/);

/** The head of one of the gateway's own chains; those of tills are countersigned (`countersignedHeadSchema`). */
export const CHAIN_HEAD_TYP = 'saksi-chain-head+jwt';
export const chainHeadSchema = z.object({
  iss: uuidSchema,
  chain: chainNameSchema,
  /** NumericDate seconds of the gateway's clock. */
  iat: z.number().int(),
  ...place,
});
export type ChainHead = z.infer<typeof chainHeadSchema>;

/**
 * An evidence file: lines of JSON, UTF-8, each ended by a line feed.
 * 1. `EvidenceHeader`.
 * 2. `{"head":"<compact JWS>","chain":<place in the header's list>}`: heads that the gateway signed or countersigned.
 * 3. Entries, chain by chain, in order: `{"chain":<place>,"hash":"<hex>","entry":<the text that was hashed>}`, to the byte, so
 *    that each line shows what its hash is of.
 * 4. `{"grant":"<compact JWS>"}`: grants that were used.
 * 5. `{"end":"<compact JWS over evidenceEndSchema>"}`.
 */
export const EVIDENCE_VERSION = 1;
export interface EvidenceHeader {
  readonly saksiEvidence: typeof EVIDENCE_VERSION;
  readonly gatewayId: string;
  /** Ed25519 public key as JWK. Its fingerprint is what was typed when a till was paired. */
  readonly key: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly kid: string };
  readonly storeId: string;
  readonly storeName: string;
  /** Epoch ms, `from` ≤ at < `to`. Of each chain all is there from its first event of that time to the first signed head after its last. */
  readonly from: number;
  readonly to: number;
  readonly madeAt: number;
  readonly chains: readonly {
    readonly chain: string;
    /** Before its first entry here. */
    readonly before: { readonly seq: number; readonly hash: string };
    readonly last: { readonly seq: number; readonly hash: string };
  }[];
}

/** The last line: how many lines stand before it, and the SHA-256 of those that are no entries, line ends included. */
export const EVIDENCE_TYP = 'saksi-evidence+jwt';
export const evidenceEndSchema = z.object({
  iss: uuidSchema,
  iat: z.number().int(),
  lines: z.number().int().nonnegative(),
  sha256: sha256Hex,
});
export type EvidenceEnd = z.infer<typeof evidenceEndSchema>;
