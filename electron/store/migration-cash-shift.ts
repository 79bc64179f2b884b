/**
 * A cashier's shift: entries that only grow, and the report of each that was closed. A slip may now be a shift's: its table is
 * rebuilt as in migration-approvals.ts; nothing refers to it, and dropping it fires no trigger.
 */
export const CASH_SHIFT = `
  CREATE TABLE cash_shifts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- Cash sales and audit entries after these belong to it.
    sales_after INTEGER NOT NULL,
    audit_after INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- Given at the close, one after the other.
    z_no INTEGER UNIQUE CHECK (z_no > 0),
    -- What stayed in the drawer.
    left_amount INTEGER CHECK (left_amount >= 0),
    -- The Z report as it was fixed.
    report TEXT,
    CHECK ((closed_at IS NULL) = (z_no IS NULL) AND (z_no IS NULL) = (left_amount IS NULL)
      AND (z_no IS NULL) = (report IS NULL))
  ) STRICT;
  -- One open shift per till, held by the database itself.
  CREATE UNIQUE INDEX cash_shifts_one_open ON cash_shifts ((1)) WHERE closed_at IS NULL;
  CREATE TRIGGER cash_shifts_closed_once BEFORE UPDATE ON cash_shifts
    WHEN OLD.closed_at IS NOT NULL
      OR (NEW.id, NEW.sales_after, NEW.audit_after, NEW.opened_at)
        IS NOT (OLD.id, OLD.sales_after, OLD.audit_after, OLD.opened_at)
    BEGIN SELECT RAISE(ABORT, 'a closed shift stays as it is'); END;
  CREATE TRIGGER cash_shifts_no_delete BEFORE DELETE ON cash_shifts
    BEGIN SELECT RAISE(ABORT, 'shifts are kept'); END;

  CREATE TABLE cash_entries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    shift_id TEXT NOT NULL REFERENCES cash_shifts (id),
    no INTEGER NOT NULL CHECK (no > 0),
    kind TEXT NOT NULL,
    -- As the gateway is told.
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (shift_id, no)
  ) STRICT;
  CREATE TRIGGER cash_entries_no_update BEFORE UPDATE ON cash_entries
    BEGIN SELECT RAISE(ABORT, 'entries of a shift are append-only'); END;
  CREATE TRIGGER cash_entries_no_delete BEFORE DELETE ON cash_entries
    BEGIN SELECT RAISE(ABORT, 'entries of a shift are append-only'); END;

  CREATE TABLE slip_jobs_3 (
    id INTEGER PRIMARY KEY,
    redemption_id TEXT REFERENCES redemptions (id),
    approval_id TEXT REFERENCES approvals (id),
    shift_id TEXT REFERENCES cash_shifts (id),
    owner_id TEXT NOT NULL GENERATED ALWAYS AS (coalesce(redemption_id, approval_id, shift_id)) STORED,
    copy_no INTEGER NOT NULL CHECK (copy_no >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'printing', 'printed', 'failed')),
    bytes_sent TEXT NOT NULL CHECK (bytes_sent IN ('none', 'some', 'all', 'unknown')),
    error TEXT,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    printed_on TEXT CHECK (printed_on IN ('printer', 'fallback')),
    staff_id TEXT,
    reason TEXT,
    counted_at INTEGER,
    CHECK ((redemption_id IS NOT NULL) + (approval_id IS NOT NULL) + (shift_id IS NOT NULL) = 1)
  ) STRICT;
  INSERT INTO slip_jobs_3 (id, redemption_id, approval_id, copy_no, state, bytes_sent, error, payload, created_at,
      finished_at, printed_on, staff_id, reason, counted_at)
    SELECT id, redemption_id, approval_id, copy_no, state, bytes_sent, error, payload, created_at,
      finished_at, printed_on, staff_id, reason, counted_at FROM slip_jobs;
  DROP TABLE slip_jobs;
  ALTER TABLE slip_jobs_3 RENAME TO slip_jobs;
  CREATE INDEX slip_jobs_by_owner ON slip_jobs (owner_id, id);
  CREATE INDEX slip_jobs_unfinished ON slip_jobs (id) WHERE state IN ('waiting', 'printing');
  CREATE INDEX slip_jobs_copies ON slip_jobs (staff_id, counted_at) WHERE copy_no > 0;
`;
