/** Making evidence files: a store's events of a time, with all that proves them. The format is in shared/audit/proofs.ts. */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { hashedText } from '../../shared/audit/chain.ts';
import { EVIDENCE_VERSION, type EvidenceHeader } from '../../shared/audit/proofs.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import { type ChainRow, chainName } from './chains.ts';
import type { AuditContext } from './context.ts';
import { grantsOf, type UsedGrant, usedGrant } from './evidence-grants.ts';
import { linkStaged, signHeads } from './sequencer.ts';
import { hexOf } from './sha256.ts';

export interface EvidenceWish {
  readonly storeId: string;
  /** Who asks; null: the operator. */
  readonly staffId: string | null;
  /** Epoch ms, `from` ≤ at < `to`. */
  readonly from: number;
  readonly to: number;
}
export type Evidence = AsyncGenerator<string, void>;

/** Read at once. */
const PAGE = 1_000;
/** Of a chain; the newest, the one after its last event first of all. */
const HEADS_MAX = 500;

interface Part {
  readonly chain: ChainRow;
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

export async function* makeEvidence(context: AuditContext, wish: EvidenceWish): Evidence {
  const db = context.engine.kysely;
  const { gatewayId, publicKey, signEvidence } = context.identity;
  const store = await db
    .selectFrom('stores')
    .select('name')
    .where('id', '=', wish.storeId)
    .executeTakeFirst();
  if (store === undefined) throw new SaksiError('not_found');
  const madeAt = context.effects.clock.now();
  await noteExport(db, wish, madeAt);
  await linkStaged(context);
  await signHeads(context);
  const parts = await partsOf(db, wish);
  const digest = createHash('sha256');
  let lines = 0;
  const line = (text: string, isEntry = false): string => {
    const ended = `${text}\n`;
    if (!isEntry) digest.update(ended);
    lines += 1;
    return ended;
  };

  const header: EvidenceHeader = {
    ...{ saksiEvidence: EVIDENCE_VERSION, gatewayId, key: publicKey },
    ...{ storeId: wish.storeId, storeName: store.name, from: wish.from, to: wish.to, madeAt },
    chains: await Promise.all(parts.map((part) => placesOf(db, part))),
  };
  yield line(JSON.stringify(header));
  for (const [chain, part] of parts.entries()) {
    for (const head of await headsOf(context, part)) yield line(JSON.stringify({ head, chain }));
  }
  const used: UsedGrant[] = [];
  for (const [index, part] of parts.entries()) {
    for await (const event of eventsOf(db, part)) {
      const text = hashedText(event, event.seq, hexOf(event.prev_hash));
      const grant = usedGrant(event);
      if (grant !== null) used.push(grant);
      yield line(`{"chain":${index},"hash":"${hexOf(event.hash)}","entry":${text}}`, true);
    }
  }
  for await (const jws of grantsOf(context, used)) yield line(JSON.stringify({ grant: jws }));
  const iat = Math.floor(madeAt / 1000);
  yield `${JSON.stringify({ end: signEvidence({ iss: gatewayId, iat, lines, sha256: digest.digest('hex') }) })}\n`;
}

async function noteExport(db: Kysely<Database>, wish: EvidenceWish, at: number): Promise<void> {
  const { storeId, staffId, from, to } = wish;
  const detail = `{"from":${from},"to":${to}}`;
  const row = {
    store_id: storeId,
    staff_id: staffId,
    at,
    kind: 'audit.exported',
    outcome: 'ok',
    detail,
  } as const;
  await db.insertInto('audit_staged').values(row).execute();
}

/** The chains that have events of that time, each from its first of them to the first signed head after its last. */
async function partsOf(db: Kysely<Database>, { storeId, from, to }: EvidenceWish): Promise<Part[]> {
  const ranges = await db
    .selectFrom('audit_events')
    .select((select) => [
      'chain_id',
      select.fn.min<number>('seq').as('first'),
      select.fn.max<number>('seq').as('last'),
    ])
    .where('store_id', '=', storeId)
    .where('at', '>=', from)
    .where('at', '<', to)
    .groupBy('chain_id')
    .orderBy('chain_id')
    .execute();
  const parts: Part[] = [];
  for (const { chain_id: chainId, first, last } of ranges) {
    const chain = await db
      .selectFrom('audit_chains')
      .selectAll()
      .where('id', '=', chainId)
      .executeTakeFirstOrThrow();
    const head = await signedFrom(db, chain, last);
    const covered = head !== null && head <= chain.seq ? head : last;
    parts.push({ chain, name: chainName(chain), first, last: covered });
  }
  return parts;
}

/** The first at or after `seq`: of the gateway's own chains of those it signed, of a till's of those it countersigned. */
async function signedFrom(db: Kysely<Database>, chain: ChainRow, seq: number): Promise<number | null> {
  const found =
    chain.source === 'gateway'
      ? await db
          .selectFrom('audit_signed')
          .select((select) => select.fn.min<number | null>('seq').as('seq'))
          .where('chain_id', '=', chain.id)
          .where('seq', '>=', seq)
          .executeTakeFirst()
      : await db
          .selectFrom('audit_heads')
          .select((select) => select.fn.min<number | null>('seq').as('seq'))
          .where('till_id', '=', chain.owner)
          .where('paired_at', '=', chain.paired_at)
          .where('seq', '>=', seq)
          .executeTakeFirst();
  return found?.seq ?? null;
}

async function placesOf(db: Kysely<Database>, part: Part): Promise<EvidenceHeader['chains'][number]> {
  const { chain, name, first, last } = part;
  const at = (seq: number) =>
    db
      .selectFrom('audit_events')
      .select(['seq', 'prev_hash', 'hash'])
      .where('chain_id', '=', chain.id)
      .where('seq', '=', seq)
      .executeTakeFirstOrThrow();
  const [begin, end] = [await at(first), await at(last)];
  return {
    chain: name,
    before: { seq: first - 1, hash: hexOf(begin.prev_hash) },
    last: { seq: last, hash: hexOf(end.hash) },
  };
}

async function* eventsOf(db: Kysely<Database>, { chain, first, last }: Part) {
  for (let from = first; from <= last; from += PAGE) {
    yield* await db
      .selectFrom('audit_events')
      .select(['seq', 'at', 'kind', 'body', 'prev_hash', 'hash', 'subject_id'])
      .where('chain_id', '=', chain.id)
      .where('seq', '>=', from)
      .where('seq', '<', Math.min(from + PAGE, last + 1))
      .orderBy('seq')
      .execute();
  }
}

async function headsOf({ engine, identity }: AuditContext, { chain, first, last }: Part): Promise<string[]> {
  const db = engine.kysely;
  const { gatewayId } = identity;
  if (chain.source === 'gateway') {
    const rows = await db
      .selectFrom('audit_signed')
      .select('jws')
      .where('chain_id', '=', chain.id)
      .where('seq', '>=', first)
      .where('seq', '<=', last)
      .orderBy('seq', 'desc')
      .limit(HEADS_MAX)
      .execute();
    return rows.map(({ jws }) => jws);
  }
  const rows = await db
    .selectFrom('audit_heads')
    .select(['seq', 'hash', 'at'])
    .where('till_id', '=', chain.owner)
    .where('paired_at', '=', chain.paired_at)
    .where('seq', '>=', first)
    .where('seq', '<=', last)
    .orderBy('seq', 'desc')
    .limit(HEADS_MAX)
    .execute();
  // Signed again from its row a head is the same, to the byte.
  return rows.map(({ seq, hash, at }) =>
    identity.signHead({ iss: gatewayId, aud: chain.owner, iat: Math.floor(at / 1000), seq, hash }),
  );
}
