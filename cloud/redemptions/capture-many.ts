import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { captureRequestSchema } from '../../shared/gateway-api.ts';
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
  const rows = items.map((item) => {
    const record = records.get(item.redemptionId);
    return record === undefined
      ? { row: bare(item), view: '' }
      : captureRow(context, till, item, record, now);
  });
  const numbered = rows.map(({ row }, index) => ({ ...row, n: index + 1 }));
  const views = rows.map(({ view }) => view);
  const { rows: captured } = await sql<{ key: string }>`select redemptions_capture(${till.tillId}::uuid,
    ${JSON.stringify(numbered)}::jsonb, ${views}::text[], ${now}::bigint) as key`.execute(engine.kysely);
  for (const { redemptionId } of items) recent.forgetRecord(redemptionId);
  return new Set(captured.map(({ key }) => key));
}

async function readMany(
  db: Kysely<Database>,
  { tillId }: TillIdentity,
  items: readonly CaptureItem[],
): Promise<Map<string, ViewedRecord>> {
  const ids = items.map(({ redemptionId }) => redemptionId);
  const { rows } = await sql<{ doc: ViewedRecord }>`select doc from redemptions_read(${tillId}::uuid,
    ${ids}::uuid[])`.execute(db);
  return new Map(rows.map(({ doc }) => [doc.redemption.id, doc]));
}

/** Names its stream, so that nothing of it is captured past what this till does not have. */
function bare({ idempotencyKey: key, redemptionId: id, stream }: CaptureItem) {
  return { key, id, stream };
}

function captureRow(
  { keys }: RedemptionContext,
  till: TillIdentity,
  item: CaptureItem,
  record: ViewedRecord,
  now: number,
) {
  const { idempotencyKey, redemptionId, request } = item;
  const { settledAt, slip } = request;
  const status = nextRedemptionStatus('authorised', 'capture') ?? record.redemption.status;
  const redemption = { ...record.redemption, status, settled_at: now, till_settled_at: settledAt, slip };
  const { hash } = tillRequest(keys.idempotencyKey, {
    tillId: till.tillId,
    idempotencyKey,
    operation: 'capture',
    subject: redemptionId,
    body: [settledAt, slip],
  });
  const view = JSON.stringify(redemptionView({ ...record, redemption }, now));
  return { row: { ...bare(item), hash: `\\x${hash.toString('hex')}`, settledAt, slip }, view };
}
