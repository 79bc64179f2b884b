/** Countersigning the heads of tills' audit chains, so that an old copy of a till's disk, or an edited one, is found. */
import { type Kysely, sql } from 'kysely';
import { CHAIN_START, type ChainPlace } from '../../shared/audit/chain.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { AuditHead } from '../../shared/offline.ts';
import type { Database } from '../db/schema.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { OfflineContext, Trx } from './context.ts';

interface Kept {
  readonly seq: number;
  readonly hash: string;
  readonly at: number;
}

type Verdict = { readonly sign: Kept } | { readonly refuse: Refusal; readonly newest: Kept };
type Refusal = 'audit_head_behind' | 'audit_head_forked';

/**
 * The gateway's signed word on the till's head, or on the newest one that it signed where the till did not hear of that: then
 * the till compares and asks again. `audit_head_behind`, `audit_head_forked`: both are kept for managers.
 */
export async function countersign(
  context: OfflineContext,
  { tillId }: TillIdentity,
  head: AuditHead,
): Promise<string> {
  const now = context.effects.clock.now();
  const verdict = await context.engine.kysely.transaction().execute(async (trx): Promise<Verdict> => {
    // Locked, so that two heads of one till are looked at one after the other.
    const till = await trx
      .selectFrom('tills')
      .select('paired_at')
      .where('id', '=', tillId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const decided = await decide(trx, tillId, till.paired_at ?? 0, head, now);
    if ('refuse' in decided) await keepHeadRefusal(trx, tillId, head, decided, now);
    return decided;
  });
  if ('refuse' in verdict) throw new SaksiError(verdict.refuse);
  const { seq, hash, at } = verdict.sign;
  const { gatewayId } = context.identity;
  return context.identity.signHead({ iss: gatewayId, aud: tillId, iat: Math.floor(at / 1000), seq, hash });
}

async function decide(
  trx: Trx,
  tillId: string,
  pairedAt: number,
  { seq, hash, prefix }: AuditHead,
  now: number,
): Promise<Verdict> {
  // A till that the operator paired anew begins a chain of its own.
  const kept = trx
    .selectFrom('audit_heads')
    .select(['seq', 'hash', 'at'])
    .where('till_id', '=', tillId)
    .where('paired_at', '=', pairedAt);
  const newest = await kept.orderBy('seq', 'desc').limit(1).executeTakeFirst();
  if (newest !== undefined) {
    if (seq < newest.seq) return { refuse: 'audit_head_behind', newest };
    if (seq === newest.seq)
      return hash === newest.hash ? { sign: newest } : { refuse: 'audit_head_forked', newest };
    const same = prefix === null ? undefined : await kept.where('seq', '=', prefix.seq).executeTakeFirst();
    if (same !== undefined && same.hash !== prefix?.hash) return { refuse: 'audit_head_forked', newest };
    // Whether the chain went on from the newest cannot be told from an older prefix.
    if ((prefix?.seq ?? -1) < newest.seq) return { sign: newest };
  }
  if (await isOtherThanSent(trx, tillId, pairedAt, { seq, hash })) {
    return { refuse: 'audit_head_forked', newest: newest ?? { seq: 0, hash: CHAIN_START.hash, at: now } };
  }
  const row = { till_id: tillId, paired_at: pairedAt, seq, hash, at: now };
  await trx.insertInto('audit_heads').values(row).execute();
  return { sign: { seq, hash, at: now } };
}

/** Whether the till sent another entry at that place before. */
async function isOtherThanSent(
  trx: Trx,
  tillId: string,
  pairedAt: number,
  head: ChainPlace,
): Promise<boolean> {
  const sent = await trx
    .selectFrom('audit_chains as c')
    .innerJoin('audit_events as e', 'e.chain_id', 'c.id')
    .select('e.hash')
    .where('c.source', '=', 'till')
    .where('c.owner', '=', tillId)
    .where('c.paired_at', '=', pairedAt)
    .where('e.seq', '=', head.seq)
    .executeTakeFirst();
  return sent !== undefined && Buffer.from(sent.hash).toString('hex') !== head.hash;
}

/** The same refusal again only counts: a till asks every few seconds. */
export async function keepHeadRefusal(
  trx: Trx,
  tillId: string,
  head: AuditHead,
  { refuse, newest }: Extract<Verdict, { refuse: Refusal }>,
  now: number,
): Promise<void> {
  const last = await trx
    .selectFrom('audit_head_refusals')
    .select(['id', 'refused', 'newest_seq', 'times'])
    .where('till_id', '=', tillId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.refused === refuse && last.newest_seq === newest.seq) {
    await trx
      .updateTable('audit_head_refusals')
      .set({ times: last.times + 1, last_at: now })
      .where('id', '=', last.id)
      .execute();
    return;
  }
  await trx
    .insertInto('audit_head_refusals')
    .values({
      ...{ till_id: tillId, refused: refuse, head: JSON.stringify(head), newest_seq: newest.seq },
      ...{ at: now, last_at: now },
    })
    .execute();
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
/** Days that one run looks at; runs come far more often than days, so that only a gateway that slept as long leaves some. */
const LOOKED_AT_DAYS = 14;

/** Of a day (UTC) that ended a month ago only the last head of each chain stays: enough to say when a chain was still whole. */
export async function pruneHeads(db: Kysely<Database>, now: number): Promise<void> {
  const until = (Math.floor(now / DAY_MS) - KEPT_DAYS) * DAY_MS;
  await sql`
    delete from audit_heads as h using (
      select till_id, paired_at, seq,
        row_number() over (partition by till_id, paired_at, at / ${DAY_MS}::bigint order by seq desc) as place
      from audit_heads where at >= ${until - LOOKED_AT_DAYS * DAY_MS}::bigint and at < ${until}::bigint
    ) as aged
    where aged.place > 1 and h.till_id = aged.till_id and h.paired_at = aged.paired_at and h.seq = aged.seq
  `.execute(db);
}
