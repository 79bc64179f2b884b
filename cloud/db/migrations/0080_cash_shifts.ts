import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Cashiers' shifts as tills tell them: what was opened, each entry, how it was closed, and of whom managers were told. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [SHIFTS, ENTRIES, CLOSINGS, ALERTS]);
}

/**
 * It has happened, so nothing that a till tells is refused for what it says: what is odd is flagged (\`cash_entries.flags\`).
 * People and approvals therefore refer to nothing.
 */
const SHIFTS = `
  create table cash_shifts (
    id uuid primary key,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    opened_by uuid not null,
    -- By the till's clock.
    opened_at bigint not null,
    currency text not null,
    opening_float bigint not null check (opening_float between 0 and 9007199254740991),
    -- What the close before left in the drawer; null: there was none.
    last_left bigint check (last_left between 0 and 9007199254740991),
    kept_at bigint not null
  );
  create index cash_shifts_by_store on cash_shifts (store_id, opened_at, id);
  create index cash_shifts_by_till on cash_shifts (till_id, opened_at);
  create trigger cash_shifts_append_only before update or delete on cash_shifts
    for each row execute function refuse_change();
  create trigger cash_shifts_no_truncate before truncate on cash_shifts
    for each statement execute function refuse_change();
`;

const ENTRIES = `
  create table cash_entries (
    id uuid primary key,
    shift_id uuid not null,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    no integer not null check (no > 0),
    kind text not null check (kind in
      ('opened', 'float_changed', 'paid_in', 'paid_out', 'counted', 'taken_over', 'difference_approved', 'closed')),
    staff_id uuid not null,
    at bigint not null,
    -- The entry as the till told it.
    body jsonb not null,
    flags jsonb not null,
    kept_at bigint not null
  );
  create index cash_entries_by_shift on cash_entries (shift_id, no);
  create index cash_entries_flagged on cash_entries (shift_id) where flags <> '[]'::jsonb;
  create trigger cash_entries_append_only before update or delete on cash_entries
    for each row execute function refuse_change();
  create trigger cash_entries_no_truncate before truncate on cash_entries
    for each statement execute function refuse_change();
`;

const CLOSINGS = `
  create table cash_closings (
    shift_id uuid primary key references cash_shifts,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    -- Whose shift it was at its end.
    cashier_id uuid not null,
    closed_at bigint not null,
    z_no bigint not null check (z_no > 0),
    expected bigint not null,
    counted bigint not null check (counted >= 0),
    difference bigint not null,
    counts integer not null,
    reason text,
    allowed text not null check (allowed in ('within', 'reason', 'approved', 'attended', 'offline')),
    kept_at bigint not null
  );
  create index cash_closings_by_till on cash_closings (till_id, z_no);
  create trigger cash_closings_append_only before update or delete on cash_closings
    for each row execute function refuse_change();
  create trigger cash_closings_no_truncate before truncate on cash_closings
    for each statement execute function refuse_change();
`;

const ALERTS = `
  -- Managers were told, or nobody could be, that a shift stood open over the end of its day: once each.
  create table cash_shift_alerts (
    shift_id uuid primary key references cash_shifts,
    kept_at bigint not null
  );
`;
