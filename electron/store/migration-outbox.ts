/**
 * The outbox holds only what still waits, for the gateway or for a person; what is settled moves to a table of its own, so that
 * a till of many years takes its next batch as fast as on its first day. Of the columns that are looked up, only ones that rise with
 * time are indexed for every item: an index by stream would touch another page for each of a million.
 */
export const OUTBOX = `
  CREATE TABLE outbox_2 (
    seq INTEGER PRIMARY KEY,
    -- UUIDv7, and the idempotency key at the gateway.
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    redemption_id TEXT REFERENCES redemptions (id),
    -- The gateway's id of what it is about, if it has one.
    gateway_id TEXT,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The error of the last try, as it goes over the wire.
    reason TEXT,
    -- Who has it on the way, and until when at most.
    lease_owner TEXT,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    refused_at INTEGER
  ) STRICT;

  CREATE TABLE outbox_settled (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    redemption_id TEXT REFERENCES redemptions (id),
    gateway_id TEXT,
    body TEXT NOT NULL,
    -- handed_over: a manager took it on; replaced: sent anew with another customer.
    state TEXT NOT NULL CHECK (state IN ('done', 'handed_over', 'replaced')),
    attempts INTEGER NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL
  ) STRICT;

  INSERT INTO outbox_settled
      (id, stream, kind, redemption_id, gateway_id, body, state, attempts, reason, created_at, settled_at)
    SELECT id, stream, kind, redemption_id, json_extract(body, '$.gatewayId'), body, state, attempts, reason, created_at,
      coalesce(settled_at, created_at) FROM outbox WHERE state = 'done' ORDER BY seq;
  INSERT INTO outbox_2
      (seq, id, stream, kind, redemption_id, gateway_id, body, state, attempts, reason, created_at, refused_at)
    SELECT seq, id, stream, kind, redemption_id, json_extract(body, '$.gatewayId'), body, state, attempts, reason,
      created_at, settled_at FROM outbox WHERE state <> 'done';
  DROP TABLE outbox;
  ALTER TABLE outbox_2 RENAME TO outbox;

  CREATE INDEX outbox_refused ON outbox (seq) WHERE state = 'refused';
  -- Whatever has a redemption is found by its row.
  CREATE INDEX outbox_without_row ON outbox (gateway_id) WHERE redemption_id IS NULL;
  CREATE INDEX outbox_settled_stranded ON outbox_settled (gateway_id) WHERE kind = 'stranded';

  -- Streams whose first item was put off by the gateway, and for how long: all behind it waits.
  CREATE TABLE outbox_holds (
    stream TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures > 0),
    delay_ms INTEGER NOT NULL CHECK (delay_ms >= 0),
    noted_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
