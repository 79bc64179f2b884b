/** Who this gateway is: its id and its Ed25519 key, made once, the private half sealed in the database. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { z } from 'zod';
import {
  CHAIN_HEAD_TYP,
  type ChainHead,
  chainHeadSchema,
  EVIDENCE_TYP,
  type EvidenceEnd,
  evidenceEndSchema,
} from '../../shared/audit/proofs.ts';
import type { Effects } from '../../shared/effects.ts';
import {
  type ApprovalGrantClaims,
  approvalGrantSchema,
  type GatewayKey,
  GRANT_ALG,
  GRANT_TYP,
  type GrantClaims,
  grantClaimsSchema,
  type ShiftGrantClaims,
  shiftGrantSchema,
} from '../../shared/grants.ts';
import { createUuid } from '../../shared/ids.ts';
import { REMEMBERED_TYP, type RememberedLogin, rememberedLoginSchema } from '../../shared/login.ts';
import {
  type CountersignedHead,
  countersignedHeadSchema,
  HEAD_TYP,
  SEALED_TYP,
  type SealedBundle,
  sealedBundleSchema,
} from '../../shared/offline.ts';
import { keyFingerprint } from '../../shared/pairing.ts';
import { POLICY_TYP, type SignedPolicy, signedPolicySchema } from '../../shared/policy.ts';
import type { Engine } from '../db/engine.ts';
import { seal, unseal } from './sealed.ts';

const PLACE = 'gateway_identity.private';

export interface GatewayIdentity {
  readonly gatewayId: string;
  readonly publicKey: GatewayKey;
  /** The half of a pairing code by which a till knows this key. */
  readonly fingerprint: string;
  /** Compact JWS (RFC 7515 section 3.1) of the claims. Synchronous, about 50 µs. Throws when they break their schema. */
  signGrant(claims: GrantClaims): string;
  signApprovalGrant(claims: ApprovalGrantClaims): string;
  signShiftGrant(claims: ShiftGrantClaims): string;
  signPolicy(signed: SignedPolicy): string;
  signSealed(bundle: SealedBundle): string;
  signHead(head: CountersignedHead): string;
  signRemembered(login: RememberedLogin): string;
  signChainHead(head: ChainHead): string;
  signEvidence(end: EvidenceEnd): string;
}

/** Reads the identity, or makes it. Gateways that start at once on one database end up with the same. */
export async function loadIdentity(
  engine: Engine,
  effects: Effects,
  secretsKey: Uint8Array,
): Promise<GatewayIdentity> {
  const read = () => engine.kysely.selectFrom('gateway_identity').selectAll().executeTakeFirst();
  let row = await read();
  if (row === undefined) {
    await engine.kysely
      .insertInto('gateway_identity')
      .values(await createIdentity(effects, secretsKey))
      .onConflict((conflict) => conflict.column('only_row').doNothing())
      .execute();
    row = await read();
  }
  if (row === undefined) throw new Error('gateway identity was neither there nor could be made');
  const der = Buffer.from(unseal(secretsKey, PLACE, row.private_sealed), 'base64');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    gatewayId: row.gateway_id,
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: row.public_x, kid: row.key_id },
    fingerprint: await keyFingerprint(row.public_x),
    signGrant: createSigner(privateKey, row.key_id),
    signApprovalGrant: signerOf(approvalGrantSchema, GRANT_TYP, privateKey, row.key_id),
    signShiftGrant: signerOf(shiftGrantSchema, GRANT_TYP, privateKey, row.key_id),
    signPolicy: signerOf(signedPolicySchema, POLICY_TYP, privateKey, row.key_id),
    signSealed: signerOf(sealedBundleSchema, SEALED_TYP, privateKey, row.key_id),
    signHead: signerOf(countersignedHeadSchema, HEAD_TYP, privateKey, row.key_id),
    signRemembered: signerOf(rememberedLoginSchema, REMEMBERED_TYP, privateKey, row.key_id),
    signChainHead: signerOf(chainHeadSchema, CHAIN_HEAD_TYP, privateKey, row.key_id),
    signEvidence: signerOf(evidenceEndSchema, EVIDENCE_TYP, privateKey, row.key_id),
  };
}

async function createIdentity(effects: Effects, secretsKey: Uint8Array) {
  // The one key that cannot come from the injected randomness: Node generates it inside OpenSSL.
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  if (x === undefined) throw new Error('Ed25519 key without its public half');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return {
    gateway_id: createUuid(effects),
    key_id: `gw-${(await keyFingerprint(x)).toLowerCase()}`,
    public_x: x,
    private_sealed: seal(secretsKey, effects.random, PLACE, pkcs8),
    created_at: effects.clock.now(),
  };
}

/** RFC 8037 section 3.1: Ed25519 signs the input itself, without a digest before it. */
export function createSigner(privateKey: KeyObject, keyId: string): (claims: GrantClaims) => string {
  return signerOf(grantClaimsSchema, GRANT_TYP, privateKey, keyId);
}

function signerOf<T>(
  schema: z.ZodType<T>,
  typ: string,
  privateKey: KeyObject,
  keyId: string,
): (claims: T) => string {
  const header = encode({ alg: GRANT_ALG, typ, kid: keyId });
  return (claims) => {
    const input = `${header}.${encode(schema.parse(claims))}`;
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
