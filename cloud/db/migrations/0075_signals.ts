import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Fraud signals: which stores are peers, what their days came to, what was found, and what people made of it. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [CHAINS, DAYS, FINDINGS, ACKNOWLEDGEMENTS]);
}

const CHAINS = `
  -- Stores of one name are compared with each other; null: a store by itself.
  alter table stores add column chain text check (length(chain) between 1 and 60);

  -- How far the stores of a chain (or a store by itself, by its id) have been read, and who is at it.
  create table signal_runs (
    chain text primary key,
    -- Epoch day up to which days before were read once more, for what tills told late.
    settled_day integer not null default 0,
    claimed_until bigint not null default 0
  );
`;

/** Made from the events, and made anew when some come late: a cache, whose rows are replaced. */
const DAYS = `
  create table signal_days (
    store_id uuid not null references stores,
    -- Epoch day in the store's time zone.
    day integer not null,
    record jsonb not null,
    read_at bigint not null,
    primary key (store_id, day)
  );
`;

/** Each change of a finding (more of it happened) is a row of its own: what was known when stays known. */
const FINDINGS = `
  create table signal_findings (
    id bigint generated always as identity primary key,
    store_id uuid not null references stores,
    signal text not null check (signal ~ '^[a-z_]{1,60}$'),
    person_kind text not null check (person_kind in ('cashier', 'approver', 'customer', 'phone', 'till')),
    person_id text not null check (length(person_id) between 1 and 100),
    -- Epoch days in the store's time zone; window_to not included.
    window_from integer not null,
    window_to integer not null check (window_to > window_from),
    revision integer not null check (revision >= 1),
    till_id uuid,
    severity text not null check (severity in ('low', 'medium', 'high')),
    score smallint not null check (score between 0 and 100),
    figures jsonb not null,
    event_ids jsonb not null,
    found_at bigint not null,
    constraint signal_findings_once unique (store_id, signal, person_kind, person_id, window_from, revision)
  );
  create index signal_findings_newest on signal_findings (store_id, id desc);
  create trigger signal_findings_append_only before update or delete on signal_findings
    for each row execute function refuse_change();
  create trigger signal_findings_no_truncate before truncate on signal_findings
    for each statement execute function refuse_change();
`;

const ACKNOWLEDGEMENTS = `
  create table signal_acknowledgements (
    id bigint generated always as identity primary key,
    -- The revision that the person saw.
    finding_id bigint not null references signal_findings,
    state text not null check (state in ('seen', 'innocent', 'fraud', 'open')),
    staff_id uuid not null references staff,
    note text not null check (length(note) <= 1000),
    at bigint not null
  );
  create index signal_acknowledgements_of on signal_acknowledgements (finding_id, id desc);
  create trigger signal_acknowledgements_append_only before update or delete on signal_acknowledgements
    for each row execute function refuse_change();
  create trigger signal_acknowledgements_no_truncate before truncate on signal_acknowledgements
    for each statement execute function refuse_change();
`;
