/** Openings for ordinary cash sales: the grants that this till holds, and each use of them. */
export const SHIFT = `
  CREATE TABLE shift_grants (
    seq INTEGER PRIMARY KEY,
    jti TEXT NOT NULL UNIQUE,
    -- Null: a spare, for whoever signs in while the line is down.
    staff_id TEXT,
    uses INTEGER NOT NULL CHECK (uses > 0),
    -- As the gateway signed it: what is used is read from here, the columns beside it only find it.
    jws TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    -- Replaced, or its count is not known for sure any more: it opens nothing.
    closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1))
  ) STRICT;
  CREATE INDEX shift_grants_held ON shift_grants (seq) WHERE closed = 0;

  -- A wish that the gateway has not answered: asked again with the same key, it is the same grant.
  CREATE TABLE shift_wishes (
    -- '': the till's spare.
    staff_id TEXT PRIMARY KEY,
    key TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- One opening each. Committed before the first byte leaves for the drawer.
  CREATE TABLE cash_sales (
    seq INTEGER PRIMARY KEY,
    -- Takes the place of a grant's id: used once, ever.
    id TEXT NOT NULL UNIQUE,
    jti TEXT NOT NULL REFERENCES shift_grants (jti),
    use_no INTEGER NOT NULL CHECK (use_no > 0),
    staff_id TEXT NOT NULL,
    started_by TEXT NOT NULL CHECK (started_by IN ('cashier', 'terminal')),
    sale_ref TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    drawer_state TEXT NOT NULL CHECK (drawer_state IN ('waiting', 'opened', 'unconfirmed', 'failed')),
    drawer_error TEXT,
    used_at INTEGER NOT NULL,
    -- By the time that has surely passed (trusted-time.ts).
    counted_at INTEGER NOT NULL,
    UNIQUE (jti, use_no)
  ) STRICT;
  CREATE INDEX cash_sales_by_ref ON cash_sales (sale_ref, counted_at);
  CREATE INDEX cash_sales_by_time ON cash_sales (used_at);
  CREATE INDEX cash_sales_waiting ON cash_sales (seq) WHERE drawer_state = 'waiting';

  CREATE TRIGGER cash_sales_within_grant BEFORE INSERT ON cash_sales
    WHEN NEW.use_no > (SELECT uses FROM shift_grants WHERE jti = NEW.jti)
    BEGIN SELECT RAISE(ABORT, 'more openings than granted'); END;
  CREATE TRIGGER cash_sales_stay_as_they_are BEFORE UPDATE ON cash_sales
    WHEN (NEW.id, NEW.jti, NEW.use_no, NEW.staff_id, NEW.sale_ref, NEW.amount, NEW.used_at)
      IS NOT (OLD.id, OLD.jti, OLD.use_no, OLD.staff_id, OLD.sale_ref, OLD.amount, OLD.used_at)
    BEGIN SELECT RAISE(ABORT, 'uses of shift grants are append-only'); END;
  CREATE TRIGGER cash_sales_no_delete BEFORE DELETE ON cash_sales
    BEGIN SELECT RAISE(ABORT, 'uses of shift grants are append-only'); END;
`;
