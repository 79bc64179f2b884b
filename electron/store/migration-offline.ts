/**
 * What a till needs to go on without a line. `redemptions` is not rebuilt: others refer to it. `stage` keeps the list of
 * its CHECK, and a row that waits for a sealed code is one in `awaiting_code` with `offline` filled and no gateway id
 * (redemption-row.ts).
 */
export const OFFLINE = `
  -- What the till went by when it began without a line; null: an ordinary redemption.
  ALTER TABLE redemptions ADD COLUMN offline TEXT;
  -- When the till settled, by its own clock, as the gateway is told.
  ALTER TABLE redemptions ADD COLUMN settled_at INTEGER;
  CREATE INDEX redemptions_settled ON redemptions (settled_at) WHERE settled_at IS NOT NULL;

  -- The newest bundle of sealed codes as the gateway signed it; the serial stays when the bundle is taken away.
  CREATE TABLE sealed_bundle (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    serial INTEGER NOT NULL,
    jws TEXT,
    fetched_at INTEGER NOT NULL
  ) STRICT;

  -- One sealed code, one redemption: committed with the use of it, before the first byte leaves for a device.
  CREATE TABLE sealed_spends (
    code_id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL UNIQUE REFERENCES redemptions (id),
    supervisor_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    asset TEXT NOT NULL CHECK (asset IN ('deposit', 'points')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    -- By the time that has surely passed (trusted-time.ts), so that no clock frees a limit.
    counted_at INTEGER NOT NULL,
    -- 'open': the cached balance does not hold it yet; 'reflected': it does; 'void': the terminal took the sale back.
    state TEXT NOT NULL CHECK (state IN ('open', 'reflected', 'void'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sealed_spends_counted ON sealed_spends (counted_at);
  CREATE INDEX sealed_spends_open ON sealed_spends (customer_id) WHERE state = 'open';

  -- Wrong sealed codes at this till, of whomever. What is left of a lock runs only while the till does.
  CREATE TABLE sealed_attempts (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    failed INTEGER NOT NULL CHECK (failed >= 0),
    lockouts INTEGER NOT NULL CHECK (lockouts >= 0),
    lock_left_ms INTEGER NOT NULL CHECK (lock_left_ms >= 0)
  ) STRICT;

  -- The time that has surely passed, and the latest that it may be, as last written.
  CREATE TABLE trusted_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    floor INTEGER NOT NULL,
    ceiling INTEGER NOT NULL
  ) STRICT;

  -- The newest head that the gateway countersigned, and why it last refused one.
  CREATE TABLE audit_heads (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    jws TEXT,
    seq INTEGER,
    hash TEXT,
    signed_at INTEGER,
    refused TEXT
  ) STRICT;

  -- Customers for the time without a line, each row under AES-256-GCM. Names and numbers stand nowhere in plain.
  PRAGMA secure_delete = ON;
  DROP TABLE balance_cache;
  PRAGMA secure_delete = OFF;
  CREATE TABLE customer_cache (
    customer_id TEXT PRIMARY KEY,
    member_tag TEXT,
    phone_tag TEXT,
    sealed BLOB NOT NULL,
    fetched_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX customer_cache_by_member ON customer_cache (member_tag) WHERE member_tag IS NOT NULL;
  CREATE INDEX customer_cache_by_phone ON customer_cache (phone_tag) WHERE phone_tag IS NOT NULL;
  CREATE INDEX customer_cache_by_age ON customer_cache (fetched_at);
  CREATE TABLE customer_cache_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- How far the store's wallet changes were read.
    cursor INTEGER NOT NULL,
    -- When the whole cache was last in step with the gateway.
    in_step_at INTEGER
  ) STRICT;
`;
