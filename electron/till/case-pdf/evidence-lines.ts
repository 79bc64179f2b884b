/** What of an evidence file stands on paper: who signed it, and the newest signed head of each chain. */
import { z } from 'zod';
import { keyFingerprint } from '../../../shared/pairing.ts';
import { sha256 } from '../../store/sha256.ts';

const headerSchema = z.object({
  gatewayId: z.string(),
  key: z.object({ x: z.string() }),
  from: z.number(),
  to: z.number(),
  chains: z.array(
    z.object({
      chain: z.string(),
      before: z.object({ seq: z.number() }),
      last: z.object({ seq: z.number() }),
    }),
  ),
});
const headLineSchema = z.object({ head: z.string(), chain: z.number().int().nonnegative() });
const headSchema = z.object({ seq: z.number(), hash: z.string(), iat: z.number() });

export interface EvidenceSummary {
  readonly gatewayId: string;
  readonly fingerprint: string;
  /** Of the whole file, hex. */
  readonly sha256: string;
  readonly from: number;
  readonly to: number;
  readonly chains: readonly {
    readonly name: string;
    readonly first: number;
    readonly last: number;
    /** Null: nothing of it is signed yet. `at`: epoch ms. */
    readonly head: { readonly seq: number; readonly hash: string; readonly at: number } | null;
  }[];
}

/** Throws z.ZodError for what is no evidence file. Heads stand newest first in one. */
export async function summariseEvidence(text: string): Promise<EvidenceSummary> {
  const lines = text.split('\n');
  const { gatewayId, key, from, to, chains } = headerSchema.parse(JSON.parse(lines[0] ?? ''));
  const heads = new Map<number, z.infer<typeof headSchema>>();
  for (const line of lines.slice(1)) {
    if (!line.startsWith('{"head"')) break;
    const { head, chain } = headLineSchema.parse(JSON.parse(line));
    const claims = Buffer.from(head.split('.')[1] ?? '', 'base64url').toString();
    if (!heads.has(chain)) heads.set(chain, headSchema.parse(JSON.parse(claims)));
  }
  return {
    ...{ gatewayId, from, to, sha256: sha256(text), fingerprint: await keyFingerprint(key.x) },
    chains: chains.map(({ chain: name, before, last }, index) => {
      const head = heads.get(index);
      return {
        ...{ name, first: before.seq + 1, last: last.seq },
        head: head === undefined ? null : { seq: head.seq, hash: head.hash, at: head.iat * 1000 },
      };
    }),
  };
}
