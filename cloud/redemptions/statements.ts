import { sql } from 'kysely';
import { createBatcher } from '../batcher.ts';
import type { Engine } from '../db/engine.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { SqlOutcome } from './issue.ts';
import type { Db } from './ports.ts';

/** A code, its limits and its message, as the SQL functions take them; the fields are JSON text. */
interface CodeFields {
  readonly code: string | null;
  readonly limits: string | null;
  /** Alone in its store. */
  readonly alone: boolean;
  readonly queue: string | null;
  readonly message: string | null;
  /** What the till is told. */
  readonly view: string;
}

export interface CreateItem extends CodeFields {
  readonly redemption: string;
  readonly customer: string;
  readonly request: string;
}

export interface ChangeItem extends CodeFields {
  readonly id: string;
  /** The row as it was decided on. */
  readonly seen: Pick<RedemptionsTable, 'status' | 'tries_left' | 'serial'>;
  readonly patch: Partial<RedemptionsTable>;
  readonly request: string | null;
  readonly transfer: 'capture' | 'release' | null;
  readonly at: number;
}

/** The SQL functions that write redemptions. Both answer an outcome, and throw what the database throws. */
export interface RedemptionStatements {
  create(item: CreateItem): Promise<SqlOutcome | undefined>;
  /** `db`: the transaction it belongs to; null: one of its own. */
  change(item: ChangeItem, db: Db | null): Promise<SqlOutcome | undefined>;
}

/** Of one commit; more waits for the next one, so that nobody waits long for the others. */
const TOGETHER_MAX = 32;

/**
 * The embedded database has one connection: what several tills ask for at the same time would wait in line, each for a
 * commit of its own. It shares the next one instead (group commit), and whoever comes alone waits for nobody. PostgreSQL
 * shares the syncs of its commits itself, and there two transactions of many rows each could lock them in different orders.
 * A refusal is an outcome and has written nothing; an exception undoes the statement, and then each is run by itself.
 */
export function createStatements({ kind, kysely }: Pick<Engine, 'kind' | 'kysely'>): RedemptionStatements {
  const createIn = (items: readonly CreateItem[]) => createMany(kysely, items);
  const changeIn = (items: readonly ChangeItem[]) => changeMany(kysely, items);
  if (kind === 'postgres') {
    return {
      create: async (item) => (await createIn([item]))[0],
      change: async (item, db) => (await changeMany(db ?? kysely, [item]))[0],
    };
  }
  const createOne = createBatcher({ run: createIn, max: TOGETHER_MAX });
  const changeOne = createBatcher({ run: changeIn, max: TOGETHER_MAX });
  return {
    create: createOne,
    change: async (item, db) => (db === null ? changeOne(item) : (await changeMany(db, [item]))[0]),
  };
}

// A select list is evaluated row by row, in the order of the rows.

async function createMany(db: Db, items: readonly CreateItem[]): Promise<SqlOutcome[]> {
  const { rows } = await sql<{
    result: SqlOutcome;
  }>`select redemption_create(x.redemption, x.customer, x.request, x.code,
      x.limits, x.alone, x.queue, x.message, x.view) as result
    from jsonb_to_recordset(${jsonList(items.map(createFields))}::jsonb) as x(redemption jsonb, customer jsonb,
      request jsonb, code jsonb, limits jsonb, alone boolean, queue text, message jsonb, view jsonb)`.execute(
    db,
  );
  return rows.map(({ result }) => result);
}

/** A wrong try has no column for its time: the audit trigger reads it from the setting, which is set first. */
async function changeMany(db: Db, items: readonly ChangeItem[]): Promise<SqlOutcome[]> {
  const { rows } = await sql<{
    result: SqlOutcome;
  }>`select set_config('saksi.at', x.at::text, true), redemption_change(x.id, x.seen, x.patch, x.request, x.transfer,
      x.at, x.code, x.limits, x.alone, x.queue, x.message, x.view) as result
    from jsonb_to_recordset(${jsonList(items.map(changeFields))}::jsonb) as x(id uuid, seen jsonb, patch jsonb,
      request jsonb, transfer text, at bigint, code jsonb, limits jsonb, alone boolean, queue text, message jsonb,
      view jsonb)`.execute(db);
  return rows.map(({ result }) => result);
}

const createFields = (item: CreateItem) => ({
  ...codeFields(item),
  redemption: item.redemption,
  customer: item.customer,
  request: item.request,
});

const changeFields = (item: ChangeItem) => ({
  ...codeFields(item),
  id: JSON.stringify(item.id),
  seen: JSON.stringify(item.seen),
  patch: JSON.stringify(item.patch),
  request: item.request,
  transfer: JSON.stringify(item.transfer),
  at: String(item.at),
});

const codeFields = ({ code, limits, alone, queue, message, view }: CodeFields) => ({
  ...{ code, limits, message, view },
  alone: String(alone),
  queue: JSON.stringify(queue),
});

/** @param rows whose fields are JSON text already, so that nothing is made into text twice */
function jsonList(rows: readonly Record<string, string | null>[]): string {
  const objects = rows.map(
    (row) =>
      `{${Object.entries(row)
        .map(([name, json]) => `"${name}":${json ?? 'null'}`)
        .join(',')}}`,
  );
  return `[${objects.join(',')}]`;
}
