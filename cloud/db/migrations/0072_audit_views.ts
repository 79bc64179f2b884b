import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Filters of the audit list that people keep for themselves. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [VIEWS]);
}

const VIEWS = `
  create table audit_views (
    id uuid primary key,
    staff_id uuid not null references staff,
    name text not null check (length(name) between 1 and 60),
    filter jsonb not null,
    created_at bigint not null,
    constraint audit_views_one_a_name unique (staff_id, name)
  );
`;
