/** Reads every chain from its beginning, and says of each where it first is not what was written. */
import type { Kysely, Selectable } from 'kysely';
import { type ChainFault, type ChainPlace, faultAfter } from '../../shared/audit/chain.ts';
import { entryColumns } from '../../shared/audit/columns.ts';
import type { AuditEventsTable } from '../db/audit-tables.ts';
import type { Database } from '../db/schema.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import { type ChainRow, chainName } from './chains.ts';
import { hexOf, sha256 } from './sha256.ts';

export type CheckFault =
  | ChainFault
  /** A column says another thing than the text that was hashed. */
  | 'columns'
  /** There are fewer events, or more, than the chain's head says. */
  | 'cut'
  /** A head that the gateway signed, or countersigned for a till, names another hash, or is not signed by it. */
  | 'head'
  /** Events of a chain that there is none of. */
  | 'chain';

export interface CheckReport {
  readonly ok: boolean;
  readonly chains: number;
  readonly events: number;
  /** The first of each chain. */
  readonly faults: readonly { readonly chain: string; readonly seq: number; readonly why: CheckFault }[];
}

/** Read at once, so that a check of millions needs little memory. */
const PAGE = 2_000;

type Event = Omit<Selectable<AuditEventsTable>, 'words'>;
type Fault = { readonly seq: number; readonly why: CheckFault };

export async function checkChains(
  db: Kysely<Database>,
  identity: Pick<GatewayIdentity, 'gatewayId' | 'signChainHead'>,
): Promise<CheckReport> {
  const chains = await db.selectFrom('audit_chains').selectAll().orderBy('id').execute();
  const faults: CheckReport['faults'][number][] = [];
  let events = 0;
  for (const chain of chains) {
    const found = await checkChain(db, identity, chain);
    events += found.events;
    if (found.fault !== null) faults.push({ chain: chainName(chain), ...found.fault });
  }
  for (const { chain_id, seq } of await strays(db)) faults.push({ chain: `${chain_id}`, seq, why: 'chain' });
  return { ok: faults.length === 0, chains: chains.length, events, faults };
}

async function checkChain(
  db: Kysely<Database>,
  identity: Pick<GatewayIdentity, 'gatewayId' | 'signChainHead'>,
  chain: ChainRow,
): Promise<{ events: number; fault: Fault | null }> {
  const heads = await headsOf(db, identity, chain);
  let before: ChainPlace = { seq: chain.base_seq, hash: hexOf(chain.base_hash) };
  let lastId = 0;
  let events = 0;
  for await (const event of eventsOf(db, chain)) {
    events += 1;
    const hash = hexOf(event.hash);
    const why =
      faultAfter(sha256, before, { ...event, hash, prevHash: hexOf(event.prev_hash) }) ??
      (event.id <= lastId ? 'gap' : null) ??
      (sameColumns(chain, event) ? null : 'columns') ??
      (heads.isOther(event.seq, hash) ? 'head' : null);
    if (why !== null) return { events, fault: { seq: before.seq + 1, why } };
    before = { seq: event.seq, hash };
    lastId = event.id;
  }
  const isCut = before.seq !== chain.seq || before.hash !== hexOf(chain.hash) || heads.newest > before.seq;
  return { events, fault: isCut ? { seq: before.seq + 1, why: 'cut' } : null };
}

export async function* eventsOf(
  db: Kysely<Database>,
  { id, base_seq: baseSeq }: Pick<ChainRow, 'id' | 'base_seq'>,
): AsyncGenerator<Event & { linked: string | null }> {
  let after = Math.min(baseSeq, 0);
  for (;;) {
    const page = await db
      .selectFrom('audit_events as e')
      .leftJoin('audit_links as l', 'l.id', 'e.subject_id')
      .selectAll('e')
      .select('l.subject as linked')
      .where('e.chain_id', '=', id)
      .where('e.seq', '>', after)
      .orderBy('e.seq')
      .limit(PAGE)
      .execute();
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
  }
}

/** Heads with the signature of this gateway: signing is deterministic (RFC 8032), so each is signed again and compared. */
async function headsOf(
  db: Kysely<Database>,
  { gatewayId, signChainHead }: Pick<GatewayIdentity, 'gatewayId' | 'signChainHead'>,
  chain: ChainRow,
) {
  const hashes = new Map<number, string | null>();
  if (chain.source === 'till') {
    const rows = await db
      .selectFrom('audit_heads')
      .select(['seq', 'hash'])
      .where('till_id', '=', chain.owner)
      .where('paired_at', '=', chain.paired_at)
      .execute();
    for (const { seq, hash } of rows) hashes.set(seq, hash);
  } else {
    const rows = await db.selectFrom('audit_signed').selectAll().where('chain_id', '=', chain.id).execute();
    for (const { seq, hash, at, jws } of rows) {
      const claims = { chain: chainName(chain), iat: Math.floor(at / 1000), seq, hash: hexOf(hash) };
      hashes.set(seq, signChainHead({ iss: gatewayId, ...claims }) === jws ? hexOf(hash) : null);
    }
  }
  return {
    /** Of the gateway's own chains; of a till's not all that was countersigned need have come up yet. */
    newest: chain.source === 'till' ? 0 : Math.max(0, ...hashes.keys()),
    isOther: (seq: number, hash: string): boolean => hashes.has(seq) && hashes.get(seq) !== hash,
  };
}

/** `JSON.parse` throws on no body of ours: its hash was checked before. */
function sameColumns(chain: ChainRow, event: Event & { linked: string | null }): boolean {
  const body = JSON.parse(event.body) as Record<string, unknown>;
  const wanted =
    event.source === 'till'
      ? { ...entryColumns(event.kind, body), storeId: chain.store_id, tillId: chain.owner }
      : body;
  return (
    event.source === chain.source &&
    event.store_id === wanted.storeId &&
    event.till_id === wanted.tillId &&
    event.staff_id === wanted.staffId &&
    event.approver_id === wanted.approverId &&
    event.customer_id === wanted.customerId &&
    event.sale_ref === wanted.saleRef &&
    event.asset === wanted.asset &&
    event.amount === wanted.amount &&
    event.outcome === wanted.outcome &&
    // A till's own name of a thing may have become the gateway's: then the link says so.
    (event.source === 'till' || event.subject_id === wanted.subjectId)
  );
}

function strays(db: Kysely<Database>) {
  return db
    .selectFrom('audit_events as e')
    .leftJoin('audit_chains as c', 'c.id', 'e.chain_id')
    .select((select) => ['e.chain_id', select.fn.min<number>('e.seq').as('seq')])
    .where('c.id', 'is', null)
    .groupBy('e.chain_id')
    .execute();
}
