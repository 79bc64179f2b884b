/** Every time that the drawer was open, what explained it, and a manager's word where nothing did. */
export const DRAWER = `
  CREATE TABLE drawer_openings (
    id TEXT PRIMARY KEY,
    -- The grant whose pulse opened it; null: nothing explains it.
    jti TEXT,
    seen TEXT NOT NULL CHECK (seen IN ('watched', 'at_start', 'after_gap')),
    -- Who was signed in.
    staff_id TEXT,
    staff_name TEXT,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- By the monotonic clock; a restart while it stood open starts the count again.
    open_ms INTEGER,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    reason TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX drawer_openings_by_grant ON drawer_openings (jti) WHERE jti IS NOT NULL;
  CREATE INDEX drawer_openings_standing ON drawer_openings (opened_at) WHERE closed_at IS NULL;
  CREATE INDEX drawer_openings_waiting ON drawer_openings (opened_at) WHERE jti IS NULL AND acknowledged_at IS NULL;
`;
