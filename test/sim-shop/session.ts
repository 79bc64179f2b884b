import { type PGlite, protocol } from '@electric-sql/pglite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { unwatched } from './real-world.ts';

const { Parser, serialize } = protocol;

/** Rows of one statement, and how many it changed. */
export interface Answer {
  readonly rows: Record<string, unknown>[];
  /** Undefined for what changes nothing. */
  readonly changed: bigint | undefined;
}

type Column = { readonly name: string; readonly parse: (text: string) => unknown };
interface Prepared {
  readonly name: string;
  readonly serialize: readonly (((value: unknown) => string) | undefined)[];
  readonly columns: readonly Column[];
}

/** Statements kept prepared; lists of many lengths make many texts. */
const PREPARED_MAX = 2_000;

/**
 * The one session of the database in this process. A statement is parsed once and then bound and run in one message, which
 * costs a fraction of PGlite's own five: a seed is thousands of statements. Whoever holds it runs alone.
 */
export class Session {
  readonly #pglite: PGlite;
  readonly #prepared = new Map<string, Prepared>();
  #names = 0;
  #free: Promise<void> = Promise.resolve();
  /** A transaction is open. */
  #inside = false;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
    // The choice between a plan for these values and one for any depends on how often a statement ran before this seed.
    this.run('set plan_cache_mode = force_generic_plan');
  }

  /** Waits until nobody else has it. @returns what gives it back */
  async hold(): Promise<() => void> {
    const before = this.#free;
    let release = () => {};
    this.#free = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  get inTransaction(): boolean {
    return this.#inside;
  }

  /** @throws protocol.DatabaseError as PostgreSQL says it */
  run(text: string, values: readonly unknown[] = []): Answer {
    const { name, serialize: to, columns } = this.#prepared.get(text) ?? this.#prepare(text);
    const bound = values.map((value, index) =>
      value === null || value === undefined ? null : (to[index]?.(value) ?? String(value)),
    );
    const rows: Record<string, unknown>[] = [];
    let changed: bigint | undefined;
    for (const message of this.#send(
      serialize.bind({ statement: name, values: bound }),
      serialize.execute({}),
      serialize.sync(),
    )) {
      if (message.name === 'dataRow') rows.push(toRow(columns, fieldsOf(message)));
      if (message.name === 'commandComplete') changed = changedBy(textOf(message));
    }
    return { rows, changed };
  }

  #prepare(text: string): Prepared {
    if (this.#prepared.size >= PREPARED_MAX) {
      this.#prepared.clear();
      this.#send(serialize.query('deallocate all'));
    }
    this.#names += 1;
    const name = `s${this.#names}`;
    const { parsers, serializers } = this.#pglite;
    let columns: Column[] = [];
    let to: Prepared['serialize'] = [];
    for (const message of this.#send(
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
      serialize.sync(),
    )) {
      if (message.name === 'parameterDescription') {
        const { dataTypeIDs } = message as unknown as { dataTypeIDs: number[] };
        to = dataTypeIDs.map((type) => serializers[type]);
      }
      if (message.name === 'rowDescription') {
        const { fields } = message as unknown as { fields: { name: string; dataTypeID: number }[] };
        columns = fields.map(({ name: column, dataTypeID: type }) => ({
          name: column,
          parse: (value) => parsers[type]?.(value, type) ?? value,
        }));
      }
    }
    const prepared = { name, serialize: to, columns };
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #send(...parts: Uint8Array[]): Message[] {
    const messages: Message[] = [];
    const answer = unwatched(() => this.#pglite.execProtocolRawSync(Buffer.concat(parts)));
    new Parser().parse(answer, (message) => messages.push(message));
    for (const message of messages) {
      if (message.name === 'readyForQuery') this.#inside = statusOf(message) !== 'I';
    }
    const failed = messages.find((message) => message instanceof protocol.messages.DatabaseError);
    if (failed !== undefined) throw failed;
    return messages;
  }
}

type Message = Parameters<Parameters<InstanceType<typeof Parser>['parse']>[1]>[0];
const fieldsOf = (message: Message) => (message as unknown as { fields: (string | null)[] }).fields;
const textOf = (message: Message) => (message as unknown as { text: string }).text;
const statusOf = (message: Message) => (message as unknown as { status: string }).status;

function toRow(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, { name, parse }] of columns.entries()) {
    const text = fields[index] ?? null;
    row[name] = text === null ? null : parse(text);
  }
  return row;
}

const CHANGED = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/;

function changedBy(command: string): bigint | undefined {
  const count = CHANGED.exec(command)?.[1];
  return count === undefined ? undefined : BigInt(count);
}

/** Asks the session for one client: told of each statement, it may refuse it or say that nothing is answered any more. */
export type Guard = <T>(text: string, work: () => T) => Promise<T>;

/** Kysely's way to a session that several clients share. */
export function sessionDialect(session: Session, guard: Guard): Dialect {
  return {
    createAdapter: () => new OneSessionAdapter(),
    createDriver: () => new SessionDriver(session, guard),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** Migrations have the session to themselves: no lock, which would need a connection of its own. */
class OneSessionAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

interface Held extends DatabaseConnection {
  release(): void;
}

class SessionDriver implements Driver {
  readonly #session: Session;
  readonly #guard: Guard;

  constructor(session: Session, guard: Guard) {
    this.#session = session;
    this.#guard = guard;
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<Held> {
    const release = await this.#session.hold();
    return {
      release,
      executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
        const { rows, changed } = await this.#run(sql, parameters);
        return { rows: rows as R[], ...(changed === undefined ? {} : { numAffectedRows: changed }) };
      },
      streamQuery: () => {
        throw new Error('nothing here streams');
      },
    };
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#rollBack();
    (connection as Held).release();
  }

  async beginTransaction(): Promise<void> {
    await this.#run('begin');
  }
  async commitTransaction(): Promise<void> {
    await this.#run('commit');
  }
  /** Not a statement of the client's: the server rolls back for who is gone, too. */
  async rollbackTransaction(): Promise<void> {
    this.#rollBack();
  }
  async savepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`savepoint "${name}"`);
  }
  async rollbackToSavepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`rollback to "${name}"`);
  }
  async releaseSavepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`release "${name}"`);
  }

  #run(text: string, values: readonly unknown[] = []): Promise<Answer> {
    return this.#guard(text, () => this.#session.run(text, values));
  }

  #rollBack(): void {
    if (this.#session.inTransaction) this.#session.run('rollback');
  }
}
