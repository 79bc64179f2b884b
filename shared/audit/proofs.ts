import { z } from 'zod';
import { uuidSchema } from '../ids.ts';

/** What the gateway signs about chains, each a compact JWS (EdDSA, the grants' key) with the `typ` beside its schema. */
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const place = { seq: z.number().int().nonnegative(), hash: sha256Hex };

/** 'gateway', 'store/<id>', 'till/<id>/<epoch ms of its pairing>'. */
export const chainNameSchema = z.string().regex(/^(gateway|store\/[0-9a-f-]{36}|till\/[0-9a-f-]{36}\/\d{1,16})$/);

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

/** The last line of an evidence file: how many lines stand before it, and the SHA-256 of their bytes, line ends included. */
export const EVIDENCE_TYP = 'saksi-evidence+jwt';
export const evidenceEndSchema = z.object({
  iss: uuidSchema,
  iat: z.number().int(),
  lines: z.number().int().nonnegative(),
  sha256: sha256Hex,
});
export type EvidenceEnd = z.infer<typeof evidenceEndSchema>;
