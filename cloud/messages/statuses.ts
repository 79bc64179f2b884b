/**
 * What WhatsApp says about our messages. A webhook's statuses are kept and taken over in one transaction with all that
 * follows; one that came before we noted its message (the webhook may be faster than our commit) is kept, and taken over as
 * soon as the message is there.
 */
import { sql } from 'kysely';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Clock } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { TillEvents } from '../events/append.ts';
import type { StatusEvent } from '../whatsapp/webhook.ts';
import type { MessageQueue } from './queue.ts';
import { type BatchOutcome, createTakeOver, type StatusBatchOptions } from './status-batch.ts';
import { absorbStatuses, type Due, type KeptStatus, keepStatuses, sortedStatuses } from './status-rows.ts';

/** Statuses of one transaction. */
const STATUSES_PER_COMMIT = 4000;
/** Taken up in one look; the next look comes at once when there were this many. */
const STATUSES_PER_LOOK = 1000;
const LOOKS_MAX = 20;
/** A status whose message is not there by now belongs to somebody else who uses the same number. */
const UNMATCHED_MS = 10 * 60_000;

export interface Statuses {
  /**
   * Keeps statuses not seen before and takes over those whose message is known; committed when it resolves.
   * @returns how many are left for `apply`
   */
  absorb(events: readonly StatusEvent[]): Promise<number>;
  /** Takes over what was kept and has its message. Bounded; safe to run in several processes at once. */
  apply(): Promise<void>;
}

export interface StatusesOptions extends Omit<StatusBatchOptions, 'now'> {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly events: Pick<TillEvents, 'committed'>;
  readonly queue: Pick<MessageQueue, 'wake'>;
  readonly onState: (state: DeliveryState, reason: DeliveryReason | null) => void;
  readonly onError: (error: unknown) => void;
}

export function createStatuses(options: StatusesOptions): Statuses {
  const { engine, clock, events: tillEvents, queue, onState, onError } = options;
  const db = engine.kysely;
  const takeOver = createTakeOver({ ...options, now: clock.now });

  async function absorb(events: readonly StatusEvent[]): Promise<number> {
    let left = 0;
    for (let from = 0; from < events.length; from += STATUSES_PER_COMMIT) {
      const part = sortedStatuses(events.slice(from, from + STATUSES_PER_COMMIT));
      left += await absorbPart(part).catch((error: unknown) => {
        // Whatever kept it from being taken over: it is kept all the same, and taken over in the usual way.
        onError(error);
        return keepStatuses(db, part, clock.now());
      });
    }
    return left;
  }

  async function absorbPart(events: readonly StatusEvent[]): Promise<number> {
    const { waiting, left, reached, tills } = await absorbStatuses(db, events, clock.now());
    for (const [state, count] of Object.entries(reached)) {
      for (let n = 0; n < count; n += 1) onState(state as DeliveryState, null);
    }
    if (tills.length > 0) tillEvents.committed(tills);
    if (left.length === 0) return waiting;
    try {
      await applyTo(left);
      return waiting;
    } catch (error) {
      await applyEach(left, error);
      return waiting + left.length;
    }
  }

  function committed({ reached, tillIds, queued }: BatchOutcome): void {
    for (const { state, reason } of reached) onState(state, reason);
    tillEvents.committed(tillIds);
    if (queued) queue.wake();
  }

  async function apply(): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const due = await findDue();
      if (due.length > 0) await applyTo(due).catch((error) => applyEach(due, error));
      if (due.length < STATUSES_PER_LOOK) return;
    }
  }

  /** One that fails must not keep the others waiting; it is looked at again with the next look. */
  async function applyEach(due: readonly Due[], error: unknown): Promise<void> {
    onError(error);
    const byMessage = groupBy(due, ({ message_id: id }) => id);
    if (byMessage.size === 1) return;
    for (const statuses of byMessage.values()) await applyTo(statuses).catch(onError);
  }

  async function findDue(): Promise<Due[]> {
    const since = clock.now() - UNMATCHED_MS;
    const { rows } = await sql<Due>`
      select m.id as message_id, e.id from message_events e
      join messages m on m.id = e.correlation_id or m.wamid = e.wamid
      where e.applied_at is null and e.received_at > ${since}::bigint
        and e.wamid is distinct from m.abandoned_wamid
      order by e.id limit ${STATUSES_PER_LOOK}`.execute(db);
    return rows;
  }

  async function applyTo(due: readonly Due[]): Promise<void> {
    const messageOf = new Map(due.map(({ id, message_id: messageId }) => [id, messageId]));
    const ids = [...messageOf.keys()];
    const outcome = await db.transaction().execute(async (trx) => {
      const { rows } = await sql<KeptStatus & { id: number }>`
        select id, wamid, status, error_code from message_events
        where id = any(${ids}::bigint[]) and applied_at is null order by id`.execute(trx);
      const byMessage = groupBy(rows, ({ id }) => messageOf.get(id) ?? '');
      const taken = await takeOver(trx, (id) => byMessage.get(id) ?? [], [...byMessage.keys()]);
      await sql`update message_events set applied_at = ${clock.now()}::bigint
        where id = any(${ids}::bigint[]) and applied_at is null`.execute(trx);
      return taken;
    });
    committed(outcome);
  }

  return { absorb, apply };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
