/** Taking over the entries of tills' chains, checked link by link against what the gateway has and has countersigned. */
import { sql } from 'kysely';
import { CHAIN_START, type ChainEntry, type ChainPlace, hashedText } from '../../shared/audit/chain.ts';
import { entryColumns, entryLink } from '../../shared/audit/columns.ts';
import type { EntriesAnswer, SentEntries } from '../../shared/audit/entries.ts';
import { SaksiError } from '../../shared/errors.ts';
import { notify } from '../db/engine.ts';
import type { Trx } from '../offline/context.ts';
import { keepHeadRefusal } from '../offline/heads.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { ChainRow } from './chains.ts';
import { AUDIT_CHANNEL, type AuditContext } from './context.ts';
import { hexOf, sha256 } from './sha256.ts';

type Outcome =
  | { readonly newest: ChainPlace }
  | { readonly forkedAt: ChainPlace; readonly newest: ChainPlace };

/**
 * What follows the newest that the gateway has is kept; where the till is further on (`after`), the answer says from where to
 * send. Throws `audit_head_forked` (kept for managers, as heads' refusals are), `bad_request` for a body that is no JSON object.
 */
export async function takeEntries(
  { engine, effects }: AuditContext,
  till: TillIdentity,
  { after, entries: sent }: SentEntries,
): Promise<EntriesAnswer> {
  const entries = linked(after, sent);
  const now = effects.clock.now();
  const outcome = await engine.kysely.transaction().execute(async (trx): Promise<Outcome> => {
    await sql`select audit_write_lock()`.execute(trx);
    const chain = await chainOf(trx, till, { after, entries });
    if (!('id' in chain)) return { newest: chain };
    const newest = { seq: chain.seq, hash: hexOf(chain.hash) };
    const forkedAt =
      notAsHashed(entries) ??
      (await otherThanKept(trx, chain, after, entries)) ??
      (await otherThanHeads(trx, chain, entries));
    if (forkedAt !== null) {
      const head = { ...forkedAt, prefix: null };
      await keepHeadRefusal(
        trx,
        till.tillId,
        head,
        { refuse: 'audit_head_forked', newest: { ...newest, at: now } },
        now,
      );
      return { forkedAt, newest };
    }
    const fresh = entries.filter(({ seq }) => seq > newest.seq);
    if (fresh[0]?.seq !== newest.seq + 1) return { newest };
    await keep(trx, chain, till, fresh);
    await notify(trx, AUDIT_CHANNEL, '');
    const last = fresh.at(-1) ?? newest;
    return { newest: { seq: last.seq, hash: last.hash } };
  });
  if ('forkedAt' in outcome) throw new SaksiError('audit_head_forked');
  return outcome;
}

function linked(after: ChainPlace, sent: SentEntries['entries']): ChainEntry[] {
  let before = after;
  return sent.map((entry) => {
    const made = { ...entry, seq: before.seq + 1, prevHash: before.hash };
    before = made;
    return made;
  });
}

/** The first entry that is not what its hash says. */
function notAsHashed(entries: readonly ChainEntry[]): ChainPlace | null {
  return entries.find((entry) => sha256(hashedText(entry, entry.seq, entry.prevHash)) !== entry.hash) ?? null;
}

/**
 * Locked by the lock of all writers. A till that was paired anew goes on where its chain stood before, if its disk still holds
 * that: it is told of that place, and says from where it goes on. Until it has sent something it has no chain.
 */
async function chainOf(
  trx: Trx,
  { tillId, storeId }: TillIdentity,
  { after, entries }: { after: ChainPlace; entries: readonly ChainEntry[] },
): Promise<ChainRow | ChainPlace> {
  const till = await trx.selectFrom('tills').select('paired_at').where('id', '=', tillId).executeTakeFirst();
  const pairedAt = till?.paired_at ?? 0;
  const last = await trx
    .selectFrom('audit_chains')
    .selectAll()
    .where('source', '=', 'till')
    .where('owner', '=', tillId)
    .orderBy('paired_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.paired_at === pairedAt) return last;
  const before = last === undefined ? CHAIN_START : { seq: last.seq, hash: hexOf(last.hash) };
  if (entries.length === 0) return before;
  if (after.seq !== 0 && (after.seq !== before.seq || after.hash !== before.hash)) return CHAIN_START;
  const hash = Buffer.from(after.hash, 'hex');
  const row = {
    ...({ source: 'till', owner: tillId, paired_at: pairedAt, store_id: storeId } as const),
    ...{ base_seq: after.seq, base_hash: hash, seq: after.seq, hash },
  };
  return trx.insertInto('audit_chains').values(row).returningAll().executeTakeFirstOrThrow();
}

/** Of what the till says again, and of where it says that it goes on from. */
async function otherThanKept(
  trx: Trx,
  chain: ChainRow,
  after: ChainPlace,
  entries: readonly ChainEntry[],
): Promise<ChainPlace | null> {
  const said = [after, ...entries].filter(({ seq }) => seq <= chain.seq && seq >= chain.base_seq);
  const kept = await trx
    .selectFrom('audit_events')
    .select(['seq', 'hash'])
    .where('chain_id', '=', chain.id)
    .where('seq', '>=', after.seq)
    .where('seq', '<=', after.seq + entries.length)
    .execute();
  const hashes = new Map(kept.map(({ seq, hash }) => [seq, hexOf(hash)]));
  hashes.set(chain.base_seq, hexOf(chain.base_hash));
  return said.find(({ seq, hash }) => hashes.get(seq) !== hash) ?? null;
}

async function otherThanHeads(
  trx: Trx,
  chain: ChainRow,
  entries: readonly ChainEntry[],
): Promise<ChainPlace | null> {
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return null;
  const heads = await trx
    .selectFrom('audit_heads')
    .select(['seq', 'hash'])
    .where('till_id', '=', chain.owner)
    .where('paired_at', '=', chain.paired_at)
    .where('seq', '>=', first.seq)
    .where('seq', '<=', last.seq)
    .execute();
  const hashes = new Map(heads.map(({ seq, hash }) => [seq, hash]));
  return entries.find(({ seq, hash }) => hashes.has(seq) && hashes.get(seq) !== hash) ?? null;
}

async function keep(
  trx: Trx,
  { id }: ChainRow,
  { storeId, tillId }: TillIdentity,
  entries: readonly ChainEntry[],
): Promise<void> {
  const links: (readonly [string, string])[] = [];
  const rows = entries.map((entry) => {
    const body = bodyOf(entry);
    const link = entryLink(entry.kind, body);
    if (link !== null) links.push(link);
    return { ...entry, ...entryColumns(entry.kind, body) };
  });
  await sql`select audit_take(${id}, ${storeId}::uuid, ${tillId}::uuid, ${JSON.stringify(rows)}::jsonb,
    ${JSON.stringify(links)}::jsonb)`.execute(trx);
}

function bodyOf({ body, seq }: ChainEntry): object {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Named below.
  }
  throw new SaksiError('bad_request', { params: { at: `entries/${seq}/body` } });
}
