import { z } from 'zod';
import type { redemptionViewSchema } from '../../shared/bridge.ts';
import { type WireError, wireErrorSchema } from '../../shared/errors.ts';
import { languageSchema, type RedemptionCreate, redemptionCreateSchema } from '../../shared/gateway-api.ts';
import { type Amount, type Asset, balanceSchema, type Currency } from '../../shared/money.ts';
import { readJsonOrNull, writeJsonOrNull } from './json-column.ts';

/** The till's own state machine; `checking` of the view is a call in flight and is never stored. */
export type StoredStage =
  | 'requesting'
  | 'awaiting_code'
  | 'awaiting_sealed'
  | 'acting'
  | 'awaiting_capture'
  | 'done'
  | 'cancelled'
  | 'expired'
  | 'failed';

/** What follows when the devices are done: capture, wait for the terminal's word, or cancel. */
export type Settle = 'capture' | 'wait' | 'cancel';
export type Settlement = 'none' | 'queued' | 'confirmed' | 'refused';
export type DrawerOutcome = z.infer<typeof redemptionViewSchema>['drawer']['state'];

export const rowCustomerSchema = z.object({
  id: z.string(),
  name: z.string(),
  memberNo: z.string().nullable(),
  phoneMasked: z.string().nullable(),
  language: languageSchema,
});
export type RowCustomer = z.infer<typeof rowCustomerSchema>;

/** What a redemption without a line goes by, as the till believed it when it began; `spent` once a sealed code stood for it. */
export const rowOfflineSchema = z.object({
  drawer: z.boolean(),
  /** The cached balance less what this till had spent since, and how old it was. */
  available: balanceSchema,
  ageMs: z.number().int().nonnegative(),
  spent: z
    .object({
      sealedCodeId: z.string(),
      supervisorId: z.string(),
      bundleSerial: z.number().int(),
      /** By the till's clock; for the books only. */
      at: z.number().int(),
    })
    .nullable(),
});
export type RowOffline = z.infer<typeof rowOfflineSchema>;

export const wireError = wireErrorSchema.shape.error;

export interface RedemptionRow {
  seq: number;
  /** The till's id of it, and the idempotency key of its creation at the gateway. */
  id: string;
  gatewayId: string | null;
  startedBy: 'cashier' | 'terminal';
  staffId: string | null;
  request: RedemptionCreate | null;
  saleRef: string;
  asset: Asset;
  amount: Amount;
  currency: Currency;
  customer: RowCustomer | null;
  availableAfter: number | null;
  /** Null: an ordinary redemption. */
  offline: RowOffline | null;
  settle: Settle;
  stage: StoredStage;
  jti: string | null;
  drawerState: DrawerOutcome;
  drawerError: WireError | null;
  settlement: Settlement;
  /** When the till settled, by its own clock, as the gateway is told. */
  settledAt: number | null;
  error: WireError | null;
  dismissed: boolean;
  createdAt: number;
  updatedAt: number;
}

/** As SQLite has it. */
export interface RedemptionRecord {
  seq: number;
  id: string;
  gateway_id: string | null;
  started_by: 'cashier' | 'terminal';
  staff_id: string | null;
  request: string | null;
  sale_ref: string;
  asset: Asset;
  amount: number;
  currency: Currency;
  customer: string | null;
  available_after: number | null;
  offline: string | null;
  settle: Settle;
  stage: Exclude<StoredStage, 'awaiting_sealed'>;
  jti: string | null;
  drawer_state: DrawerOutcome;
  drawer_error: string | null;
  settlement: Settlement;
  settled_at: number | null;
  error: string | null;
  dismissed: number;
  created_at: number;
  updated_at: number;
}

export function toRow(record: RedemptionRecord): RedemptionRow {
  return {
    seq: record.seq,
    id: record.id,
    gatewayId: record.gateway_id,
    startedBy: record.started_by,
    staffId: record.staff_id,
    request: readJsonOrNull(redemptionCreateSchema, record.request),
    saleRef: record.sale_ref,
    asset: record.asset,
    amount: record.amount as Amount,
    currency: record.currency,
    customer: readJsonOrNull(rowCustomerSchema, record.customer),
    availableAfter: record.available_after,
    offline: readJsonOrNull(rowOfflineSchema, record.offline),
    settle: record.settle,
    stage: record.stage === 'awaiting_code' && record.offline !== null ? 'awaiting_sealed' : record.stage,
    jti: record.jti,
    drawerState: record.drawer_state,
    drawerError: readJsonOrNull(wireError, record.drawer_error),
    settlement: record.settlement,
    settledAt: record.settled_at,
    error: readJsonOrNull(wireError, record.error),
    dismissed: record.dismissed === 1,
    createdAt: record.created_at,
    updatedAt: record.updated_at,
  };
}

export function toRecord(row: RedemptionRow): RedemptionRecord {
  return {
    seq: row.seq,
    id: row.id,
    gateway_id: row.gatewayId,
    started_by: row.startedBy,
    staff_id: row.staffId,
    request: writeJsonOrNull(row.request),
    sale_ref: row.saleRef,
    asset: row.asset,
    amount: row.amount,
    currency: row.currency,
    customer: writeJsonOrNull(row.customer),
    available_after: row.availableAfter,
    offline: writeJsonOrNull(row.offline),
    settle: row.settle,
    // The column's CHECK knows no such stage (migration-offline.ts).
    stage: row.stage === 'awaiting_sealed' ? 'awaiting_code' : row.stage,
    jti: row.jti,
    drawer_state: row.drawerState,
    drawer_error: writeJsonOrNull(row.drawerError),
    settlement: row.settlement,
    settled_at: row.settledAt,
    error: writeJsonOrNull(row.error),
    dismissed: row.dismissed ? 1 : 0,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
