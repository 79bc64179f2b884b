import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Delivery } from '../../shared/delivery.ts';
import type { captureRequestSchema, TillEvent } from '../../shared/gateway-api.ts';
import { nextRedemptionStatus } from '../../shared/redemption.ts';
import type { Database } from '../db/schema.ts';
import type { RedemptionContext, TillIdentity } from './context.ts';
import { redemptionView, type ViewedRecord } from './record.ts';
import { tillRequest } from './requests.ts';

export interface CaptureItem {
  readonly idempotencyKey: string;
  readonly redemptionId: string;
  /** Captured all or none. */
  readonly stream: string;
  readonly request: z.infer<typeof captureRequestSchema>;
}

/** See `RedemptionService.captureMany`. Two round trips, whatever the number. */
export async function captureMany(
  context: RedemptionContext,
  till: TillIdentity,
  items: readonly CaptureItem[],
): Promise<Set<string>> {
  const { engine, effects, recent } = context;
  const records = await readMany(engine.kysely, till, items);
  const now = effects.clock.now();
  // One that this till does not have names its stream all the same, so that nothing of it is captured past it.
  const wanted = items.map((item) => ({
    key: item.idempotencyKey,
    id: item.redemptionId,
    stream: item.stream,
    hash: requestHash(context, till, item).toString('hex'),
    settled: item.request.settledAt,
    slip: item.request.slip,
    event: eventOf(records.get(item.redemptionId), now),
  }));
  const { rows } = await sql<{ left: number[] | null }>`select
    redemptions_capture(${till.tillId}::uuid, ${JSON.stringify(wanted)}::jsonb, ${now}::bigint) as left`.execute(
    engine.kysely,
  );
  for (const { redemptionId } of items) recent.forgetRecord(redemptionId);
  const left = new Set(rows[0]?.left ?? []);
  return new Set(items.flatMap(({ idempotencyKey: key }, place) => (left.has(place + 1) ? [] : [key])));
}

/** An element of what the SQL function `redemptions_read` answers. */
type ReadRow = ViewedRecord['redemption'] &
  Pick<ViewedRecord['customer'], 'member_no' | 'phone_e164' | 'language'> & {
    customer_id: string;
    customer_name: string;
    available: number;
    delivery_channel: Delivery['channel'] | null;
    delivery_state: Delivery['state'];
    delivery_reason: Delivery['reason'];
  };

async function readMany(
  db: Kysely<Database>,
  { tillId }: TillIdentity,
  items: readonly CaptureItem[],
): Promise<Map<string, ViewedRecord>> {
  const ids = items.map(({ redemptionId }) => redemptionId);
  const { rows: answers } = await sql<{ read: ReadRow[] | null }>`select
    redemptions_read(${tillId}::uuid, ${ids}::uuid[]) as read`.execute(db);
  const rows = answers[0]?.read ?? [];
  // One object for each customer: its view is made once.
  const customers = new Map<string, ViewedRecord['customer']>();
  return new Map(rows.map((row) => [row.id, recordOf(row, customers)]));
}

function recordOf(row: ReadRow, customers: Map<string, ViewedRecord['customer']>): ViewedRecord {
  const { customer_id: id, customer_name: name, member_no, phone_e164, language, available } = row;
  const customer = customers.get(id) ?? { id, name, member_no, phone_e164, language };
  customers.set(id, customer);
  const { delivery_channel: channel, delivery_state: state, delivery_reason: reason } = row;
  const delivery = channel === null ? null : { channel, state, reason };
  return { redemption: row, customer, available, delivery };
}

/** The till's event, once the redemption is captured. */
function eventOf(record: ViewedRecord | undefined, now: number): TillEvent | null {
  if (record === undefined) return null;
  const status = nextRedemptionStatus('authorised', 'capture') ?? record.redemption.status;
  const redemption = redemptionView({ ...record, redemption: { ...record.redemption, status } }, now);
  return { type: 'redemption.changed', redemption };
}

function requestHash({ keys }: RedemptionContext, till: TillIdentity, item: CaptureItem): Buffer {
  const { idempotencyKey, redemptionId, request } = item;
  return tillRequest(keys.idempotencyKey, {
    tillId: till.tillId,
    idempotencyKey,
    operation: 'capture',
    subject: redemptionId,
    body: [request.settledAt, request.slip],
  }).hash;
}
