/**
 * Print jobs of every owner: beside redemptions and approvals, pages that somebody at the till asked for. The table is
 * rebuilt because a CHECK changes (sqlite.org/lang_altertable.html section 7): nothing refers to it.
 */
export const SPOOLER = `
  CREATE TABLE slip_jobs_3 (
    id INTEGER PRIMARY KEY,
    redemption_id TEXT REFERENCES redemptions (id),
    approval_id TEXT REFERENCES approvals (id),
    -- A test page or a report: its own id, it belongs to nothing else.
    page_id TEXT,
    owner_id TEXT NOT NULL GENERATED ALWAYS AS (coalesce(redemption_id, approval_id, page_id)) STORED,
    copy_no INTEGER NOT NULL CHECK (copy_no >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'printing', 'printed', 'failed')),
    bytes_sent TEXT NOT NULL CHECK (bytes_sent IN ('none', 'some', 'all', 'unknown')),
    -- Where it was sent last; null: nowhere yet.
    printed_on TEXT CHECK (printed_on IN ('printer', 'fallback')),
    error TEXT,
    payload TEXT NOT NULL,
    -- Who asked for a copy and why; the time that had surely passed (trusted-time.ts), so that no clock frees a limit.
    staff_id TEXT,
    reason TEXT,
    counted_at INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((redemption_id IS NOT NULL) + (approval_id IS NOT NULL) + (page_id IS NOT NULL) = 1)
  ) STRICT;
  INSERT INTO slip_jobs_3
      (id, redemption_id, approval_id, copy_no, state, bytes_sent, error, payload, created_at, finished_at)
    SELECT id, redemption_id, approval_id, copy_no, state, bytes_sent, error, payload, created_at, finished_at
    FROM slip_jobs;
  DROP TABLE slip_jobs;
  ALTER TABLE slip_jobs_3 RENAME TO slip_jobs;
  CREATE INDEX slip_jobs_by_owner ON slip_jobs (owner_id, id);
  CREATE INDEX slip_jobs_unfinished ON slip_jobs (id) WHERE state IN ('waiting', 'printing');
  CREATE INDEX slip_jobs_copies ON slip_jobs (staff_id, counted_at) WHERE copy_no > 0;
`;
