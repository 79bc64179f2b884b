/** Messages as they are kept: queueing one, recording how far it came, and telling its till. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Delivery, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { MessagesTable, StaffContent } from '../db/shell-tables.ts';
import { type Sealed, seal, unseal } from '../keys/sealed.ts';
import type { CodeMessage, QueuedMessage } from '../redemptions/ports.ts';
import { type Address, addressText, countryOf, parseAddress } from '../whatsapp/outgoing.ts';
import { deliveryView } from './delivery-view.ts';
import { QUEUE } from './queue.ts';
import { createRecorder, type RecorderOptions } from './recorder.ts';

/** A job that failed for good leaves its message behind; it is given up this long after its code lapsed. */
const GIVE_UP_AFTER_MS = 60_000;
const GIVE_UP_BATCH = 100;
/** How long one look at all stores' queues is good for: every stream's ping asks. */
const WAITING_FRESH_MS = 1000;

/** How far a message came, and what is now known about it. */
export interface DeliveryChange {
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
  readonly wamid?: string;
  readonly template?: string;
  /** Whether this was an attempt to send. */
  readonly attempted?: boolean;
  /** Queue it again after this long. */
  readonly retryInSeconds?: number;
  /** The person's window is closed: from now on by template only. The wamid, where one was given, does not count any more. */
  readonly windowClosed?: { readonly wamid: string | null };
  /** Counts only while the message goes this way: it may have left for another meanwhile. */
  readonly onChannel?: Delivery['channel'];
}

/** A message to a member of staff, a reply to whoever wrote, or what a customer is told beside codes. */
export interface StaffMessage {
  readonly kind:
    | 'login_code'
    | 'approval_request'
    | 'approval_code'
    | 'note'
    | 'offline_spent'
    | 'offline_loss'
    | 'drawer_alert'
    | 'credit_low'
    | 'notice'
    | 'finding_alert'
    | 'digest';
  readonly storeId: string | null;
  readonly tillId: string | null;
  /** Whose question it is; null of a note. */
  readonly question: { readonly approvalId: string; readonly ref: string } | null;
  /** Of a code at sign-in. */
  readonly login?: { readonly loginId: string; readonly staffId: string; readonly serial: number };
  /** Of a reply: the WhatsApp account that was written to. Left out: the store's. */
  readonly account?: string;
  readonly address: Address;
  readonly language: string;
  /** Null of a code. */
  readonly content: StaffContent | null;
  /** After this (epoch ms) it is worthless and must not be sent. */
  readonly expiresAt: number;
}

export interface MessageStore {
  /**
   * The message as it is kept, for the SQL function `add_message`, which keeps and queues it; call `queue.wake()` after the
   * commit.
   */
  prepare(message: CodeMessage): QueuedMessage;
  /** The same of a message to staff. */
  prepareForStaff(message: StaffMessage): QueuedMessage;
  /** Keeps messages to staff and queues them, in the caller's transaction; call `queue.wake()` after the commit. */
  addForStaff(trx: Kysely<Database>, messages: readonly StaffMessage[]): Promise<void>;
  /** As it was kept, of any channel. */
  recipient(messageId: string, sealed: Sealed): string;
  /** Of WhatsApp. */
  address(messageId: string, sealed: Sealed): Address;
  /** The newest message of a redemption. */
  deliveryOf(db: Kysely<Database>, redemptionId: string): Promise<Delivery>;
  /**
   * Takes over what is news, and tells the till. Old news changes nothing.
   * @returns the state reached by this change, or null when it was old news
   */
  record(messageId: string, change: DeliveryChange): Promise<DeliveryState | null>;
  waitingByStore(): Promise<ReadonlyMap<string, number>>;
  /** Gives up queued messages whose code lapsed and that no job took care of. A bounded batch. */
  giveUpLapsed(): Promise<void>;
}

export interface MessageStoreOptions extends Omit<RecorderOptions, 'clock'> {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly secretsKey: Uint8Array;
}

