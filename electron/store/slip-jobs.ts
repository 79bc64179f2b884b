import type Database from 'better-sqlite3';
import { z } from 'zod';
import { cashReportSchema } from '../../shared/cash-shift.ts';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import { languageSchema } from '../../shared/gateway-api.ts';
import { assetSchema, currencySchema } from '../../shared/money.ts';
import { slipDesignSchema } from '../../shared/slip-design.ts';
import { readJson, readJsonOrNull, writeJson, writeJsonOrNull } from './json-column.ts';
import { wireError } from './redemption-row.ts';

/** What every slip says of its place. */
export const place = {
  language: languageSchema,
  /** The customer's, behind the store's, where the store prints both. */
  second: languageSchema.nullish(),
  /** The store's layout when it was fixed; its logo is left out, the newest one is printed. Nothing: the program's own. */
  design: slipDesignSchema.nullish(),
  timezone: z.string(),
  store: z.object({ name: z.string(), address: z.string(), footer: z.string() }),
  tillName: z.string(),
  reference: z.string(),
  currency: currencySchema,
  at: z.number().int(),
};

/** What a redemption slip says: fixed when the grant is used, so that a copy says the same. */
export const slipPayloadSchema = z.object({
  ...place,
  staffName: z.string().nullable(),
  customer: z.object({
    name: z.string(),
    memberNo: z.string().nullable(),
    phoneMasked: z.string().nullable(),
  }),
  saleRef: z.string(),
  asset: assetSchema,
  amount: z.number().int(),
  availableAfter: z.number().int(),
  /** Who said the sealed code that it was spent on while the line was down; else the customer's own code. */
  sealedBy: z.string().nullish(),
});
export type SlipPayload = z.infer<typeof slipPayloadSchema>;

/** What an approval slip says, fixed likewise. */
export const approvalSlipPayloadSchema = z.object({
  ...place,
  approval: z.object({
    /** Rows from before layouts by kind have none. */
    kind: z.string().nullish(),
    kindName: z.string(),
    amount: z.number().int().nullable(),
    basisPoints: z.number().int().nullable(),
    reason: z.string(),
    note: z.string(),
    saleRef: z.string().nullable(),
    requestedBy: z.string(),
    approvedBy: z.array(z.string()),
  }),
});
export type ApprovalSlipPayload = z.infer<typeof approvalSlipPayloadSchema>;

/** What the slip of an X or Z report says, fixed likewise. */
export const shiftSlipPayloadSchema = z.object({ ...place, report: cashReportSchema });
export type ShiftSlipPayload = z.infer<typeof shiftSlipPayloadSchema>;

const anySlipSchema = z.union([approvalSlipPayloadSchema, shiftSlipPayloadSchema, slipPayloadSchema]);
export type AnySlipPayload = z.infer<typeof anySlipSchema>;

/** Whose slip it is. */
export type SlipOwner = { redemptionId: string } | { approvalId: string } | { shiftId: string };

export type SlipState = 'waiting' | 'printing' | 'printed' | 'failed';
/** How much of it may have left for the printer; `unknown` after a crash. */
export type BytesSent = 'none' | 'some' | 'all' | 'unknown';
/** Which of the till's printers. */
export type SlipPlace = 'printer' | 'fallback';

/** Who asked for a copy, and why. */
export interface CopyAsked {
  staffId: string;
  reason: string | null;
  /** The time that has surely passed, epoch milliseconds. */
  countedAt: number;
}

export interface SlipJob {
  id: number;
  /** The redemption's, the approval's or the shift's. */
  ownerId: string;
  owner: SlipOwner;
  /** 0: the original; from 1 on marked as a copy and counted against policy. */
  copyNo: number;
  state: SlipState;
  bytesSent: BytesSent;
  /** Where it was sent last; null: nowhere yet. */
  printedOn: SlipPlace | null;
  /** Why it failed, or why it still waits; null for one that has not been tried. */
  error: WireError | null;
  payload: AnySlipPayload;
  /** Epoch milliseconds. */
  createdAt: number;
}

interface Record {
  id: number;
  owner_id: string;
  redemption_id: string | null;
  approval_id: string | null;
  shift_id: string | null;
  printed_on: SlipPlace | null;
  created_at: number;
  copy_no: number;
  state: SlipState;
  bytes_sent: BytesSent;
  error: string | null;
  payload: string;
}

