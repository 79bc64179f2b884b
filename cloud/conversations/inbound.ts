/**
 * What people write to us, each message applied exactly once: kept by its id before the webhook is answered, handled right
 * after it, in one transaction with everything that follows from it. In order for each sender; safe in several processes.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import type { Db, Trx } from '../approvals/ports.ts';
import type { Engine } from '../db/engine.ts';
import { seal, unseal } from '../keys/sealed.ts';
import type { MessageEvent } from '../whatsapp/webhook.ts';
import {
  addressesOf,
  type ContactKey,
  type Sender,
  touchWindows,
  WINDOW_KEPT_MS,
  windowsOf,
} from './windows.ts';

const ROWS_PER_INSERT = 200;
/** Messages handled in one go; the next go comes at once when there were this many. */
const MESSAGES_PER_RUN = 500;
/** A message that cannot be handled is tried this often, then kept as failed: others of its sender wait behind it. */
const ATTEMPTS_MAX = 5;
/** Meta repeats a webhook for 7 days. */
const KEPT_MS = 8 * 24 * 3_600_000;

export type InboundOutcome =
  | 'tap'
  | 'tap_refused'
  | 'reason'
  | 'enrolled'
  | 'word_refused'
  | 'consent'
  | 'changed'
  | 'unrequested'
  | 'unanswered'
  | 'unsupported'
  | 'failed';

/** What became of one message. */
export interface Handled {
  readonly outcome: InboundOutcome;
  readonly replied: boolean;
  /** Keep the text a while: it may turn out to be the reason of a reject that is still under way. */
  readonly keepBody?: boolean;
  /** Called after the commit. */
  committed(): void;
}

export interface InboundMessage extends Sender {
  readonly id: number;
  readonly wamid: string;
  /** Keyed hash of who wrote. */
  readonly sender: string;
  /** By Meta's clock. */
  readonly sentAt: number;
  readonly username?: string;
  /** wamid of the message that this one answers. */
  readonly replyTo?: string;
  readonly content: MessageEvent['content'];
}

export type HandleInbound = (trx: Trx, message: InboundMessage) => Promise<Handled>;

/** @returns whether the message needs nothing more: it was handled and committed, or had been kept before */
export type HandleAtOnce = (event: MessageEvent) => Promise<boolean>;

export interface Inbound {
  /** Handles a message at once where that can be. @returns whether it needs nothing more; else it is to be kept */
  atOnce: HandleAtOnce;
  /** Keeps messages not seen before. @returns how many were new */
  keep(events: readonly MessageEvent[]): Promise<number>;
  /** Handles what was kept. Bounded. */
  handle(): Promise<void>;
  /** Forgets what nobody repeats any more. */
  prune(): Promise<void>;
}

export interface InboundOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly secretsKey: Uint8Array;
  readonly contactKey: ContactKey;
  readonly handle: HandleInbound;
  /** A shorter way for the most frequent message; what it leaves is kept and handled. */
  readonly atOnce?: HandleAtOnce;
  readonly onError: (error: unknown) => void;
}

const body = z.strictObject({
  account: z.string().optional(),
  from: z.string().optional(),
  userId: z.string().optional(),
  username: z.string().optional(),
  replyTo: z.string().optional(),
  content: z.custom<MessageEvent['content']>((value) => typeof value === 'object' && value !== null),
});

