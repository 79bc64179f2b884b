/**
 * Keeps all gateways together within what WhatsApp lets a number send: messages a second, to one person, and to how many people
 * a day. A process asks for all the messages that it has in hand at once (`send_take`).
 */
import { type Selectable, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createBatcher } from '../batcher.ts';
import { openSince } from '../conversations/windows.ts';
import type { Engine } from '../db/engine.ts';
import type { WhatsAppAccount } from '../messages/accounts.ts';
import { toSaksiError } from '../templates/service.ts';
import type { SendClass } from './classes.ts';
import { type LimitNews, peopleOf } from './news.ts';
import type { SendNumbersTable } from './tables.ts';

/** Messages of one asking. */
const BATCH_MAX = 64;
/** After this a limit changed by another process is noticed. */
const FRESH_MS = 2000;
/** What Meta allows a number unless it says otherwise. */
const META_PER_SECOND = 80;
/** Too many messages, said Meta: so much of the rate that was used, for so long. */
const SLOW_DOWN = { to: 0.7, leastPerSecond: 5, forMs: 60_000 };
const DAY_MS = 86_400_000;
const ROWS_PER_PASS = 5000;

export interface Ask {
  /** Keyed hash of the person's address (`contactKeys`). */
  readonly contact: string;
  readonly class: SendClass;
  /** Whether it may go as a template: outside the person's window it then counts for the day. */
  readonly template: boolean;
}

/** What a message waits for, and when to ask again; `why` null: it may go now, and was counted. */
export interface Permission {
  readonly waitMs: number;
  readonly why: 'rate' | 'person' | 'day' | null;
}
const GRANTED: Permission = { waitMs: 0, why: null };

export type NumberLimits = Selectable<SendNumbersTable>;

export interface SendLimits {
  take(ask: Ask): Promise<Permission>;
  /** Meta refused a message for too many a second (130429 and the like): all gateways go slower for a while. */
  slowDown(): Promise<void>;
  /** What webhooks say about limits and quality. */
  learn(news: readonly LimitNews[]): Promise<void>;
  /** Asks Meta for the number's own fields. @throws SaksiError whatsapp_not_set_up, and what Meta answered */
  refresh(): Promise<NumberLimits>;
  /** The operator's word. @returns the limits now. Throws `not_ready` while no number is set up. */
  set(
    fields: Partial<Pick<NumberLimits, 'per_second' | 'pair_period_ms' | 'pair_burst' | 'daily_people'>>,
  ): Promise<NumberLimits>;
  /** Forgets what no limit goes by any more. A bounded batch. */
  prune(): Promise<void>;
}

export interface SendLimitsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly accounts: Pick<WhatsAppAccount, 'settings' | 'graph'>;
}