export function createSlipJobs(db: Database.Database, clock: Clock) {
  const insert = db.prepare(
    `INSERT INTO slip_jobs (redemption_id, approval_id, shift_id, copy_no, state, bytes_sent, payload, staff_id, reason,
       counted_at, created_at)
     VALUES (?, ?, ?, ?, 'waiting', 'none', ?, ?, ?, ?, ?)`,
  );
  const byId = db.prepare<[number], Record>('SELECT * FROM slip_jobs WHERE id = ?');
  const latest = db.prepare<[string], Record>(
    'SELECT * FROM slip_jobs WHERE owner_id = ? ORDER BY id DESC LIMIT 1',
  );
  const copies = db.prepare<[string], { copies: number }>(
    `SELECT count(*) AS copies FROM slip_jobs
     WHERE owner_id = ? AND copy_no > 0 AND (state IN ('printing', 'printed') OR bytes_sent <> 'none')`,
  );
  const mayHavePrinted = db.prepare<[string], { id: number }>(
    "SELECT id FROM slip_jobs WHERE owner_id = ? AND (state = 'printed' OR bytes_sent <> 'none') LIMIT 1",
  );
  // One that waits counts too: nobody queues up more than they may print.
  const copiesBy = db.prepare<[string, number], { copies: number }>(
    `SELECT count(*) AS copies FROM slip_jobs
     WHERE staff_id = ? AND copy_no > 0 AND counted_at > ? AND NOT (state = 'failed' AND bytes_sent = 'none')`,
  );
  const setState = db.prepare(
    'UPDATE slip_jobs SET state = ?, bytes_sent = ?, error = ?, finished_at = ? WHERE id = ?',
  );
  const setPrinting = db.prepare(
    "UPDATE slip_jobs SET state = 'printing', bytes_sent = 'unknown', error = NULL, printed_on = ? WHERE id = ?",
  );
  const setWaiting = db.prepare(
    "UPDATE slip_jobs SET state = 'waiting', bytes_sent = 'none', error = ?, printed_on = NULL WHERE id = ?",
  );
  const redact = db.prepare(
    "UPDATE slip_jobs SET payload = json_set(payload, '$.customer', json(?)) WHERE redemption_id = ?",
  );
  const waiting = db.prepare<[], Record>("SELECT * FROM slip_jobs WHERE state = 'waiting' ORDER BY id");
  const cutOff = db.prepare<[], Record>("SELECT * FROM slip_jobs WHERE state = 'printing' ORDER BY id");
  const toJob = (record: Record): SlipJob => ({
    id: record.id,
    ownerId: record.owner_id,
    owner: ownerOf(record),
    copyNo: record.copy_no,
    state: record.state,
    bytesSent: record.bytes_sent,
    printedOn: record.printed_on,
    createdAt: record.created_at,
    error: readJsonOrNull(wireError, record.error),
    payload: readJson(anySlipSchema, record.payload),
  });

  return {
    add(owner: SlipOwner, copyNo: number, payload: AnySlipPayload, asked: CopyAsked | null = null): number {
      const redemptionId = 'redemptionId' in owner ? owner.redemptionId : null;
      const approvalId = 'approvalId' in owner ? owner.approvalId : null;
      const shiftId = 'shiftId' in owner ? owner.shiftId : null;
      const text = writeJson(payload);
      const { staffId = null, reason = null, countedAt = null } = asked ?? {};
      const of = [redemptionId, approvalId, shiftId, copyNo, text, staffId, reason, countedAt] as const;
      return Number(insert.run(...of, clock.now()).lastInsertRowid);
    },

    get(id: number): SlipJob {
      const record = byId.get(id);
      if (record === undefined) throw new SaksiError('store_failed');
      return toJob(record);
    },

    latest(ownerId: string): SlipJob | null {
      const record = latest.get(ownerId);
      return record === undefined ? null : toJob(record);
    },

    /** Slips marked as copies of which at least a byte may have left. */
    copies: (ownerId: string): number => copies.get(ownerId)?.copies ?? 0,

    /** Copies that this person asked for since then, by the time that has surely passed. */
    copiesBy: (staffId: string, since: number): number => copiesBy.get(staffId, since)?.copies ?? 0,

    /** Jobs of which not a byte has left, in the order in which they are to be printed. */
    waiting: (): SlipJob[] => waiting.all().map(toJob),

    /** Whether a slip of this owner may be in somebody's hand. */
    mayHavePrinted: (ownerId: string): boolean => mayHavePrinted.get(ownerId) !== undefined,

    /** Written before the first byte leaves: a slip found `printing` after a crash may have been printed. */
    printing(id: number, on: SlipPlace): void {
      setPrinting.run(on, id);
    },

    /** Not a byte left: it waits, and this is why. */
    waits(id: number, error: WireError): void {
      setWaiting.run(writeJson(error), id);
    },

    printed(id: number): void {
      setState.run('printed', 'all', null, clock.now(), id);
    },

    failed(id: number, bytesSent: BytesSent, error: WireError): void {
      setState.run('failed', bytesSent, writeJsonOrNull(error), clock.now(), id);
    },

    /** Takes what names a customer out of the slips of these redemptions: a copy names nobody from then on. */
    redactCustomer(redemptionIds: readonly string[], blank: SlipPayload['customer']): void {
      for (const id of redemptionIds) redact.run(writeJson(blank), id);
    },

    /** Jobs that a crash cut off while they were printing. One that waits has not begun and will be printed. */
    interrupted: (): SlipJob[] => cutOff.all().map(toJob),
  };
}
export type SlipJobs = ReturnType<typeof createSlipJobs>;

function ownerOf({ owner_id, redemption_id, shift_id }: Record): SlipOwner {
  if (redemption_id !== null) return { redemptionId: redemption_id };
  return shift_id === null ? { approvalId: owner_id } : { shiftId: shift_id };
}
