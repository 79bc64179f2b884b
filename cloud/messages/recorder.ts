/** Takes over what is news about messages, many at a time, and tells their tills. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { DeliveryState } from '../../shared/delivery.ts';
import type { Clock } from '../../shared/effects.ts';
import { createBatcher } from '../batcher.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { MessagesTable } from '../db/shell-tables.ts';
import type { TillEvents } from '../events/append.ts';
import type { Trx } from '../redemptions/ports.ts';
import { applyStatus } from '../whatsapp/delivery-state.ts';
import type { MessageQueue } from './queue.ts';
import type { DeliveryChange, DeliveryNow } from './store.ts';

/** Messages of one transaction. */
const BATCH_MAX = 100;
/** Where a message got to when the sealed codes in it need not be kept any more: from here on nothing is sent again. */
const CODES_ARRIVED: ReadonlySet<DeliveryState> = new Set(['sent', 'delivered', 'read', 'failed']);

type Message = Selectable<MessagesTable>;
type Change = (now: DeliveryNow) => DeliveryChange;

export interface RecorderOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly queue: MessageQueue;
  readonly events: Pick<TillEvents, 'committed'>;
  /** Appends `redemption.changed` of each as things now stand, in the given transaction. */
  readonly announce: (trx: Trx, redemptionIds: readonly string[]) => Promise<void>;
  /** The same with `approval.changed`; the tills' rows are locked. */
  readonly announceApprovals: (trx: Trx, approvalIds: readonly string[]) => Promise<unknown>;
}

/** What became of one message in a run. */
interface Taken {
  readonly message: Message;
  readonly next: DeliveryChange;
  readonly state: DeliveryState;
  /** The state is a new one; or a queued message waits for another attempt, which is news by its reason and time. */
  readonly news: boolean;
  readonly waits: boolean;
}

/** @returns `MessageStore.record` */
export function createRecorder(options: RecorderOptions) {
  const { engine, clock, queue, events, announce, announceApprovals } = options;
  const record = createBatcher({
    run: recordMany,
    max: BATCH_MAX,
    keyOf: ({ messageId }) => messageId,
  });

  async function recordMany(items: readonly { readonly messageId: string; readonly change: Change }[]) {
    const done = await engine.kysely.transaction().execute(async (trx) => {
      const messages = await lock(
        trx,
        items.map(({ messageId }) => messageId),
      );
      const taken = items.map(({ messageId, change }) => decide(messages.get(messageId), change));
      const known = taken.filter((it) => it !== null);
      if (known.length > 0) await write(trx, known, clock.now());
      for (const { message, next } of known) {
        if (next.retryInSeconds !== undefined) await queue.enqueue(trx, message.id, next.retryInSeconds);
      }
      await tellTills(trx, known);
      return taken;
    });
    const known = done.filter((it) => it !== null);
    const tillIds = known.flatMap(({ message }) => (message.till_id === null ? [] : [message.till_id]));
    if (tillIds.length > 0) events.committed([...new Set(tillIds)]);
    if (known.some(({ next }) => next.retryInSeconds === 0)) queue.wake();
    return done.map((it) => (it?.news === true ? it.state : null));
  }

  async function tellTills(trx: Trx, known: readonly Taken[]): Promise<void> {
    const told = known.filter(({ news, waits }) => news || waits).map(({ message }) => message);
    const redemptions = told.flatMap((it) => (it.redemption_id === null ? [] : [it.redemption_id]));
    if (redemptions.length > 0) await announce(trx, [...new Set(redemptions)]);
    const approvals = told.flatMap((it) => (it.approval_id === null ? [] : [it.approval_id]));
    if (approvals.length > 0) await announceApprovals(trx, [...new Set(approvals)]);
  }

  return (messageId: string, change: Change) => record({ messageId, change });
}

/** Null: no such message, or what is said is about one that was given up for another. */
function decide(message: Message | undefined, change: Change): Taken | null {
  if (message === undefined) return null;
  const next = change({ ...message, templateOnly: message.template_only === true });
  if (next.wamid !== undefined && next.wamid === message.abandoned_wamid) return null;
  const state = next.windowClosed === undefined ? applyStatus(message.state, next.state) : 'queued';
  const news = state !== message.state;
  const later = (next.retryInSeconds ?? 0) > 0 || message.reason !== next.reason;
  const waits = message.state === 'queued' && next.state === 'queued' && later;
  return { message, next, state, news, waits };
}

/**
 * Tills first, then messages, each in the order of their ids, as those who take statuses over and whoever appends an event do: so
 * events stand in the order of the states, and nobody waits for a lock in a circle. Of a message that no till is told about
 * nobody waits for the till: a backlog brings thousands of them at once.
 */
async function lock(trx: Kysely<Database>, ids: readonly string[]): Promise<Map<string, Message>> {
  const { rows } = await sql<Message>`
    with t as materialized (
      select id from tills where id in (select till_id from messages where id = any(${[...ids]}::uuid[])
        and (redemption_id is not null or approval_id is not null)) order by id for no key update
    )
    select m.* from messages m where m.id = any(${[...ids]}::uuid[]) and (select count(*) from t) >= 0
    order by m.id for update of m`.execute(trx);
  return new Map(rows.map((message) => [message.id, message]));
}

async function write(trx: Kysely<Database>, taken: readonly Taken[], now: number): Promise<void> {
  const rows = taken.map(({ message, next, state, news, waits }) => ({
    id: message.id,
    state,
    reason: news || waits ? next.reason : message.reason,
    wamid: next.windowClosed === undefined ? (message.wamid ?? next.wamid ?? null) : null,
    template: next.template ?? message.template,
    template_only: next.windowClosed === undefined ? message.template_only : true,
    abandoned_wamid: next.windowClosed === undefined ? message.abandoned_wamid : next.windowClosed.wamid,
    attempts: message.attempts + (next.attempted === true ? 1 : 0),
    retry_at:
      state === 'queued' && next.retryInSeconds !== undefined ? now + next.retryInSeconds * 1000 : null,
    codes_gone: CODES_ARRIVED.has(state),
  }));
  await sql`update messages m set state = x.state, reason = x.reason, wamid = x.wamid, template = x.template,
      template_only = x.template_only, abandoned_wamid = x.abandoned_wamid, attempts = x.attempts,
      retry_at = x.retry_at, updated_at = ${now}::bigint,
      content_sealed = case when x.codes_gone then null else m.content_sealed end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x (id uuid, state text, reason text, wamid text,
      template text, template_only boolean, abandoned_wamid text, attempts integer, retry_at bigint,
      codes_gone boolean)
    where m.id = x.id`.execute(trx);
}
