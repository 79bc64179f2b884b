/**
 * Approvals beside redemptions. A grant's use and a slip belong to exactly one of the two; a grant's id stays unique over
 * both. The tables that change are rebuilt, as SQLite asks for (sqlite.org/lang_altertable.html section 7): nothing
 * refers to them, and dropping one fires no trigger.
 */
export const APPROVALS = `
  -- The policy as the gateway signed it; from the first one on, no unsigned one is taken.
  ALTER TABLE context ADD COLUMN signed_policy TEXT;

  CREATE TABLE approvals (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    gateway_id TEXT UNIQUE,
    started_by TEXT NOT NULL CHECK (started_by IN ('cashier', 'terminal')),
    -- What was asked: the grant has to be for exactly this.
    request TEXT NOT NULL,
    kind_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- What the gateway said of it, as it was made and as it ended.
    answer TEXT,
    stage TEXT NOT NULL CHECK (stage IN
      ('requesting', 'pending', 'acting', 'approved', 'rejected', 'expired', 'cancelled', 'failed')),
    jti TEXT UNIQUE,
    deciders TEXT NOT NULL,
    drawer_state TEXT NOT NULL CHECK (drawer_state IN ('not_needed', 'waiting', 'opened', 'unconfirmed', 'failed')),
    drawer_error TEXT,
    error TEXT,
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX approvals_open ON approvals (seq) WHERE stage IN ('requesting', 'pending', 'acting');
  CREATE INDEX approvals_shown ON approvals (seq) WHERE dismissed = 0;

  CREATE TABLE grant_uses_2 (
    jti TEXT PRIMARY KEY,
    redemption_id TEXT REFERENCES redemptions (id),
    approval_id TEXT REFERENCES approvals (id),
    actions TEXT NOT NULL,
    -- The signed grant itself: evidence that the gateway said yes.
    jws TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    CHECK ((redemption_id IS NULL) <> (approval_id IS NULL))
  ) STRICT, WITHOUT ROWID;
  INSERT INTO grant_uses_2 (jti, redemption_id, actions, jws, used_at)
    SELECT jti, redemption_id, actions, jws, used_at FROM grant_uses;
  DROP TABLE grant_uses;
  ALTER TABLE grant_uses_2 RENAME TO grant_uses;
  CREATE TRIGGER grant_uses_no_update BEFORE UPDATE ON grant_uses
    BEGIN SELECT RAISE(ABORT, 'grant uses are append-only'); END;
  CREATE TRIGGER grant_uses_no_delete BEFORE DELETE ON grant_uses
    BEGIN SELECT RAISE(ABORT, 'grant uses are append-only'); END;

  CREATE TABLE slip_jobs_2 (
    id INTEGER PRIMARY KEY,
    redemption_id TEXT REFERENCES redemptions (id),
    approval_id TEXT REFERENCES approvals (id),
    owner_id TEXT NOT NULL GENERATED ALWAYS AS (coalesce(redemption_id, approval_id)) STORED,
    copy_no INTEGER NOT NULL CHECK (copy_no >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'printing', 'printed', 'failed')),
    bytes_sent TEXT NOT NULL CHECK (bytes_sent IN ('none', 'some', 'all', 'unknown')),
    error TEXT,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((redemption_id IS NULL) <> (approval_id IS NULL))
  ) STRICT;
  INSERT INTO slip_jobs_2
      (id, redemption_id, copy_no, state, bytes_sent, error, payload, created_at, finished_at)
    SELECT id, redemption_id, copy_no, state, bytes_sent, error, payload, created_at, finished_at FROM slip_jobs;
  DROP TABLE slip_jobs;
  ALTER TABLE slip_jobs_2 RENAME TO slip_jobs;
  CREATE INDEX slip_jobs_by_owner ON slip_jobs (owner_id, id);
  -- What a crash may have cut off is looked for without reading every slip of the shop's history.
  CREATE INDEX slip_jobs_unfinished ON slip_jobs (id) WHERE state IN ('waiting', 'printing');

  CREATE TABLE pos_keys_2 (
    key TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL,
    -- The redemption or the approval that the key asked for.
    subject_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO pos_keys_2 (key, body_hash, subject_id, created_at)
    SELECT key, body_hash, redemption_id, created_at FROM pos_keys;
  DROP TABLE pos_keys;
  ALTER TABLE pos_keys_2 RENAME TO pos_keys;
`;
