import { z } from 'zod';
import type { WireError } from '../../shared/errors.ts';
import { type OutboxMessage, outboxMessageSchema } from '../../shared/offline.ts';
import { readJson, readJsonOrNull } from './json-column.ts';
import { wireError } from './redemption-row.ts';

/** A verified redemption that the gateway holds for this till and that the till does not know: for a person, never sent. */
const strandedSchema = z.object({ kind: z.literal('stranded'), gatewayId: z.string() });
const storedMessageSchema = z.union([outboxMessageSchema, strandedSchema]);
/** What the till has to tell the gateway, whatever happens to the line or to the till; and what only a person can settle. */
export type StoredMessage = OutboxMessage | z.infer<typeof strandedSchema>;

export interface OutboxItem {
  /** Place in the outbox: lower goes first within a stream. */
  seq: number;
  /** UUIDv7, and the idempotency key at the gateway: the same for every try. */
  id: string;
  /** Items of one stream go one after the other, in the order in which they were put in. */
  stream: string;
  redemptionId: string | null;
  message: StoredMessage;
  state: 'pending' | 'refused';
  attempts: number;
  reason: WireError | null;
  createdAt: number;
}

export interface OutboxRecord {
  seq: number;
  id: string;
  stream: string;
  redemption_id: string | null;
  body: string;
  state: 'pending' | 'refused';
  attempts: number;
  reason: string | null;
  created_at: number;
}

export function toOutboxItem(record: OutboxRecord): OutboxItem {
  return {
    seq: record.seq,
    id: record.id,
    stream: record.stream,
    redemptionId: record.redemption_id,
    message: readJson(storedMessageSchema, record.body),
    state: record.state,
    attempts: record.attempts,
    reason: readJsonOrNull(wireError, record.reason),
    createdAt: record.created_at,
  };
}