export function createInbound(options: InboundOptions): Inbound {
  const { engine, effects, secretsKey, contactKey, onError } = options;
  const { clock, random } = effects;
  const db = engine.kysely;

  async function atOnce(event: MessageEvent): Promise<boolean> {
    try {
      return (await options.atOnce?.(event)) ?? false;
    } catch (error) {
      // Whatever went wrong: it is kept, unless it is there already, and tried in the usual way.
      onError(error);
      return false;
    }
  }

  async function keep(events: readonly MessageEvent[]): Promise<number> {
    let fresh = 0;
    for (let from = 0; from < events.length; from += ROWS_PER_INSERT) {
      const rows = events.slice(from, from + ROWS_PER_INSERT).flatMap(toRow);
      if (rows.length === 0) continue;
      const inserted = await db
        .insertInto('inbound_messages')
        .values(rows)
        .onConflict((conflict) => conflict.column('wamid').doNothing())
        .returning('wamid')
        .execute();
      fresh += inserted.length;
    }
    return fresh;
  }

  /** None for a message that says nothing about who wrote it: there is nobody to answer or to match. */
  function toRow(event: MessageEvent) {
    const sender = senderKey(event, contactKey);
    if (sender === null) return [];
    const { wamid, account, from, userId, username, replyTo, content } = event;
    const kept = JSON.stringify({ account, from, userId, username, replyTo, content });
    return [
      {
        wamid,
        sender,
        sent_at: event.timestampMs,
        received_at: clock.now(),
        body_sealed: seal(secretsKey, random, placeOf(wamid), kept),
        outcome: null,
        handled_at: null,
      },
    ];
  }

  async function handle(): Promise<void> {
    const failed: number[] = [];
    for (let count = 0; count < MESSAGES_PER_RUN; count += 1) {
      const next = await handleNext(failed);
      if (next === 'none') return;
      if (next === 'failed' && failed.length >= ATTEMPTS_MAX) return;
    }
  }

  async function handleNext(failed: number[]): Promise<'none' | 'done' | 'failed'> {
    let taken: { id: number; attempts: number } | null = null;
    try {
      const handled = await db.transaction().execute(async (trx) => {
        const row = await takeNext(trx, failed);
        if (row === undefined) return null;
        taken = row;
        const message = read(row);
        const { writtenAt, now } = { writtenAt: message.sentAt, now: clock.now() };
        await touchWindows(trx, windowsOf(message, contactKey), { writtenAt, now });
        const result = await options.handle(trx, message);
        await finish(trx, row.id, result);
        return result;
      });
      handled?.committed();
      return handled === null ? 'none' : 'done';
    } catch (error) {
      if (taken === null) throw error;
      onError(error);
      const { id, attempts } = taken as { id: number; attempts: number };
      failed.push(id);
      await countFailure(id, attempts + 1);
      return 'failed';
    }
  }

  /** The oldest of a sender that nobody else has in hand; a sender's later ones wait for it. */
  async function takeNext(trx: Trx, except: readonly number[]) {
    const { rows } = await sql<{
      id: number;
      wamid: string;
      sender: string;
      sent_at: number;
      body_sealed: string;
      attempts: number;
    }>`
      select id, wamid, sender, sent_at, body_sealed, attempts from inbound_messages m
      where handled_at is null and not (id = any(${`{${except.join()}}`}::bigint[])) and not exists (
        select 1 from inbound_messages o where o.sender = m.sender and o.handled_at is null and o.id < m.id)
      order by id limit 1 for update skip locked`.execute(trx);
    return rows[0];
  }

  function read(row: {
    id: number;
    wamid: string;
    sender: string;
    sent_at: number;
    body_sealed: string;
  }): InboundMessage {
    const { id, wamid, sender, sent_at: sentAt } = row;
    const opened = body.parse(JSON.parse(unseal(secretsKey, placeOf(wamid), row.body_sealed)));
    const { account, from, userId, username, replyTo, content } = opened;
    return {
      ...{ id, wamid, sender, sentAt, content },
      ...(account === undefined ? {} : { account }),
      ...(from === undefined ? {} : { from }),
      ...(userId === undefined ? {} : { userId }),
      ...(username === undefined ? {} : { username }),
      ...(replyTo === undefined ? {} : { replyTo }),
    };
  }

  async function finish(
    on: Db,
    id: number,
    { outcome, replied, keepBody = false }: Pick<Handled, 'outcome' | 'replied' | 'keepBody'>,
  ): Promise<void> {
    await on
      .updateTable('inbound_messages')
      .set({ outcome, replied, handled_at: clock.now(), ...(keepBody ? {} : { body_sealed: null }) })
      .where('id', '=', id)
      .execute();
  }

  async function countFailure(id: number, attempts: number): Promise<void> {
    if (attempts >= ATTEMPTS_MAX) return finish(db, id, { outcome: 'failed', replied: false });
    await db.updateTable('inbound_messages').set({ attempts }).where('id', '=', id).execute();
  }

  async function prune(): Promise<void> {
    const now = clock.now();
    await db
      .deleteFrom('inbound_messages')
      .where('received_at', '<', now - KEPT_MS)
      .execute();
    await db
      .updateTable('inbound_messages')
      .set({ body_sealed: null })
      .where('body_sealed', 'is not', null)
      .where('handled_at', '<', now - LATE_REASON_MS)
      .execute();
    await db
      .deleteFrom('contact_windows')
      .where('last_inbound_at', '<', now - WINDOW_KEPT_MS)
      .execute();
  }

  return { atOnce, keep, handle, prune };
}

/** Who wrote, as one name. By the account where it is known: it is there with and without the number. */
export function senderKey(event: Sender, contactKey: ContactKey): string | null {
  const address = addressesOf(event).at(-1);
  return address === undefined ? null : contactKey(address, event.account);
}

/** How long a text that came before its Reject is kept for it: webhooks overtake each other by seconds. */
export const LATE_REASON_MS = 30_000;

export function placeOf(wamid: string): string {
  return `inbound_messages.body:${wamid}`;
}

/**
 * The text that this sender wrote after `sentAt` and that overtook the Reject, or null. Takes it. In the same second it may
 * as well have been written before, about something else; nobody types a reason that fast.
 */
export async function takeEarlyText(
  trx: Trx,
  secretsKey: Uint8Array,
  { sender, sentAt, now }: { sender: string; sentAt: number; now: number },
): Promise<string | null> {
  const row = await trx
    .selectFrom('inbound_messages')
    .select(['id', 'wamid', 'body_sealed'])
    .where('sender', '=', sender)
    .where('outcome', '=', 'unanswered')
    .where('body_sealed', 'is not', null)
    .where('sent_at', '>', sentAt)
    .where('handled_at', '>', now - LATE_REASON_MS)
    .orderBy('sent_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (row?.body_sealed == null) return null;
  await trx
    .updateTable('inbound_messages')
    .set({ body_sealed: null, outcome: 'reason' })
    .where('id', '=', row.id)
    .execute();
  const { content } = body.parse(JSON.parse(unseal(secretsKey, placeOf(row.wamid), row.body_sealed)));
  return content.kind === 'text' ? content.text : null;
}
