import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import type { WireError } from '../../shared/errors.ts';
import { cancelRequestSchema, captureRequestSchema } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { readJson, readJsonOrNull, writeJson } from './json-column.ts';
import { wireError } from './redemption-row.ts';

/** What the till has to tell the gateway, whatever happens to the line or to the till. */
export const outboxMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('capture'), gatewayId: z.string(), request: captureRequestSchema }),
  z.object({ kind: z.literal('cancel'), gatewayId: z.string(), request: cancelRequestSchema }),
  /** Tried until the gateway took it, or has decided otherwise: this till will not act on it in any case. */
  z.object({ kind: z.literal('approval_cancel'), gatewayId: z.string() }),
  /** A verified redemption that the gateway holds for this till and that the till does not know: for a person. */
  z.object({ kind: z.literal('stranded'), gatewayId: z.string() }),
]);
export type OutboxMessage = z.infer<typeof outboxMessageSchema>;

export interface OutboxItem {
  /** UUIDv7, and the idempotency key at the gateway: the same for every try. */
  id: string;
  /** Items of one stream go one after the other, in the order in which they were put in. */
  stream: string;
  redemptionId: string | null;
  message: OutboxMessage;
  attempts: number;
  reason: WireError | null;
}

/** Tries after which an item that is neither taken nor refused is shown to a person; it is still tried. */
export const ATTENTION_ATTEMPTS = 20;

interface Record {
  id: string;
  stream: string;
  redemption_id: string | null;
  body: string;
  attempts: number;
  reason: string | null;
}

export function createOutbox(db: Database.Database, effects: Effects) {
  const insert = db.prepare(
    `INSERT INTO outbox (id, stream, kind, redemption_id, body, state, reason, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const heads = db.prepare<[], Record>(
    `SELECT * FROM outbox WHERE state = 'pending' AND seq IN
       (SELECT min(seq) FROM outbox WHERE state = 'pending' GROUP BY stream) ORDER BY seq`,
  );
  const refused = db.prepare<[], Record>("SELECT * FROM outbox WHERE state = 'refused' ORDER BY seq");
  const finish = db.prepare('UPDATE outbox SET state = ?, reason = ?, settled_at = ? WHERE id = ?');
  const retry = db.prepare('UPDATE outbox SET attempts = attempts + 1, reason = ? WHERE id = ?');
  const count = db.prepare<[number], { pending: number; attention: number }>(
    `SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
       count(*) FILTER (WHERE state = 'refused' OR (state = 'pending' AND attempts >= ?)) AS attention
     FROM outbox WHERE state <> 'done'`,
  );
  const known = db.prepare<[string], { id: string }>(
    "SELECT id FROM outbox WHERE kind = 'stranded' AND json_extract(body, '$.gatewayId') = ?",
  );
  const pendingFor = db.prepare<[string], { id: string }>(
    "SELECT id FROM outbox WHERE state = 'pending' AND json_extract(body, '$.gatewayId') = ?",
  );
  const toItem = (record: Record): OutboxItem => ({
    id: record.id,
    stream: record.stream,
    redemptionId: record.redemption_id,
    message: readJson(outboxMessageSchema, record.body),
    attempts: record.attempts,
    reason: readJsonOrNull(wireError, record.reason),
  });

  return {
    add(stream: string, redemptionId: string | null, message: OutboxMessage): string {
      const id = createUuid(effects);
      const body = writeJson(message);
      insert.run(id, stream, message.kind, redemptionId, body, 'pending', null, effects.clock.now());
      return id;
    },

    /** Puts a thing that only a person can settle straight among the refused; once per redemption. */
    addStranded(gatewayId: string, reason: WireError): boolean {
      if (known.get(gatewayId) !== undefined) return false;
      const message: OutboxMessage = { kind: 'stranded', gatewayId };
      const id = createUuid(effects);
      const now = effects.clock.now();
      insert.run(id, 'stranded', message.kind, null, writeJson(message), 'refused', writeJson(reason), now);
      return true;
    },

    /** The first pending item of each stream, oldest first. */
    heads: (): OutboxItem[] => heads.all().map(toItem),

    /** Whether something is on its way for this redemption of the gateway. */
    hasPending: (gatewayId: string): boolean => pendingFor.get(gatewayId) !== undefined,

    done(id: string): void {
      finish.run('done', null, effects.clock.now(), id);
    },

    refuse(id: string, reason: WireError): void {
      finish.run('refused', writeJson(reason), effects.clock.now(), id);
    },

    countTry(id: string, reason: WireError): void {
      retry.run(writeJson(reason), id);
    },

    refused: (): OutboxItem[] => refused.all().map(toItem),

    counts(): { pending: number; attention: number } {
      return count.get(ATTENTION_ATTEMPTS) ?? { pending: 0, attention: 0 };
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
