import { type Kysely, sql } from 'kysely';
import type { Delivery } from '../../shared/delivery.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Redemption } from '../../shared/gateway-api.ts';
import { amountSchema } from '../../shared/money.ts';
import type { Policy } from '../../shared/policy.ts';
import { customerView } from '../customers/customers.ts';
import type { CustomersTable, Database, RedemptionsTable, RequestOutcome } from '../db/schema.ts';

/** The part of the policy that redemptions go by; approvals and the design of slips are by far the largest, and are not read. */
export type RedemptionPolicy = Omit<Policy, 'approvals' | 'slipDesign'>;

/** All that a decision or an answer about a redemption needs; as SQL function `redemption_read` gives it. */
export interface RedemptionRecord {
  readonly redemption: RedemptionsTable;
  readonly customer: Pick<CustomersTable, 'id' | 'name' | 'member_no' | 'phone_e164' | 'language'> &
    Partial<Pick<CustomersTable, 'email' | 'code_channels'>>;
  /** The customer's available balance of the redemption's asset. */
  readonly available: number;
  readonly policy: RedemptionPolicy;
  /** Of the newest code's message; null while none is recorded. */
  readonly delivery: Delivery | null;
  /** Hash of each code by serial, in hex. */
  readonly hashes: Readonly<Record<string, string>> | null;
  /** What was remembered under the idempotency key asked for. */
  readonly request: { readonly hash: string; readonly outcome: RequestOutcome | null } | null;
}

export interface ReadOptions {
  readonly id: string;
  /** Null: whichever till's. */
  readonly tillId: string | null;
  readonly idempotencyKey?: string;
  /** Locks the redemption until the transaction ends. */
  readonly lock?: boolean;
}

/** Throws `redemption_unknown` when there is none of this id at this till. */
export async function readRedemption(db: Kysely<Database>, options: ReadOptions): Promise<RedemptionRecord> {
  const { rows } = await sql<{ doc: RedemptionRecord | null }>`select redemption_read(${options.id},
    ${options.tillId}, ${options.idempotencyKey ?? null}, ${options.lock ?? false}) as doc`.execute(db);
  const record = rows[0]?.doc;
  if (record == null) throw new SaksiError('redemption_unknown');
  return record;
}

type ViewedColumn =
  | ('id' | 'till_id' | 'status' | 'asset' | 'amount' | 'currency' | 'sale_ref' | 'drawer' | 'created_at')
  | ('channel' | 'code_digits' | 'tries_left' | 'sends_max' | 'serial' | 'expires_at' | 'resend_at');

/** What a till's view of a redemption is made of. */
export interface ViewedRecord extends Pick<RedemptionRecord, 'customer' | 'available' | 'delivery'> {
  readonly redemption: Pick<RedemptionsTable, ViewedColumn>;
}

/** As a till sees it at `now` (epoch ms): remaining times count from the answer. */
export function redemptionView(record: ViewedRecord, now: number): Redemption {
  const { redemption: row, customer } = record;
  return {
    id: row.id,
    tillId: row.till_id,
    status: row.status,
    customer: customerOf(customer),
    asset: row.asset,
    amount: amountSchema.parse(row.amount),
    currency: row.currency,
    saleRef: row.sale_ref,
    drawer: row.drawer,
    createdAt: row.created_at,
    availableAfter: record.available,
    code: codeView(record, now),
  };
}

/** Masking a phone number parses it; one request shows the same customer more than once. */
const customerViews = new WeakMap<RedemptionRecord['customer'], Redemption['customer']>();

function customerOf(row: RedemptionRecord['customer']): Redemption['customer'] {
  const view = customerViews.get(row) ?? customerView(row);
  customerViews.set(row, view);
  return view;
}

function codeView({ redemption: row, delivery }: ViewedRecord, now: number): Redemption['code'] {
  if (row.code_digits === null) return null;
  const sendsMax = row.sends_max ?? 0;
  return {
    digits: row.code_digits,
    expiresInMs: (row.expires_at ?? now) - now,
    triesLeft: row.tries_left ?? 0,
    sends: row.serial,
    sendsLeft: Math.max(0, sendsMax - row.serial),
    resendInMs: (row.resend_at ?? now) - now,
    delivery: delivery ?? { channel: row.channel, state: 'queued', reason: null },
  };
}