export function createSendLimits({ engine, effects, accounts }: SendLimitsOptions): SendLimits {
  const { clock } = effects;
  const db = engine.kysely;
  const ask = createBatcher({ run: askMany, max: BATCH_MAX });
  /** A reading under way serves all who ask meanwhile. */
  let known: { id: string; at: number; limits: Promise<NumberLimits> } | null = null;

  async function numberId(): Promise<{ numberId: string; portfolio: string } | null> {
    const { phoneNumberId, wabaId } = await accounts.settings();
    return phoneNumberId === undefined
      ? null
      : { numberId: phoneNumberId, portfolio: wabaId ?? phoneNumberId };
  }

  function limitsOf(id: string): Promise<NumberLimits> {
    const now = clock.monotonic();
    if (known !== null && known.id === id && now - known.at < FRESH_MS) return known.limits;
    const mine = { id, at: now, limits: readLimits(id) };
    known = mine;
    mine.limits.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      if (known === mine) known = null;
    });
    return mine.limits;
  }

  async function readLimits(id: string): Promise<NumberLimits> {
    const read = () =>
      db.selectFrom('send_numbers').selectAll().where('number_id', '=', id).executeTakeFirst();
    const row = await read();
    if (row !== undefined) return row;
    await db
      .insertInto('send_numbers')
      .values({ number_id: id, updated_at: clock.now() })
      .onConflict((conflict) => conflict.column('number_id').doNothing())
      .execute();
    const made = await read();
    if (made === undefined) throw new Error('a number’s limits are gone');
    return made;
  }

  async function take(wanted: Ask): Promise<Permission> {
    const number = await numberId();
    if (number === null) return GRANTED;
    const limits = await limitsOf(number.numberId);
    const free =
      limits.per_second === 0 &&
      limits.pair_period_ms === 0 &&
      limits.daily_people === null &&
      !limits.slowed_to;
    return free ? GRANTED : ask(wanted);
  }

  async function askMany(asks: readonly Ask[]): Promise<Permission[]> {
    const number = await numberId();
    if (number === null) return asks.map(() => GRANTED);
    const now = clock.now();
    const { rows } = await sql<{ answers: { n: number; wait: number; why: 'rate' | 'person' | 'day' }[] }>`
      select send_take(${number.numberId}, ${number.portfolio}, ${JSON.stringify(asks)}::jsonb,
        ${openSince(now)}::bigint, ${now}::double precision) as answers`.execute(db);
    const permissions: Permission[] = asks.map(() => GRANTED);
    for (const { n, wait, why } of rows[0]?.answers ?? []) {
      if (wait > 0) permissions[n - 1] = { waitMs: wait, why };
    }
    return permissions;
  }

  async function slowDown(): Promise<void> {
    const number = await numberId();
    if (number === null) return;
    await readLimits(number.numberId);
    const now = clock.now();
    // One step a second, however many messages of all gateways were refused in it.
    await sql`update send_numbers set updated_at = ${now}, slowed_until = ${now + SLOW_DOWN.forMs},
        slowed_to = greatest(${SLOW_DOWN.leastPerSecond}::integer, floor(${SLOW_DOWN.to}::numeric
          * case when slowed_until > ${now}::bigint then slowed_to
            else coalesce(nullif(per_second, 0), ${META_PER_SECOND}::integer) end)::integer)
      where number_id = ${number.numberId}
        and (slowed_until is null or slowed_until < ${now + SLOW_DOWN.forMs - 1000}::bigint)`.execute(db);
    known = null;
  }

  async function learn(news: readonly LimitNews[]): Promise<void> {
    const number = await numberId();
    if (number === null || news.length === 0) return;
    await readLimits(number.numberId);
    for (const event of news) {
      await db
        .updateTable('send_numbers')
        .set({
          ...(event.dailyPeople === undefined ? {} : { daily_people: event.dailyPeople }),
          ...(event.quality === undefined ? {} : { quality: event.quality }),
          ...(event.perSecond === undefined ? {} : { per_second: event.perSecond }),
          updated_at: clock.now(),
        })
        .where('number_id', '=', number.numberId)
        .execute();
    }
    known = null;
  }

  async function refresh(): Promise<NumberLimits> {
    const { phoneNumberId, graph } = await accounts.graph();
    const info = await graph.phoneNumber(phoneNumberId).catch((error: unknown) => {
      throw toSaksiError(error);
    });
    const dailyPeople = peopleOf(info.messagingLimit);
    await learn([
      {
        ...(dailyPeople === undefined ? {} : { dailyPeople }),
        ...(info.qualityRating === null ? {} : { quality: info.qualityRating }),
      },
    ]);
    return set({});
  }

  async function set(fields: Parameters<SendLimits['set']>[0]): Promise<NumberLimits> {
    const number = await numberId();
    if (number === null) throw new SaksiError('not_ready');
    await readLimits(number.numberId);
    await db
      .updateTable('send_numbers')
      .set({ ...fields, updated_at: clock.now() })
      .where('number_id', '=', number.numberId)
      .execute();
    known = null;
    return readLimits(number.numberId);
  }

  async function prune(): Promise<void> {
    const now = clock.now();
    await sql`delete from send_pairs where ctid = any(array(select ctid from send_pairs
      where free_at < ${now}::double precision order by free_at limit ${ROWS_PER_PASS}))`.execute(db);
    await sql`delete from send_people where ctid = any(array(select ctid from send_people
      where since < ${now - DAY_MS}::double precision limit ${ROWS_PER_PASS}))`.execute(db);
  }

  return { take, slowDown, learn, refresh, set, prune };
}
