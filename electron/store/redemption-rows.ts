import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type RedemptionRecord, type RedemptionRow, toRecord, toRow } from './redemption-row.ts';

/** As the column has them: `awaiting_code` is `awaiting_sealed` too. */
export const OPEN_STAGES = ['requesting', 'awaiting_code', 'acting', 'awaiting_capture'] as const;
const OPEN_SQL = OPEN_STAGES.map((stage) => `'${stage}'`).join(', ');

export type NewRedemption = Pick<
  RedemptionRow,
  | 'id'
  | 'startedBy'
  | 'staffId'
  | 'request'
  | 'saleRef'
  | 'asset'
  | 'amount'
  | 'currency'
  | 'customer'
  | 'settle'
>;
export type RedemptionPatch = Partial<
  Omit<RedemptionRow, 'seq' | 'id' | 'startedBy' | 'saleRef' | 'asset' | 'amount' | 'createdAt' | 'updatedAt'>
>;

/** Rows of the till's redemptions. Writes belong in a transaction of the journal. */
export function createRedemptionRows(db: Database.Database, clock: Clock) {
  const insert = db.prepare<RedemptionRecord>(
    `INSERT INTO redemptions (seq, id, gateway_id, started_by, staff_id, request, sale_ref, asset, amount, currency,
       customer, available_after, settle, stage, jti, drawer_state, drawer_error, settlement, error,
       dismissed, offline, settled_at, created_at, updated_at)
     VALUES (@seq, @id, @gateway_id, @started_by, @staff_id, @request, @sale_ref, @asset, @amount, @currency,
       @customer, @available_after, @settle, @stage, @jti, @drawer_state, @drawer_error,
       @settlement, @error, @dismissed, @offline, @settled_at, @created_at, @updated_at)`,
  );
  const update = db.prepare<RedemptionRecord>(
    `UPDATE redemptions SET gateway_id = @gateway_id, staff_id = @staff_id, request = @request,
       customer = @customer, available_after = @available_after,
       currency = @currency, settle = @settle, stage = @stage, jti = @jti, drawer_state = @drawer_state,
       drawer_error = @drawer_error, settlement = @settlement, error = @error, dismissed = @dismissed,
       offline = @offline, settled_at = @settled_at, updated_at = @updated_at
     WHERE id = @id`,
  );
  const lastSeq = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM redemptions');
  const byId = db.prepare<[string], RedemptionRecord>('SELECT * FROM redemptions WHERE id = ?');
  const byGatewayId = db.prepare<[string], RedemptionRecord>(
    'SELECT * FROM redemptions WHERE gateway_id = ?',
  );
  const open = db.prepare<[], RedemptionRecord>(
    `SELECT * FROM redemptions WHERE stage IN (${OPEN_SQL}) ORDER BY seq`,
  );
  const shown = db.prepare<[], RedemptionRecord>(
    'SELECT * FROM redemptions WHERE dismissed = 0 ORDER BY seq DESC LIMIT 1',
  );
  const recent = db.prepare<[number], RedemptionRecord>(
    `SELECT * FROM redemptions WHERE stage NOT IN (${OPEN_SQL}) AND (gateway_id IS NOT NULL OR offline IS NOT NULL AND jti IS NOT NULL)
     ORDER BY seq DESC LIMIT ?`,
  );

  const unlinked = db.prepare<[string], { id: string }>(
    'SELECT id FROM redemptions WHERE sale_ref = ? AND gateway_id IS NULL LIMIT 1',
  );

  const redact = db.prepare<[string, string, string], { id: string }>(
    `UPDATE redemptions SET customer = json_set(customer, '$.name', ?, '$.memberNo', NULL, '$.phoneMasked', NULL)
     WHERE json_extract(customer, '$.id') = ? AND json_extract(customer, '$.name') <> ? RETURNING id`,
  );

  const settledBetween = db.prepare<[number, number], RedemptionRecord>(
    'SELECT * FROM redemptions WHERE settled_at >= ? AND settled_at < ? ORDER BY settled_at, seq',
  );

  return {
    /** Stage `requesting`. A second open one: `till_busy`. */
    insert(fresh: NewRedemption): RedemptionRow {
      if (open.get() !== undefined) throw new SaksiError('till_busy');
      const now = clock.now();
      const row: RedemptionRow = {
        ...fresh,
        seq: (lastSeq.get()?.seq ?? 0) + 1,
        gatewayId: null,
        availableAfter: null,
        offline: null,
        stage: 'requesting',
        jti: null,
        drawerState: 'not_needed',
        drawerError: null,
        settlement: 'none',
        settledAt: null,
        error: null,
        dismissed: false,
        createdAt: now,
        updatedAt: now,
      };
      insert.run(toRecord(row));
      return row;
    },

    update(row: RedemptionRow, patch: RedemptionPatch): RedemptionRow {
      const next = { ...row, ...patch, updatedAt: clock.now() };
      update.run(toRecord(next));
      return next;
    },

    /** Throws `redemption_unknown`. */
    get(id: string): RedemptionRow {
      const record = byId.get(id);
      if (record === undefined) throw new SaksiError('redemption_unknown');
      return toRow(record);
    },

    find(id: string): RedemptionRow | null {
      const record = byId.get(id);
      return record === undefined ? null : toRow(record);
    },

    findByGatewayId(gatewayId: string): RedemptionRow | null {
      const record = byGatewayId.get(gatewayId);
      return record === undefined ? null : toRow(record);
    },

    /** Whether this till asked for such a sale and never learnt the gateway's id of it. */
    asked: (saleRef: string): boolean => unlinked.get(saleRef) !== undefined,

    /** The one that is not finished, or null. */
    findOpen(): RedemptionRow | null {
      const record = open.get();
      return record === undefined ? null : toRow(record);
    },

    /** The newest that was not taken off the screen, or null. */
    findShown(): RedemptionRow | null {
      const record = shown.get();
      return record === undefined ? null : toRow(record);
    },

    /** Takes what names a customer out of every redemption of theirs. @returns those that did name them */
    redactCustomer: (customerId: string, name: string): string[] =>
      redact.all(name, customerId, name).map(({ id }) => id),

    /** Settled here from ≤ time < to, by the till's clock, oldest first. */
    settledBetween: (from: number, to: number): RedemptionRow[] => settledBetween.all(from, to).map(toRow),

    /** Finished ones that the gateway knew or that were spent without it, newest first. */
    recent: (limit: number): RedemptionRow[] => recent.all(limit).map(toRow),
  };
}
export type RedemptionRows = ReturnType<typeof createRedemptionRows>;
