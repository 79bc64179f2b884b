import type Database from 'better-sqlite3';
import { type AuditEntry, followsInChain } from './audit.ts';

export interface Rescue {
  /** Audit entries newer than the backup. */
  entries: number;
  rows: number;
  /** Everything in the broken file could be read, and the chain held to its end. */
  complete: boolean;
}

type Row = Record<string, string | number | bigint | Buffer | null>;

/**
 * Tables that money hangs on. A row of the broken file is taken when the chain speaks of it: one of its `ids` stands in a
 * verified entry. `newer`: one that is in the backup too is replaced when an entry after the backup speaks of it.
 */
const TABLES: readonly { name: string; key: string; ids: readonly string[]; newer: boolean }[] = [
  { name: 'redemptions', key: 'id', ids: ['id'], newer: true },
  { name: 'approvals', key: 'id', ids: ['id'], newer: true },
  { name: 'grant_uses', key: 'jti', ids: ['jti'], newer: false },
  { name: 'sealed_spends', key: 'code_id', ids: ['redemption_id'], newer: true },
  { name: 'shift_grants', key: 'jti', ids: ['jti'], newer: false },
  { name: 'cash_sales', key: 'id', ids: ['id'], newer: true },
  { name: 'cash_shifts', key: 'id', ids: ['id'], newer: true },
  { name: 'cash_entries', key: 'id', ids: ['id'], newer: false },
  { name: 'slip_jobs', key: 'id', ids: ['redemption_id', 'approval_id', 'shift_id'], newer: true },
  // Sent once more where it was settled since: the gateway takes each key once.
  { name: 'outbox', key: 'id', ids: ['id', 'redemption_id', 'gateway_id'], newer: false },
  { name: 'pos_keys', key: 'key', ids: ['subject_id'], newer: false },
];
/** What guards against guessing and clocks: no entry speaks of it, and the newer is the stricter. */
const GUARDS = ['pin_attempts', 'sealed_attempts', 'trusted_time'];

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Takes over into `good`, a copy of a backup, what can be read of `broken` and is newer. Never throws for what cannot be
 * read: the rest is taken all the same.
 */
export function rescueTail(good: Database.Database, broken: Database.Database): Rescue {
  good.pragma('foreign_keys = OFF');
  const known = new Set<string>();
  for (const { body } of good.prepare<[], AuditEntry>('SELECT * FROM audit').iterate()) note(known, body);

  const chain = readChain(good, broken);
  const fresh = new Set<string>();
  for (const { body } of chain.entries) note(fresh, body);
  for (const id of fresh) known.add(id);

  let complete = chain.complete;
  const rows = good
    .transaction(() => {
      const insert = good.prepare(
        'INSERT INTO audit (seq, at, kind, body, prev_hash, hash) VALUES (@seq, @at, @kind, @body, @prev_hash, @hash)',
      );
      for (const entry of chain.entries) insert.run(entry);
      let taken = 0;
      for (const table of TABLES.filter(({ name }) => has(good, name))) {
        const spoken = (row: Row, ids: Set<string>) => table.ids.some((id) => ids.has(String(row[id])));
        const read = readRows(broken, table.name);
        complete &&= read.complete;
        taken += write(
          good,
          table.name,
          table.key,
          read.rows.filter((row) => spoken(row, known)),
          (row) => (table.newer && spoken(row, fresh) ? 'replace' : 'keep'),
        );
      }
      for (const name of GUARDS.filter((table) => has(good, table))) {
        const read = readRows(broken, name);
        complete &&= read.complete;
        taken += write(good, name, null, read.rows, () => 'replace');
      }
      return taken;
    })
    .immediate();
  if ((good.pragma('foreign_key_check') as unknown[]).length > 0) complete = false;
  good.pragma('foreign_keys = ON');
  return { entries: chain.entries.length, rows, complete };
}

/** A backup from before a migration has fewer tables. */
function has(db: Database.Database, table: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}

function note(ids: Set<string>, body: string): void {
  for (const [id] of body.matchAll(UUID)) ids.add(id);
}

/** The entries after the backup's last, as far as each follows from the one before it. */
function readChain(
  good: Database.Database,
  broken: Database.Database,
): { entries: AuditEntry[]; complete: boolean } {
  const head = good.prepare<[], AuditEntry>('SELECT * FROM audit ORDER BY seq DESC LIMIT 1').get();
  let before: Pick<AuditEntry, 'seq' | 'hash'> | null = head ?? null;
  const entries: AuditEntry[] = [];
  try {
    const after = broken.prepare<[number], AuditEntry>('SELECT * FROM audit WHERE seq > ? ORDER BY seq');
    for (const entry of after.iterate(head?.seq ?? 0)) {
      if (!followsInChain(before, entry)) return { entries, complete: false };
      entries.push(entry);
      before = entry;
    }
    return { entries, complete: true };
  } catch {
    // A page that cannot be read: what was before it counts, and the report says that not all was rescued.
    return { entries, complete: false };
  }
}

/** From the front as far as it goes, and where it breaks off from the back as well: the newest matter most. */
function readRows(broken: Database.Database, table: string): { rows: Row[]; complete: boolean } {
  const rows: Row[] = [];
  try {
    for (const row of broken.prepare<[], Row>(`SELECT * FROM ${table}`).iterate()) rows.push(row);
    return { rows, complete: true };
  } catch {
    try {
      for (const row of broken.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY rowid DESC`).iterate())
        rows.push(row);
    } catch {
      // The same page, from the other side.
    }
    return { rows, complete: false };
  }
}

function write(
  good: Database.Database,
  table: string,
  key: string | null,
  rows: readonly Row[],
  how: (row: Row) => 'keep' | 'replace',
): number {
  const columns = (
    good.prepare(`SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0`).all(table) as { name: string }[]
  ).map(({ name }) => name);
  const values = columns.map((name) => `@${name}`).join(', ');
  const target = `INTO ${table} (${columns.join(', ')}) VALUES (${values})`;
  const keep = good.prepare(`INSERT OR IGNORE ${target}`);
  const changes = columns.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  const replace =
    key === null
      ? good.prepare(`INSERT OR REPLACE ${target}`)
      : good.prepare(`INSERT ${target} ON CONFLICT (${key}) DO UPDATE SET ${changes.join(', ')}`);
  let taken = 0;
  for (const row of rows) {
    if (columns.some((name) => row[name] === undefined)) continue;
    try {
      taken += (how(row) === 'replace' ? replace : keep).run(row).changes;
    } catch {
      // A value that no column may hold is what a broken page gives; the row is left out.
    }
  }
  return taken;
}
