import { z } from 'zod';
import { type Localised, localisedSchema } from '../../shared/approval-policy.ts';
import {
  type Approval,
  type ApprovalCreate,
  approvalCreateSchema,
  approvalSchema,
} from '../../shared/approvals.ts';
import type { ApprovalStage } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';
import type { Currency } from '../../shared/money.ts';
import { readJson, readJsonOrNull, writeJson, writeJsonOrNull } from './json-column.ts';
import { type DrawerOutcome, wireError } from './redemption-row.ts';

/** A request for a supervisor's yes, as this till keeps it. */
export interface ApprovalRow {
  seq: number;
  /** The till's id of it, and the idempotency key of its creation at the gateway. */
  id: string;
  gatewayId: string | null;
  startedBy: 'cashier' | 'terminal';
  request: ApprovalCreate;
  kindName: Localised;
  /** The reason in words, in the store's language. */
  reason: string;
  /** The name of whoever asked. */
  requestedBy: string;
  currency: Currency;
  /** The gateway's snapshot as it was made and, later, as it ended; what comes between lives in memory. */
  answer: Approval | null;
  stage: ApprovalStage;
  jti: string | null;
  /** Who said yes, in order: from the grant. */
  deciders: string[];
  drawerState: DrawerOutcome;
  drawerError: WireError | null;
  error: WireError | null;
  dismissed: boolean;
  createdAt: number;
  updatedAt: number;
}

/** As SQLite has it. */
export interface ApprovalRecord {
  seq: number;
  id: string;
  gateway_id: string | null;
  started_by: 'cashier' | 'terminal';
  request: string;
  kind_name: string;
  reason: string;
  requested_by: string;
  currency: Currency;
  answer: string | null;
  stage: ApprovalStage;
  jti: string | null;
  deciders: string;
  drawer_state: DrawerOutcome;
  drawer_error: string | null;
  error: string | null;
  dismissed: number;
  created_at: number;
  updated_at: number;
}

/** Made once: a zod schema costs more to build than to use. */
const staffIds = z.array(z.string());

export function toApprovalRow(record: ApprovalRecord): ApprovalRow {
  return {
    seq: record.seq,
    id: record.id,
    gatewayId: record.gateway_id,
    startedBy: record.started_by,
    request: readJson(approvalCreateSchema, record.request),
    kindName: readJson(localisedSchema, record.kind_name),
    reason: record.reason,
    requestedBy: record.requested_by,
    currency: record.currency,
    answer: readJsonOrNull(approvalSchema, record.answer),
    stage: record.stage,
    jti: record.jti,
    deciders: readJson(staffIds, record.deciders),
    drawerState: record.drawer_state,
    drawerError: readJsonOrNull(wireError, record.drawer_error),
    error: readJsonOrNull(wireError, record.error),
    dismissed: record.dismissed === 1,
    createdAt: record.created_at,
    updatedAt: record.updated_at,
  };
}

export function toApprovalRecord(row: ApprovalRow): ApprovalRecord {
  return {
    seq: row.seq,
    id: row.id,
    gateway_id: row.gatewayId,
    started_by: row.startedBy,
    request: writeJson(row.request),
    kind_name: writeJson(row.kindName),
    reason: row.reason,
    requested_by: row.requestedBy,
    currency: row.currency,
    answer: writeJsonOrNull(row.answer),
    stage: row.stage,
    jti: row.jti,
    deciders: writeJson(row.deciders),
    drawer_state: row.drawerState,
    drawer_error: writeJsonOrNull(row.drawerError),
    error: writeJsonOrNull(row.error),
    dismissed: row.dismissed ? 1 : 0,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
