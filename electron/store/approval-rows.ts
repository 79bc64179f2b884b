import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type ApprovalRecord, type ApprovalRow, toApprovalRecord, toApprovalRow } from './approval-row.ts';

export const OPEN_APPROVAL_STAGES = ['requesting', 'pending', 'acting'] as const;
const OPEN_SQL = OPEN_APPROVAL_STAGES.map((stage) => `'${stage}'`).join(', ');

export type NewApproval = Pick<
  ApprovalRow,
  'id' | 'startedBy' | 'request' | 'kindName' | 'reason' | 'requestedBy' | 'currency'
>;
export type ApprovalPatch = Partial<
  Pick<
    ApprovalRow,
    | 'gatewayId'
    | 'answer'
    | 'stage'
    | 'jti'
    | 'deciders'
    | 'drawerState'
    | 'drawerError'
    | 'error'
    | 'dismissed'
  >
>;

/** Rows of the till's approvals. Writes belong in a transaction of the approval journal or of a grant's use. */
export function createApprovalRows(db: Database.Database, clock: Clock) {
  const insert = db.prepare<ApprovalRecord>(
    `INSERT INTO approvals (seq, id, gateway_id, started_by, request, kind_name, reason, requested_by, currency, answer,
       stage, jti, deciders, drawer_state, drawer_error, error, dismissed, created_at, updated_at)
     VALUES (@seq, @id, @gateway_id, @started_by, @request, @kind_name, @reason, @requested_by, @currency, @answer,
       @stage, @jti, @deciders, @drawer_state, @drawer_error, @error, @dismissed, @created_at, @updated_at)`,
  );
  const update = db.prepare<ApprovalRecord>(
    `UPDATE approvals SET gateway_id = @gateway_id, answer = @answer, stage = @stage, jti = @jti, deciders = @deciders,
       drawer_state = @drawer_state, drawer_error = @drawer_error, error = @error, dismissed = @dismissed,
       updated_at = @updated_at
     WHERE id = @id`,
  );
  const lastSeq = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM approvals');
  const byId = db.prepare<[string], ApprovalRecord>('SELECT * FROM approvals WHERE id = ?');
  const byGatewayId = db.prepare<[string], ApprovalRecord>('SELECT * FROM approvals WHERE gateway_id = ?');
  const open = db.prepare<[], ApprovalRecord>(
    `SELECT * FROM approvals WHERE stage IN (${OPEN_SQL}) ORDER BY seq`,
  );
  const shown = db.prepare<[number], ApprovalRecord>(
    `SELECT * FROM (
       SELECT * FROM approvals WHERE dismissed = 0 ORDER BY stage IN (${OPEN_SQL}) DESC, seq DESC LIMIT ?
     ) ORDER BY seq DESC`,
  );
  const outnumbered = db.prepare<[number, number]>(
    `UPDATE approvals SET dismissed = 1, updated_at = ? WHERE id IN (
       SELECT id FROM approvals WHERE dismissed = 0 AND stage NOT IN (${OPEN_SQL}) ORDER BY seq DESC LIMIT -1 OFFSET ?)`,
  );
  const findById = (id: string): ApprovalRow | null => {
    const record = byId.get(id);
    return record === undefined ? null : toApprovalRow(record);
  };

  return {
    /** Stage `requesting`. */
    insert(fresh: NewApproval): ApprovalRow {
      const now = clock.now();
      const row: ApprovalRow = {
        ...fresh,
        seq: (lastSeq.get()?.seq ?? 0) + 1,
        gatewayId: null,
        answer: null,
        stage: 'requesting',
        jti: null,
        deciders: [],
        drawerState: 'not_needed',
        drawerError: null,
        error: null,
        dismissed: false,
        createdAt: now,
        updatedAt: now,
      };
      insert.run(toApprovalRecord(row));
      return row;
    },

    update(row: ApprovalRow, patch: ApprovalPatch): ApprovalRow {
      const next = { ...row, ...patch, updatedAt: clock.now() };
      update.run(toApprovalRecord(next));
      return next;
    },

    find: findById,

    /** Throws `approval_unknown`. */
    get(id: string): ApprovalRow {
      const row = findById(id);
      if (row === null) throw new SaksiError('approval_unknown');
      return row;
    },

    findByGatewayId(gatewayId: string): ApprovalRow | null {
      const record = byGatewayId.get(gatewayId);
      return record === undefined ? null : toApprovalRow(record);
    },

    /** Those that are not finished, oldest first. */
    open: (): ApprovalRow[] => open.all().map(toApprovalRow),

    /** Those on the screen, newest first; where there are more than `limit`, finished ones give way. */
    shown: (limit: number): ApprovalRow[] => shown.all(limit).map(toApprovalRow),

    /** Takes all but the newest finished ones off the screen, so that a shop that never tidies up does not drown. */
    keepFinished(count: number): void {
      outnumbered.run(clock.now(), count);
    },
  };
}
export type ApprovalRows = ReturnType<typeof createApprovalRows>;
