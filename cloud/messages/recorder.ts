/** Takes over what is news about messages, many at a time, and tells their tills. */
import { sql } from 'kysely';
import type { DeliveryState } from '../../shared/delivery.ts';
import type { Clock } from '../../shared/effects.ts';
import { createBatcher } from '../batcher.ts';
import type { Engine } from '../db/engine.ts';
import type { TillEvents } from '../events/append.ts';
import type { Trx } from '../redemptions/ports.ts';
import { applyStatus } from '../whatsapp/delivery-state.ts';
import { hasLeft, type LockedMessage, lockMessages } from './message-rows.ts';
import { type MessageQueue, QUEUE } from './queue.ts';
import type { DeliveryChange } from './store.ts';

/** Messages of one transaction. */
const BATCH_MAX = 200;

export interface RecorderOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly queue: Pick<MessageQueue, 'wake'>;
  readonly events: Pick<TillEvents, 'committed'>;
  /** Appends `approval.changed` of each as things now stand; the tills' rows are locked. @returns the tills */
  readonly announceApprovals: (trx: Trx, approvalIds: readonly string[]) => Promise<readonly string[]>;
}

interface Item {
  readonly messageId: string;
  readonly change: DeliveryChange;
}

/** What became of one message in a run. */
interface Taken {
  readonly message: LockedMessage;
  readonly next: DeliveryChange;
  readonly state: DeliveryState;
  /** The state is a new one; or a queued message waits for another attempt, which is news by its reason and time. */
  readonly news: boolean;
  readonly waits: boolean;
}

/** WhatsApp took a message: nearly all that is ever recorded here. */
interface Accepted {
  readonly messageId: string;
  readonly wamid: string;
  readonly template: string;
}

/** Of messages that WhatsApp took (SQL function `messages_accepted`, migration 0096). */
interface NotedAccepted {
  /** Nothing was noted of these: more follows from them. */
  readonly left: readonly string[] | null;
  /** Known already. */
  readonly old: readonly string[] | null;
  readonly tills: string[];
}

/** @returns `MessageStore.record` */
export function createRecorder(options: RecorderOptions) {
  const { engine, clock, queue, events, announceApprovals } = options;
  const recordAccepted = createBatcher({
    run: noteAccepted,
    max: BATCH_MAX,
    keyOf: ({ messageId }) => messageId,
  });
  const record = createBatcher({
    run: recordMany,
    max: BATCH_MAX,
    keyOf: ({ messageId }) => messageId,
  });

  /** One statement, which is its own transaction. Undefined: more follows from it, nothing was noted. */
  async function noteAccepted(items: readonly Accepted[]): Promise<(DeliveryState | null | undefined)[]> {
    const { rows } = await sql<{ doc: NotedAccepted }>`
      select messages_accepted(${items.map(({ messageId }) => messageId)}::uuid[],
        ${items.map(({ wamid }) => wamid)}::text[], ${items.map(({ template }) => template)}::text[],
        ${clock.now()}::bigint) as doc`.execute(engine.kysely);
    const doc = rows[0]?.doc;
    if (doc === undefined) throw new Error('what was noted is not known');
    if (doc.tills.length > 0) events.committed(doc.tills);
    return items.map(({ messageId: id }) => {
      if (doc.left?.includes(id)) return undefined;
      return doc.old?.includes(id) ? null : 'accepted';
    });
  }

  async function recordMany(items: readonly Item[]): Promise<(DeliveryState | null)[]> {
    const { taken, tillIds } = await engine.kysely.transaction().execute((trx) => recordIn(trx, items));
    if (tillIds.size > 0) events.committed([...tillIds]);
    if (taken.some((it) => it?.next.retryInSeconds === 0)) queue.wake();
    return taken.map((it) => (it?.news === true ? it.state : null));
  }

  async function recordIn(trx: Trx, items: readonly Item[]) {
    const now = clock.now();
    const ids = items.map(({ messageId }) => messageId);
    const messages = new Map((await lockMessages(trx, ids)).map((one) => [one.message_id, one]));
    const taken = items.map(({ messageId, change }) => decide(messages.get(messageId), change));
    const known = taken.filter((it) => it !== null);
    if (known.length === 0) return { taken, tillIds: new Set<string>() };
    const rows = known.map((it) => rowOf(it, now));
    const told = known.filter(({ news, waits }) => news || waits).map(({ message }) => message);
    const toldIds = told.map(({ message_id: id }) => id);
    const tills = await write(trx, rows, toldIds, now);
    const approvals = new Set(told.flatMap(({ approval_id: id }) => id ?? []));
    const tillsOfApprovals = approvals.size === 0 ? [] : await announceApprovals(trx, [...approvals]);
    return { taken, tillIds: new Set([...tills, ...tillsOfApprovals]) };
  }

  return async (messageId: string, change: DeliveryChange): Promise<DeliveryState | null> => {
    const accepted = acceptedOf(messageId, change);
    const noted = accepted === null ? undefined : await recordAccepted(accepted);
    return noted === undefined ? record({ messageId, change }) : noted;
  };
}

/** Null: it is another change. */
function acceptedOf(messageId: string, change: DeliveryChange): Accepted | null {
  const { state, reason, wamid, template, attempted, onChannel, retryInSeconds, windowClosed } = change;
  const isThat = state === 'accepted' && reason === null && attempted === true && onChannel === 'whatsapp';
  if (!isThat || retryInSeconds !== undefined || windowClosed !== undefined) return null;
  return wamid === undefined || template === undefined ? null : { messageId, wamid, template };
}

/** Null: no such message, or what is said is about a send or a channel that was given up for another. */
function decide(message: LockedMessage | undefined, next: DeliveryChange): Taken | null {
  if (message === undefined) return null;
  if (next.wamid !== undefined && next.wamid === message.abandoned_wamid) return null;
  if (next.onChannel !== undefined && hasLeft(message, next.onChannel)) return null;
  const before = message.message_state;
  const state = next.windowClosed === undefined ? applyStatus(before, next.state) : 'queued';
  const later = (next.retryInSeconds ?? 0) > 0 || message.message_reason !== next.reason;
  const waits = before === 'queued' && next.state === 'queued' && later;
  return { message, next, state, news: state !== before, waits };
}

function rowOf({ message, next, state, news, waits }: Taken, now: number) {
  const again = next.windowClosed;
  const retryIn = next.retryInSeconds === undefined ? null : Math.ceil(next.retryInSeconds);
  return {
    id: message.message_id,
    state,
    reason: news || waits ? next.reason : message.message_reason,
    wamid: again === undefined ? (message.wamid ?? next.wamid ?? null) : null,
    template: next.template ?? message.template,
    template_only: again === undefined ? message.template_only : true,
    abandoned_wamid: again === undefined ? message.abandoned_wamid : again.wamid,
    attempts: message.attempts + (next.attempted === true ? 1 : 0),
    retry_at: state === 'queued' && retryIn !== null ? now + retryIn * 1000 : null,
    retry_in: retryIn,
  };
}

/** @returns the tills that were told */
async function write(
  trx: Trx,
  rows: readonly ReturnType<typeof rowOf>[],
  told: readonly string[],
  now: number,
): Promise<string[]> {
  const { rows: answered } = await sql<{ tills: string[] }>`
    select messages_record(${JSON.stringify(rows)}::jsonb, ${QUEUE}, ${[...told]}::uuid[], ${now}::bigint) as tills`.execute(
    trx,
  );
  return answered[0]?.tills ?? [];
}
