import { z } from 'zod';
import type { redemptionViewSchema } from '../../shared/bridge.ts';
import { type WireError, wireErrorSchema } from '../../shared/errors.ts';
import { languageSchema, type RedemptionCreate, redemptionCreateSchema } from '../../shared/gateway-api.ts';
import type { Amount, Asset, Currency } from '../../shared/money.ts';
import { readJsonOrNull, writeJsonOrNull } from './json-column.ts';

/** The till's own state machine; `checking` of the view is a call in flight and is never stored. */
export type StoredStage =
  | 'requesting'
  | 'awaiting_code'
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
  settle: Settle;
  stage: StoredStage;
  jti: string | null;
  drawerState: DrawerOutcome;
  drawerError: WireError | null;
  settlement: Settlement;
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
  settle: Settle;
  stage: StoredStage;
  jti: string | null;
  drawer_state: DrawerOutcome;
  drawer_error: string | null;
  settlement: Settlement;
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
    settle: record.settle,
    stage: record.stage,
    jti: record.jti,
    drawerState: record.drawer_state,
    drawerError: readJsonOrNull(wireError, record.drawer_error),
    settlement: record.settlement,
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
    settle: row.settle,
    stage: row.stage,
    jti: row.jti,
    drawer_state: row.drawerState,
    drawer_error: writeJsonOrNull(row.drawerError),
    settlement: row.settlement,
    error: writeJsonOrNull(row.error),
    dismissed: row.dismissed ? 1 : 0,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
