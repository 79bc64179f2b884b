/** Messages that carry sealed codes to those who hold them: the one place where their clear text is kept, sealed, until it is gone. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { sealedCodeText } from '../../shared/offline.ts';
import type { Database } from '../db/schema.ts';
import type { MessagesTable } from '../db/shell-tables.ts';
import { seal, unseal } from '../keys/sealed.ts';
import { type Address, addressText, countryOf } from '../whatsapp/outgoing.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { QUEUE } from './queue.ts';
import { NOT_YET, placeOf } from './store.ts';

/** Tills that connect together in the morning share one message. */
export const GATHER_SECONDS = 20;
/** Codes that did not get through by then are made anew. */
const TTL_MS = 12 * 3_600_000;
const TILL_NAME_MAX = 24;
const STORE_NAME_MAX = 60;
/** Of all tills' codes in one message: with the template's own text below Meta's 1024 characters. */
const LIST_LENGTH_MAX = 560;

/** The codes of one till, as one person holds them. */
export interface TillCodes {
  readonly tillId: string;
  readonly till: string;
  /** Normalised. */
  readonly codes: readonly string[];
  /** Epoch ms. */
  readonly until: number;
}

export interface SealedContent {
  readonly store: string;
  readonly timezone: string;
  readonly tills: readonly TillCodes[];
}

export interface CodesMessage {
  readonly storeId: string;
  readonly staffId: string;
  readonly address: Address;
  readonly language: string;
  readonly store: string;
  readonly timezone: string;
  readonly codes: TillCodes;
}

export interface SealedCodeMessages {
  /**
   * Adds the codes to the message that this person is about to get, or queues one, in the caller's transaction.
   * @returns the message's id. Call `queue.wake()` after the commit.
   */
  add(trx: Kysely<Database>, message: CodesMessage): Promise<string>;
  /** Opens it for sending; nothing is added to it from then on. Null: gone, or past its time. */
  take(db: Kysely<Database>, messageId: string): Promise<SealedContent | null>;
  /** Takes the codes out of messages past their time. Bounded. */
  forget(db: Kysely<Database>): Promise<void>;
}

export function createSealedCodeMessages({
  effects,
  secretsKey,
}: {
  effects: Effects;
  secretsKey: Uint8Array;
}): SealedCodeMessages {
  const { clock, random } = effects;
  const sealed = (id: string, content: SealedContent) =>
    seal(secretsKey, random, contentPlace(id), JSON.stringify(content));
  const open = (id: string, text: string) =>
    JSON.parse(unseal(secretsKey, contentPlace(id), text)) as SealedContent;

  async function add(trx: Kysely<Database>, message: CodesMessage): Promise<string> {
    const { store, timezone, codes } = message;
    const recipient = addressText(message.address);
    const waiting = await trx
      .selectFrom('messages')
      .select(['id', 'content_sealed', 'recipient_sealed'])
      .where('kind', '=', 'sealed_codes')
      .where('staff_id', '=', message.staffId)
      .where(sql<boolean>`waiting`)
      .where('closed', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute();
    for (const { id, content_sealed: text, recipient_sealed: to } of waiting) {
      if (text === null || unseal(secretsKey, placeOf(id), to) !== recipient) continue;
      const before = open(id, text);
      const others = before.tills.filter(({ tillId }) => tillId !== codes.tillId);
      const content = { ...before, tills: [...others, codes] };
      if (listText(content.tills).length > LIST_LENGTH_MAX) continue;
      await trx
        .updateTable('messages')
        .set({ content_sealed: sealed(id, content) })
        .where('id', '=', id)
        .execute();
      return id;
    }
    const id = createUuid(effects);
    const now = clock.now();
    const row: Selectable<MessagesTable> = {
      id,
      store_id: message.storeId,
      till_id: null,
      redemption_id: null,
      serial: 1,
      kind: 'sealed_codes',
      channel: 'whatsapp',
      recipient_sealed: seal(secretsKey, random, placeOf(id), recipient),
      language: message.language,
      template: null,
      state: 'queued',
      reason: null,
      wamid: null,
      attempts: 0,
      created_at: now,
      expires_at: Math.min(now + TTL_MS, codes.until),
      updated_at: now,
      approval_id: null,
      approval_ref: null,
      content: null,
      template_only: null,
      abandoned_wamid: null,
      staff_id: message.staffId,
      content_sealed: sealed(id, { store, timezone, tills: [codes] }),
      closed: null,
      login_id: null,
      whatsapp_account: null,
      country: countryOf(message.address),
      ...NOT_YET,
    };
    await sql`insert into messages
      select * from jsonb_populate_record(null::messages, ${JSON.stringify(row)}::jsonb)`.execute(trx);
    await sql`select queue_message(${QUEUE}, ${id}::uuid, ${GATHER_SECONDS}::integer)`.execute(trx);
    return id;
  }

  async function take(db: Kysely<Database>, messageId: string): Promise<SealedContent | null> {
    const row = await db
      .updateTable('messages')
      .set({ closed: true })
      .where('id', '=', messageId)
      .where('expires_at', '>', clock.now())
      .returning('content_sealed')
      .executeTakeFirst();
    return row?.content_sealed == null ? null : open(messageId, row.content_sealed);
  }

  async function forget(db: Kysely<Database>): Promise<void> {
    await db
      .updateTable('messages')
      .set({ content_sealed: null })
      .where('content_sealed', 'is not', null)
      .where('expires_at', '<', clock.now())
      .execute();
  }

  return { add, take, forget };
}

/** Words of `saksi_sealed_codes`: the shop, each till's codes, until when all of them hold. */
export function sealedWords({ store, timezone, tills }: SealedContent, language: string): string[] {
  const until = Math.min(...tills.map((till) => till.until));
  return [
    parameterText(store, STORE_NAME_MAX),
    parameterText(listText(tills), LIST_LENGTH_MAX),
    dateText(until, language, timezone),
  ];
}

/** 'Kasir 1: K7QM-3XW9, 02FD-PZQ8; Kasir 2: …' */
function listText(tills: readonly TillCodes[]): string {
  return tills
    .map(
      ({ till, codes }) => `${parameterText(till, TILL_NAME_MAX)}: ${codes.map(sealedCodeText).join(', ')}`,
    )
    .join('; ');
}

/** '1 December 16.00' in the person's language and the shop's time. */
export function dateText(at: number, language: string, timezone: string): string {
  const format = new Intl.DateTimeFormat(language, {
    ...{ timeZone: timezone, day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' },
  });
  return parameterText(format.format(at), 60);
}

function contentPlace(messageId: string): string {
  return `messages.content:${messageId}`;
}
