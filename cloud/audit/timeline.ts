/** Pages of the audit list: of one store, newest first, by keyset; and what is new, oldest first, for the live tail. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  AUDIT_GROUPS,
  AUDIT_PAGE,
  type AuditFilter,
  type AuditPage,
  type TimelineEvent,
} from '../../shared/audit/timeline.ts';
import { SaksiError } from '../../shared/errors.ts';
import { searchForm } from '../customers/customers.ts';
import type { Database } from '../db/schema.ts';
import type { ManagerScope } from './access.ts';
import { eventOf, type StoredEvent } from './stored-event.ts';

/** Of one look of the live tail. */
const TAIL_MAX = 100;
/** Ids that one thing goes by: a redemption's, its till's own, its grant's, its openings'. */
const SUBJECT_IDS_MAX = 100;
const NAMES_MAX = 20;

export interface Timeline {
  /** `role_not_allowed` for another store's events. */
  page(scope: ManagerScope, filter: AuditFilter, after?: string): Promise<AuditPage>;
  /** Events with a higher id, lowest first. */
  since(scope: ManagerScope, filter: AuditFilter, id: number): Promise<TimelineEvent[]>;
  /** Those of the store, oldest first. */
  byIds(scope: ManagerScope, ids: readonly number[]): Promise<TimelineEvent[]>;
  newestId(): Promise<number>;
}

