/**
 * What WhatsApp says about our messages. A webhook only keeps the statuses and is answered; taking them over comes
 * after, so that a status which came before we noted its message (the webhook may be faster than our commit) is
 * taken over as soon as the message is there.
 */
import { sql } from 'kysely';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Clock } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import { applyStatus } from '../whatsapp/delivery-state.ts';
import { classifyError } from '../whatsapp/errors.ts';
import type { StatusEvent } from '../whatsapp/webhook.ts';
import type { DeliveryChange, DeliveryNow, MessageStore } from './store.ts';

const ROWS_PER_INSERT = 500;
/** Messages taken up in one look; the next look comes at once when there were this many. */
const MESSAGES_PER_LOOK = 50;
const LOOKS_MAX = 20;
/** A status whose message is not there by now belongs to somebody else who uses the same number. */
const UNMATCHED_MS = 10 * 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface Statuses {
  /** Keeps statuses not seen before. @returns how many were new */
  keep(events: readonly StatusEvent[]): Promise<number>;
  /** Takes over what was kept and has its message. Bounded; safe to run in several processes at once. */
  apply(): Promise<void>;
}

export function createStatuses(options: {
  engine: Engine;
  clock: Clock;
  store: MessageStore;
  onState: (state: DeliveryState, reason: DeliveryReason | null) => void;
  onError: (error: unknown) => void;
}): Statuses {
  const { engine, clock, store, onState, onError } = options;
  const db = engine.kysely;

  async function keep(events: readonly StatusEvent[]): Promise<number> {
    const receivedAt = clock.now();
    let fresh = 0;
    for (let from = 0; from < events.length; from += ROWS_PER_INSERT) {
      const rows = events.slice(from, from + ROWS_PER_INSERT).map((event) => ({
        wamid: event.wamid,
        status: event.status,
        correlation_id: UUID.test(event.bizOpaque ?? '') ? (event.bizOpaque ?? null) : null,
        error_code: event.errors[0]?.code ?? null,
        pricing: event.pricing === undefined ? null : JSON.stringify(event.pricing),
        occurred_at: event.timestampMs,
        received_at: receivedAt,
      }));
      const inserted = await db
        .insertInto('message_events')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['wamid', 'status']).doNothing())
        .returning('id')
        .execute();
      fresh += inserted.length;
    }
    return fresh;
  }

  async function apply(): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const due = await findDue();
      for (const { message_id } of due) {
        // One that fails must not keep the others waiting; it is looked at again with the next look.
        await applyTo(message_id).catch(onError);
      }
      if (due.length < MESSAGES_PER_LOOK) return;
    }
  }

  async function findDue(): Promise<{ message_id: string }[]> {
    const since = clock.now() - UNMATCHED_MS;
    const { rows } = await sql<{ message_id: string }>`
      select m.id as message_id from message_events e
      join messages m on m.id = e.correlation_id or m.wamid = e.wamid
      where e.applied_at is null and e.received_at > ${since}::bigint
        and e.wamid is distinct from m.abandoned_wamid
      group by m.id order by min(e.id) limit ${MESSAGES_PER_LOOK}`.execute(db);
    return rows;
  }

  async function applyTo(messageId: string): Promise<void> {
    const { rows: events } = await sql<KeptStatus>`
      select e.id, e.wamid, e.status, e.error_code from message_events e
      join messages m on m.id = e.correlation_id or m.wamid = e.wamid
      where m.id = ${messageId}::uuid and e.applied_at is null and e.wamid is distinct from m.abandoned_wamid
      order by e.id`.execute(db);
    if (events.length === 0) return;
    let reason: DeliveryReason | null = null;
    const reached = await store.record(messageId, (now) => {
      const change = furthest(now, events);
      reason = change.reason;
      return change;
    });
    if (reached !== null) onState(reached, reason);
    // Marked after it was taken over: a crash in between takes the same over again, which changes nothing.
    await db
      .updateTable('message_events')
      .set({ applied_at: clock.now() })
      .where(
        'id',
        'in',
        events.map((event) => event.id),
      )
      .execute();
  }

  return { keep, apply };
}

interface KeptStatus {
  readonly id: number;
  readonly wamid: string;
  readonly status: DeliveryState;
  readonly error_code: number | null;
}

function furthest(now: DeliveryNow, events: readonly KeptStatus[]): DeliveryChange {
  let change: DeliveryChange = { state: now.state, reason: now.reason };
  for (const event of events) {
    if (applyStatus(change.state, event.status) !== event.status || event.status === change.state) continue;
    if (event.status === 'failed' && canGoByTemplate(now, event.error_code)) {
      // It was free-form and the window had closed meanwhile: once more, as a template.
      const windowClosed = { wamid: event.wamid };
      return { state: 'queued', reason: null, windowClosed, retryInSeconds: 0 };
    }
    const reason = event.status === 'failed' ? failureReason(event.error_code) : null;
    change = { state: event.status, reason };
  }
  return change;
}

const WITH_TEMPLATE: ReadonlySet<MessageKind> = new Set([
  'approval_request',
  'sealed_codes',
  'offline_spent',
  'offline_loss',
  'drawer_alert',
  'credit_low',
]);

/** A note has no template: outside the window it is not sent. A code goes by none but its own. */
export function canGoByTemplate(
  { kind, templateOnly }: Pick<DeliveryNow, 'kind' | 'templateOnly'>,
  errorCode: number | null,
): boolean {
  return errorCode === WINDOW_CLOSED && WITH_TEMPLATE.has(kind) && !templateOnly;
}

/** Meta: more than 24 hours have passed since the person last wrote. */
const WINDOW_CLOSED = 131047;

function failureReason(code: number | null): DeliveryReason {
  return code === null ? 'unknown' : classifyError({ code }).reason;
}