export function createMessageStore(options: MessageStoreOptions): MessageStore {
  const { engine, effects, secretsKey } = options;
  const { clock } = effects;
  const record = createRecorder({ ...options, clock });
  const recipient = (messageId: string, sealed: Sealed) => unseal(secretsKey, placeOf(messageId), sealed);
  let waiting: { at: number; byStore: Promise<ReadonlyMap<string, number>> } | null = null;

  function prepare(message: CodeMessage): QueuedMessage {
    const id = createUuid(effects);
    const now = clock.now();
    const { phoneE164, email = '' } = message;
    const row: Selectable<MessagesTable> = {
      id,
      store_id: message.storeId,
      till_id: message.tillId,
      redemption_id: message.redemptionId,
      serial: message.serial,
      kind: 'code',
      channel: message.channel,
      recipient_sealed: seal(secretsKey, effects.random, placeOf(id), phoneE164 ?? email),
      language: message.language,
      template: null,
      state: 'queued',
      reason: null,
      wamid: null,
      attempts: 0,
      created_at: now,
      expires_at: message.expiresAt,
      updated_at: now,
      country: phoneE164 === null ? null : countryOf({ phone: phoneE164 }),
      ...NOT_FOR_STAFF,
    };
    return { queue: QUEUE, row: JSON.stringify(row) };
  }

  async function addForStaff(trx: Kysely<Database>, messages: readonly StaffMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const rows = JSON.stringify(messages.map(staffRow));
    await sql`select add_message(${QUEUE}, row) from jsonb_array_elements(${rows}::jsonb) as row`.execute(
      trx,
    );
  }

  function prepareForStaff(message: StaffMessage): QueuedMessage {
    return { queue: QUEUE, row: JSON.stringify(staffRow(message)) };
  }

  function staffRow(message: StaffMessage): Selectable<MessagesTable> {
    const id = createUuid(effects);
    const now = clock.now();
    return {
      id,
      store_id: message.storeId,
      till_id: message.tillId,
      redemption_id: null,
      serial: message.login?.serial ?? 1,
      kind: message.kind,
      channel: 'whatsapp',
      recipient_sealed: seal(secretsKey, effects.random, placeOf(id), addressText(message.address)),
      language: message.language,
      template: null,
      state: 'queued',
      reason: null,
      wamid: null,
      attempts: 0,
      created_at: now,
      expires_at: message.expiresAt,
      updated_at: now,
      approval_id: message.question?.approvalId ?? null,
      approval_ref: message.question?.ref ?? null,
      content: message.content,
      template_only: null,
      abandoned_wamid: null,
      country: countryOf(message.address),
      ...NO_SEALED_CODES,
      staff_id: message.login?.staffId ?? null,
      login_id: message.login?.loginId ?? null,
      whatsapp_account: message.account ?? null,
    };
  }

  async function deliveryOf(db: Kysely<Database>, redemptionId: string): Promise<Delivery> {
    const row = await db
      .selectFrom('messages')
      .select(['channel', 'state', 'reason', 'retry_at'])
      .where('redemption_id', '=', redemptionId)
      .orderBy('serial', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? { channel: 'whatsapp', state: 'queued', reason: null } : deliveryView(row);
  }

  function waitingByStore(): Promise<ReadonlyMap<string, number>> {
    const now = clock.monotonic();
    if (waiting !== null && now - waiting.at < WAITING_FRESH_MS) return waiting.byStore;
    const byStore = countWaiting(engine.kysely);
    waiting = { at: now, byStore };
    byStore.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      waiting = null;
    });
    return byStore;
  }

  async function giveUpLapsed(): Promise<void> {
    const left = await engine.kysely
      .selectFrom('messages')
      .select('id')
      .where(sql<boolean>`waiting`)
      .where('expires_at', '<', clock.now() - GIVE_UP_AFTER_MS)
      .limit(GIVE_UP_BATCH)
      .execute();
    for (const { id } of left) await record(id, { state: 'failed', reason: 'lapsed' });
  }

  return {
    prepare,
    prepareForStaff,
    addForStaff,
    deliveryOf,
    record,
    waitingByStore,
    giveUpLapsed,
    recipient,
    address: (messageId, sealed) => parseAddress(recipient(messageId, sealed)),
  };
}

/** What only happens to a message later. */
export const NOT_YET = {
  retry_at: null,
  channel_since: null,
  sending_until: null,
  fallback_over: null,
} as const;
const NO_SEALED_CODES = {
  staff_id: null,
  content_sealed: null,
  closed: null,
  login_id: null,
  whatsapp_account: null,
  ...NOT_YET,
} as const;

/** Of a customer's code. */
const NOT_FOR_STAFF = {
  approval_id: null,
  approval_ref: null,
  content: null,
  template_only: null,
  abandoned_wamid: null,
  ...NO_SEALED_CODES,
} as const;

export function placeOf(messageId: string): string {
  return `messages.recipient:${messageId}`;
}

async function countWaiting(db: Kysely<Database>): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('messages')
    .select(['store_id', sql<number>`count(*)`.as('waiting')])
    .where(sql<boolean>`waiting`)
    .where('store_id', 'is not', null)
    .groupBy('store_id')
    .execute();
  return new Map(rows.flatMap(({ store_id: id, waiting }) => (id === null ? [] : [[id, waiting] as const])));
}
