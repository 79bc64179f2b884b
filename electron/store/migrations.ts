import { APPROVALS } from './migration-approvals.ts';
import { CASH_SHIFT } from './migration-cash-shift.ts';
import { DRAWER } from './migration-drawer.ts';
import { LINE } from './migration-line.ts';
import { LOGIN } from './migration-login.ts';
import { OFFLINE } from './migration-offline.ts';
import { OUTBOX } from './migration-outbox.ts';
import { SHIFT } from './migration-shift.ts';
import { SPOOLER } from './migration-spooler.ts';
import { TIME } from './migration-time.ts';

/**
 * The till's schema, forward only: `user_version` counts how many of these ran. Never edit one that was released;
 * add the next. Times named `_at` are wall-clock epoch milliseconds, for people and books; no timeout reads them.
 */
const CORE = `
  CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    till_id TEXT NOT NULL,
    till_name TEXT NOT NULL,
    gateway_id TEXT NOT NULL,
    gateway_key TEXT NOT NULL,
    gateway_url TEXT NOT NULL,
    paired_at INTEGER NOT NULL
  ) STRICT;

  -- What the gateway said last of store, policy and staff: enough to sign in while the line is down.
  CREATE TABLE context (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store TEXT NOT NULL,
    policy TEXT NOT NULL,
    staff TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
  ) STRICT;

  -- Small values with one owner each: screen settings, the last event id.
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE pin_attempts (
    staff_id TEXT PRIMARY KEY,
    failed INTEGER NOT NULL CHECK (failed >= 0),
    lock_left_ms INTEGER NOT NULL CHECK (lock_left_ms >= 0),
    noted_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE redemptions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    gateway_id TEXT UNIQUE,
    started_by TEXT NOT NULL CHECK (started_by IN ('cashier', 'terminal')),
    staff_id TEXT,
    -- What was asked of the gateway; emptied once it answered, because it may hold a full phone number.
    request TEXT,
    sale_ref TEXT NOT NULL,
    asset TEXT NOT NULL CHECK (asset IN ('deposit', 'points')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    customer TEXT,
    available_after INTEGER,
    settle TEXT NOT NULL CHECK (settle IN ('capture', 'wait', 'cancel')),
    stage TEXT NOT NULL CHECK (stage IN
      ('requesting', 'awaiting_code', 'acting', 'awaiting_capture', 'done', 'cancelled', 'expired', 'failed')),
    jti TEXT UNIQUE,
    drawer_state TEXT NOT NULL CHECK (drawer_state IN ('not_needed', 'waiting', 'opened', 'unconfirmed', 'failed')),
    drawer_error TEXT,
    settlement TEXT NOT NULL CHECK (settlement IN ('none', 'queued', 'confirmed', 'refused')),
    error TEXT,
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  -- One open redemption per till, held by the database itself.
  CREATE UNIQUE INDEX redemptions_one_open ON redemptions ((1))
    WHERE stage IN ('requesting', 'awaiting_code', 'acting', 'awaiting_capture');

  CREATE INDEX redemptions_unlinked ON redemptions (sale_ref) WHERE gateway_id IS NULL;

  -- A grant is used once: its id is the key. Committed before the first byte leaves for a device.
  CREATE TABLE grant_uses (
    jti TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    actions TEXT NOT NULL,
    -- The signed grant itself: evidence that the gateway said yes.
    jws TEXT NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE slip_jobs (
    id INTEGER PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    copy_no INTEGER NOT NULL CHECK (copy_no >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'printing', 'printed', 'failed')),
    bytes_sent TEXT NOT NULL CHECK (bytes_sent IN ('none', 'some', 'all', 'unknown')),
    error TEXT,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
  ) STRICT;
  CREATE INDEX slip_jobs_by_redemption ON slip_jobs (redemption_id, id);

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    -- UUIDv7, and the idempotency key at the gateway.
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    redemption_id TEXT REFERENCES redemptions (id),
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The error of the last try, as it goes over the wire.
    reason TEXT,
    created_at INTEGER NOT NULL,
    settled_at INTEGER
  ) STRICT;
  CREATE INDEX outbox_pending ON outbox (stream, seq) WHERE state = 'pending';
  CREATE INDEX outbox_unsettled ON outbox (seq) WHERE state <> 'done';

  CREATE TABLE balance_cache (
    customer_id TEXT PRIMARY KEY,
    name_key TEXT NOT NULL,
    member_no TEXT,
    phone_masked TEXT,
    customer TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX balance_cache_by_age ON balance_cache (fetched_at);

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
  CREATE TRIGGER grant_uses_no_update BEFORE UPDATE ON grant_uses
    BEGIN SELECT RAISE(ABORT, 'grant uses are append-only'); END;
  CREATE TRIGGER grant_uses_no_delete BEFORE DELETE ON grant_uses
    BEGIN SELECT RAISE(ABORT, 'grant uses are append-only'); END;

  -- Idempotency of the POS link: which key asked for what.
  CREATE TABLE pos_keys (
    key TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

export const MIGRATIONS: readonly string[] = [
  CORE,
  APPROVALS,
  OUTBOX,
  OFFLINE,
  DRAWER,
  SPOOLER,
  TIME,
  SHIFT,
  LOGIN,
  CASH_SHIFT,
  LINE,
];
