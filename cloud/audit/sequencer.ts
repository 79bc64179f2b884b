/** Links what was staged to the gateway's chains, and signs their heads. Any number of gateways may do so at once. */
import { sql } from 'kysely';
import { notify } from '../db/engine.ts';
import { chainName } from './chains.ts';
import { AUDIT_CHANNEL, type AuditContext } from './context.ts';
import { hexOf } from './sha256.ts';

/** Events of one transaction: it holds the lock of all writers of chains. */
export const LINK_BATCH = 1_000;
/** Batches of one run, so that a run ends. */
const BATCHES_MAX = 20;

/** Links all that is staged, in bounded batches. @returns how many events */
export async function linkStaged({ engine, effects }: AuditContext): Promise<number> {
  let linked = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const count = await engine.kysely.transaction().execute(async (trx) => {
      const { rows } = await sql<{
        count: number;
      }>`select audit_link(${LINK_BATCH}, ${effects.clock.now()}) as count`.execute(trx);
      const made = rows[0]?.count ?? 0;
      if (made > 0) await notify(trx, AUDIT_CHANNEL, '');
      return made;
    });
    linked += count;
    if (count < LINK_BATCH) break;
  }
  return linked;
}

/** Signs the head of each of the gateway's chains that grew since it was signed last. @returns how many */
export function signHeads({ engine, effects, identity }: AuditContext): Promise<number> {
  return engine.kysely.transaction().execute(async (trx) => {
    const grown = await trx
      .selectFrom('audit_chains')
      .selectAll()
      .where('source', '=', 'gateway')
      .whereRef('signed_seq', '<', 'seq')
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    const at = effects.clock.now();
    for (const chain of grown) {
      const { id, seq, hash } = chain;
      const claims = { chain: chainName(chain), iat: Math.floor(at / 1000), seq, hash: hexOf(hash) };
      const jws = identity.signChainHead({ iss: identity.gatewayId, ...claims });
      await trx.insertInto('audit_signed').values({ chain_id: id, seq, hash, at, jws }).execute();
      await trx.updateTable('audit_chains').set({ signed_seq: seq }).where('id', '=', id).execute();
    }
    return grown.length;
  });
}
