/**
 * A code that failed, or that is not on the phone in time, goes over the next channel: the same code, by the same message,
 * which leaves the channel it was on. What is still said about it there does not count any more.
 */
import { sql } from 'kysely';
import type { ChannelPolicy, OtherChannel } from '../../shared/channel-policy.ts';
import type { Channel, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { TillEvents } from '../events/append.ts';
import { seal } from '../keys/sealed.ts';
import { tellDeliveries } from '../messages/message-rows.ts';
import { type MessageQueue, QUEUE } from '../messages/queue.ts';
import { placeOf } from '../messages/store.ts';
import type { Trx } from '../redemptions/ports.ts';
import type { Channels } from './accounts.ts';

/** A text that arrives with less than this left is of no use to anybody. */
const LEFT_MS_MIN = 20_000;
const BATCH = 100;

/** By the store `s`. */
const IS_WANTED = sql<boolean>`(s.channels #>> '{fallback,enabled}')::boolean`;

export interface FallbackOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly secretsKey: Uint8Array;
  readonly channels: Pick<Channels, 'get'>;
  readonly queue: Pick<MessageQueue, 'wake'>;
  readonly events: Pick<TillEvents, 'committed'>;
}

/** Moves what is due. Bounded; safe to run in several processes at once. */
export type LookForFallback = () => Promise<void>;

interface Due {
  readonly id: string;
  readonly till_id: string;
}

/** A message that is locked and still due. */
interface Stuck extends Due {
  readonly redemption_id: string;
  readonly channel: Channel;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
  readonly phone_e164: string | null;
  readonly email: string | null;
  readonly code_channels: readonly OtherChannel[] | null;
  readonly order: ChannelPolicy['fallback']['order'];
  readonly tried: readonly Channel[];
}

/** What the gateway can send by. Of what does not report nothing is heard after it took a text: there, no news is no failure. */
interface ChannelsThere {
  readonly usable: ReadonlySet<OtherChannel>;
  readonly reporting: readonly Channel[];
}

export function createFallback(options: FallbackOptions): LookForFallback {
  const { engine, effects, secretsKey, channels, queue, events } = options;
  const { clock, random } = effects;
  const db = engine.kysely;

  return async () => {
    // Not from inside the transaction: an embedded database has one connection, which would wait for itself.
    const there = await channelsThere();
    for (const due of await findDue(there.reporting)) {
      const moved = await db.transaction().execute((trx) => move(trx, due, there));
      if (!moved) continue;
      events.committed([due.till_id]);
      queue.wake();
    }
  };

  async function channelsThere(): Promise<ChannelsThere> {
    const usable = new Set<OtherChannel>();
    const reporting: Channel[] = ['whatsapp'];
    for (const kind of ['sms', 'email'] as const) {
      const channel = await channels.get(kind);
      if (channel === null) continue;
      usable.add(kind);
      if (channel.reports) reporting.push(kind);
    }
    return { usable, reporting };
  }

  async function findDue(reporting: readonly Channel[]): Promise<Due[]> {
    // Where no shop wants it, the codes of the last minutes need not be gone through each second.
    const stores = await sql<{ id: string }>`select s.id from stores s where ${IS_WANTED}`.execute(db);
    if (stores.rows.length === 0) return [];
    const ids = stores.rows.map(({ id }) => id);
    const { rows } = await sql<Due>`select m.id, m.till_id from messages m join stores s on s.id = m.store_id
      where m.kind = 'code' and m.store_id = any(${ids}::uuid[]) and ${isDue(reporting)}
      order by m.expires_at limit ${BATCH}`.execute(db);
    return rows;
  }

  /** Of `m` and its store `s`. */
  function isDue(reporting: readonly Channel[]) {
    const now = clock.now();
    return sql<boolean>`m.expires_at > ${now + LEFT_MS_MIN}::bigint and m.fallback_over is null
      and ${IS_WANTED}
      and (m.state = 'failed' or (
        (m.state in ('queued', 'accepted', 'sent') and m.channel = any(${[...reporting]}::text[]) or m.state = 'queued')
        and coalesce(m.channel_since, m.created_at)
          <= ${now}::bigint - (s.channels #>> '{fallback,afterSeconds}')::bigint * 1000))`;
  }

  /** The till's row first, then the message, as all do that append an event. @returns whether the till was told */
  async function move(trx: Trx, due: Due, { usable, reporting }: ChannelsThere): Promise<boolean> {
    await sql`select 1 from tills where id = ${due.till_id}::uuid for no key update`.execute(trx);
    const { rows } = await sql<Stuck>`
      select m.id, m.till_id, m.redemption_id, m.channel, m.state, m.reason, c.phone_e164, c.email, c.code_channels,
        s.channels #> '{fallback,order}' as "order",
        array(select from_channel from channel_moves where message_id = m.id) as tried
      from messages m join stores s on s.id = m.store_id join redemptions r on r.id = m.redemption_id
        join customers c on c.id = r.customer_id
      where m.id = ${due.id}::uuid and r.status = 'awaiting_code' and r.serial = m.serial and ${isDue(reporting)}
      for update of m skip locked`.execute(trx);
    const [stuck] = rows;
    if (stuck === undefined) return false;
    const next = nextFor(stuck, usable);
    if (next === null) {
      await trx.updateTable('messages').set({ fallback_over: true }).where('id', '=', stuck.id).execute();
      return false;
    }
    await redirect(trx, stuck, next);
    await tellDeliveries(trx, [stuck.id], clock.now());
    return true;
  }

  function nextFor(
    stuck: Stuck,
    usable: ReadonlySet<OtherChannel>,
  ): { channel: OtherChannel; to: string } | null {
    for (const channel of stuck.order) {
      const to = channel === 'sms' ? stuck.phone_e164 : stuck.email;
      const isNew = channel !== stuck.channel && !stuck.tried.includes(channel);
      const isWanted = stuck.code_channels === null || stuck.code_channels.includes(channel);
      if (to !== null && isNew && isWanted && usable.has(channel)) return { channel, to };
    }
    return null;
  }

  async function redirect(trx: Trx, stuck: Stuck, { channel, to }: { channel: OtherChannel; to: string }) {
    const { id, channel: from, state, reason } = stuck;
    const now = clock.now();
    const recipient = seal(secretsKey, random, placeOf(id), to);
    await sql`update messages set channel = ${channel}, channel_since = ${now}::bigint, recipient_sealed = ${recipient},
        state = 'queued', reason = null, template = null, attempts = 0, retry_at = null, sending_until = null,
        abandoned_wamid = coalesce(wamid, abandoned_wamid), wamid = null, updated_at = ${now}::bigint
      where id = ${id}::uuid`.execute(trx);
    await trx
      .insertInto('channel_moves')
      .values({ message_id: id, at: now, from_channel: from, to_channel: channel, state, reason })
      .execute();
    await sql`select queue_message(${QUEUE}, ${id}::uuid, 0)`.execute(trx);
  }
}
