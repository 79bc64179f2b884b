/** Which of our templates may be sent, as Meta has them. */
import type { Clock } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { TemplateStatus } from '../db/template-tables.ts';
import type { AnyTemplate } from './names.ts';
import { shapeOf } from './names.ts';

/** A status changed by another process is noticed after this; one that came by a webhook here, at once. */
const FRESH_MS = 5000;

export type Sendable<T> =
  | { readonly template: T }
  | { readonly failed: 'template_missing' | 'template_paused' };

export interface TemplateBook {
  /**
   * The first of these definitions that Meta has approved, under its name there; an approved version before it stands in
   * while the newest is looked at. `wanted` in order of preference, none: `template_missing`.
   *
   * Before an account's templates were read for the first time nothing is known, and the first definition is taken: Meta
   * refuses it if it must. So a shop that has just been set up is not stopped by us.
   */
  choose<T extends AnyTemplate>(wanted: readonly T[]): Promise<Sendable<T>>;
  /** What was read is forgotten: something changed. */
  forget(): void;
}

interface Row {
  readonly name: string;
  readonly language: string;
  readonly base: string;
  readonly version: number;
  readonly shape: string | null;
  readonly status: TemplateStatus;
}

export function createTemplateBook(options: {
  engine: Engine;
  clock: Clock;
  /** The account in use; undefined while none is known. */
  wabaId: () => Promise<string | undefined>;
}): TemplateBook {
  const { engine, clock, wabaId } = options;
  const db = engine.kysely;
  let known: { at: number; of: string; rows: Promise<Row[] | null> } | null = null;

  async function choose<T extends AnyTemplate>(wanted: readonly T[]): Promise<Sendable<T>> {
    const [first] = wanted;
    if (first === undefined) return { failed: 'template_missing' };
    const account = await wabaId();
    const rows = account === undefined ? null : await read(account);
    if (rows === null) return { template: first };
    for (const template of wanted) {
      const approved = versionsOf(rows, template).find((row) => isSendable(row, template));
      if (approved !== undefined) return { template: { ...template, name: approved.name } };
    }
    const stopped = wanted.some((template) => STOPPED.has(versionsOf(rows, template)[0]?.status ?? 'draft'));
    return { failed: stopped ? 'template_paused' : 'template_missing' };
  }

  function read(account: string): Promise<Row[] | null> {
    const now = clock.monotonic();
    if (known !== null && known.of === account && now - known.at < FRESH_MS) return known.rows;
    const rows = readRows(account);
    known = { at: now, of: account, rows };
    rows.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      known = null;
    });
    return rows;
  }

  /** Null: never read from Meta. */
  async function readRows(account: string): Promise<Row[] | null> {
    const synced = await db
      .selectFrom('template_syncs')
      .select('synced_at')
      .where('waba_id', '=', account)
      .executeTakeFirst();
    if (synced === undefined) return null;
    return db
      .selectFrom('message_templates')
      .select(['name', 'language', 'base', 'version', 'shape', 'status'])
      .where('waba_id', '=', account)
      .orderBy('version', 'desc')
      .execute();
  }

  return {
    choose,
    forget() {
      known = null;
    },
  };
}

const STOPPED: ReadonlySet<TemplateStatus> = new Set(['paused', 'disabled', 'in_appeal']);

/** Newest first. */
function versionsOf(rows: readonly Row[], { name: base, language }: AnyTemplate): Row[] {
  return rows.filter((row) => row.base === base && row.language === language);
}

function isSendable(row: Row, template: AnyTemplate): boolean {
  return row.status === 'approved' && (row.shape === null || row.shape === shapeOf(template));
}