export function createTimeline(db: Kysely<Database>): Timeline {
  return {
    async page(scope, filter, after) {
      const narrowed = await narrow(db, scope, filter);
      if (narrowed === null) return { events: [], next: null };
      const rows = await readPage(db, narrowed, after);
      const shown = rows.slice(0, AUDIT_PAGE);
      const last = rows.length > AUDIT_PAGE ? shown.at(-1) : undefined;
      return { events: shown.map(toEvent), next: last === undefined ? null : `${last.at}.${last.id}` };
    },

    async since(scope, filter, id) {
      const narrowed = await narrow(db, scope, filter);
      if (narrowed === null) return [];
      const where = [...narrowed.where, sql`e.id > ${id}`, ...kindsOf(narrowed)];
      return (
        await named(
          db,
          sql`select e.* from audit_events e where ${and(where)}
        order by e.id limit ${TAIL_MAX}`,
          sql`p.id`,
        )
      ).map(toEvent);
    },

    async byIds({ storeId }, ids) {
      if (ids.length === 0) return [];
      const page = sql`select e.* from audit_events e
        where e.store_id = ${storeId}::uuid and e.id = any(${[...ids]}::bigint[])`;
      return (await named(db, page, sql`p.at, p.id`)).map(toEvent);
    },

    async newestId() {
      const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from audit_events`.execute(
        db,
      );
      return rows[0]?.id ?? 0;
    },
  };
}

interface Narrowed {
  readonly where: readonly RawBuilder<unknown>[];
  readonly kinds: readonly string[] | null;
  /** Something else than the kind leaves few events: their index is the one to use. */
  readonly isSelective: boolean;
  /** By an index that has them in another order: all that match are sorted. */
  readonly isSorted: boolean;
}

/** Null: nothing can match. */
async function narrow(
  db: Kysely<Database>,
  { storeId }: ManagerScope,
  filter: AuditFilter,
): Promise<Narrowed | null> {
  if (filter.storeId !== undefined && filter.storeId !== storeId) throw new SaksiError('role_not_allowed');
  const where: RawBuilder<unknown>[] = [sql`e.store_id = ${storeId}::uuid`];
  const {
    tillId,
    staffId,
    approverId,
    customerId,
    subjectId,
    amountFrom,
    amountTo,
    from,
    to,
    hour,
    outcomes,
  } = filter;
  if (tillId !== undefined) where.push(sql`e.till_id = ${tillId}::uuid`);
  if (staffId !== undefined) where.push(sql`e.staff_id = ${staffId}::uuid`);
  if (approverId !== undefined) where.push(sql`e.approver_id = ${approverId}::uuid`);
  if (customerId !== undefined) where.push(sql`e.customer_id = ${customerId}::uuid`);
  if (subjectId !== undefined) where.push(sql`e.subject_id = any(${await idsOf(db, subjectId)}::uuid[])`);
  if (amountFrom !== undefined) where.push(sql`e.amount >= ${amountFrom}::bigint`);
  if (amountTo !== undefined) where.push(sql`e.amount <= ${amountTo}::bigint`);
  if (from !== undefined) where.push(sql`e.at >= ${from}::bigint`);
  if (to !== undefined) where.push(sql`e.at < ${to}::bigint`);
  if (hour !== undefined) where.push(await isInHour(db, storeId, hour));
  // One outcome as a value, so that its index gives the order.
  if (outcomes?.length === 1) where.push(sql`e.outcome = ${outcomes[0]}::text`);
  else if (outcomes !== undefined) where.push(sql`e.outcome = any(${outcomes}::text[])`);
  const sale = await saleOf(db, storeId, filter.q ?? '');
  const words = sale === null ? await wordsOf(db, storeId, filter.q ?? '') : null;
  if (words === undefined) return null;
  if (sale !== null) where.push(isOfSale(sale));
  if (words !== null) where.push(sql`e.words @@ ${words}::tsquery`);
  const named = (filter.groups ?? []).flatMap((group): readonly string[] => AUDIT_GROUPS[group]);
  const kinds =
    filter.kinds === undefined && filter.groups === undefined ? null : [...(filter.kinds ?? []), ...named];
  const people = [tillId, staffId, approverId, customerId, subjectId, amountFrom, amountTo];
  const isSelective =
    sale !== null || words !== null || outcomes !== undefined || people.some((one) => one !== undefined);
  const isSorted = subjectId !== undefined || amountFrom !== undefined || amountTo !== undefined;
  return { where, kinds: kinds === null ? null : [...new Set(kinds)], isSelective, isSorted };
}

interface Row extends StoredEvent {
  till_name: string | null;
  staff_name: string | null;
  approver_name: string | null;
  customer_name: string | null;
  hash: string;
}

/**
 * Several kinds and nothing else: a page of each by its index, of which the newest are the page. One scan for all of them would
 * have to sort, or to pass over all other events. Where sorting it is, only ids are sorted, and a page of events is read.
 */
function readPage(db: Kysely<Database>, narrowed: Narrowed, after: string | undefined): Promise<Row[]> {
  const [at, id] = after?.split('.') ?? [];
  const older = at === undefined ? [] : [sql`(e.at, e.id) < (${at}::bigint, ${id}::bigint)`];
  const limit = sql.lit(AUDIT_PAGE + 1);
  const newest = sql`at desc, id desc`;
  const where = [...narrowed.where, ...older];
  const chosen = sql`from audit_events e where ${and([...where, ...kindsOf(narrowed)])}
          order by e.at desc, e.id desc limit ${limit}`;
  const page = narrowed.isSorted
    ? sql`select x.* from (select e.id ${chosen}) k join audit_events x on x.id = k.id`
    : narrowed.kinds === null || narrowed.isSelective
      ? sql`select e.* ${chosen}`
      : sql`select x.* from unnest(${narrowed.kinds}::text[]) as k (kind) cross join lateral (
          select e.* from audit_events e where ${and([...where, sql`e.kind = k.kind`])}
          order by e.at desc, e.id desc limit ${limit}) x order by ${newest} limit ${limit}`;
  return named(db, page, sql`p.at desc, p.id desc`);
}

/**
 * Names are read per event: joins would take the planner longer than all the rest of a page takes. By the person's id alone, and
 * shown where they are of the store: of a young table the planner would go through all of the store's people for each event.
 */
async function named(
  db: Kysely<Database>,
  page: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<Row[]> {
  const { rows } =
    await sql<Row>`select p.id, p.store_id, p.till_id, p.source, p.seq, p.at, p.kind, p.staff_id, p.approver_id,
      p.customer_id, p.sale_ref, p.subject_id, p.asset, p.amount, p.outcome, p.body, encode(p.hash, 'hex') as hash,
      (select t.name from tills t where t.id = p.till_id) as till_name,
      (select case when s.store_id = p.store_id then s.name end from staff s where s.id = p.staff_id) as staff_name,
      (select case when a.store_id = p.store_id then a.name end from staff a where a.id = p.approver_id) as approver_name,
      (select case when c.store_id = p.store_id then c.name end from customers c where c.id = p.customer_id) as customer_name
    from (${page}) p
    order by ${order}`.execute(db);
  return rows;
}

const and = (conditions: readonly RawBuilder<unknown>[]) => sql.join(conditions, sql` and `);
const kindsOf = ({ kinds }: Narrowed) => (kinds === null ? [] : [sql`e.kind = any(${kinds}::text[])`]);

/** All ids that events of one thing go by: tills have names of their own for it. */
async function idsOf(db: Kysely<Database>, subjectId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`with recursive names (id) as (
      select audit_subject(${subjectId}::uuid)
      union select l.id from audit_links l join names n on l.subject = n.id
    ) select id from names limit ${SUBJECT_IDS_MAX}`.execute(db);
  return [subjectId, ...rows.map(({ id }) => id)];
}

/** What is asked for, where it is a sale's whole reference: its own index has those in order, which words have not. */
async function saleOf(db: Kysely<Database>, storeId: string, q: string): Promise<string | null> {
  const sale = lowerAscii(q.trim());
  if (sale === '') return null;
  const { rows } =
    await sql`select 1 from audit_events e where e.store_id = ${storeId}::uuid and ${isOfSale(sale)}
    limit 1`.execute(db);
  return rows.length === 0 ? null : sale;
}

/** By the store's clock. */
async function isInHour(db: Kysely<Database>, storeId: string, hour: number): Promise<RawBuilder<unknown>> {
  const { timezone } = await db
    .selectFrom('stores')
    .select('timezone')
    .where('id', '=', storeId)
    .executeTakeFirstOrThrow();
  return sql`extract(hour from to_timestamp(e.at / 1000.0) at time zone ${timezone}) = ${hour}::integer`;
}

const isOfSale = (sale: string) => sql`lower(e.sale_ref collate "C") = ${sale}::text`;

/** As `audit_words` splits: ASCII punctuation and space. */
const BETWEEN_WORDS = /[\s!-/:-@[-`{-~]+/;
const lowerAscii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A tsquery: each word is one of the event's (the last one: begins one), or begins a name of staff who are in it. Null: none asked for. */
async function wordsOf(db: Kysely<Database>, storeId: string, q: string): Promise<string | null | undefined> {
  const words = q.split(BETWEEN_WORDS).filter((word) => word !== '');
  if (words.length === 0) return q === '' ? null : undefined;
  const staff = await db.selectFrom('staff').select(['id', 'name']).where('store_id', '=', storeId).execute();
  const people = staff.map(({ id, name }) => ({ id, names: searchForm(name).split(/\s+/) }));
  const meant = words.map((word, index) => {
    const form = searchForm(word);
    const ids = people.filter(({ names }) => names.some((name) => form !== '' && name.startsWith(form)));
    const lexemes = ids.slice(0, NAMES_MAX).map(({ id }) => quoted(`@${id}`));
    // A beginning reads all words that it begins: one that stands in every sale's reference would read the whole index.
    const ending = index === words.length - 1 ? ':*' : '';
    return `(${[`${quoted(lowerAscii(word))}${ending}`, ...lexemes].join(' | ')})`;
  });
  return meant.join(' & ');
}

const quoted = (lexeme: string) => `'${lexeme.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;

function toEvent(row: Row): TimelineEvent {
  return {
    ...eventOf(row),
    tillName: row.till_name,
    staffName: row.staff_name,
    approverName: row.approver_name,
    customerName: row.customer_name,
    hash: row.hash,
  };
}
