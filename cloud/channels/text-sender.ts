/** Sends one queued code over a channel beside WhatsApp: makes the code, puts it into words, hands it over, says what came of it. */
import { sql } from 'kysely';
import type { DeliveryReason } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import { codeForMessage } from '../codes/code-for-message.ts';
import type { CodeKeys } from '../codes/codes.ts';
import type { Engine } from '../db/engine.ts';
import type { Job } from '../messages/job.ts';
import type { DeliveryChange, MessageStore } from '../messages/store.ts';
import type { Channels } from './accounts.ts';
import type { SendOutcome } from './channel.ts';
import type { CodeText } from './texts.ts';

/** Each attempt may cost an SMS, and shows the same code again. */
const ATTEMPTS_MAX = 4;
const BACKOFF_FIRST_SECONDS = 2;
const BACKOFF_SECONDS_MAX = 20;
/** Under a job's expiry: the job of a process that died finds the message free. */
const LEASE_MS = 28_000;

export interface TextSenderOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly store: Pick<MessageStore, 'recipient'>;
  readonly keys: CodeKeys;
  readonly channels: Pick<Channels, 'get'>;
  readonly codeText: CodeText;
}

/** @returns null: another job has the message in hand, or it is no longer for this channel */
export type SendText = (job: Job) => Promise<DeliveryChange | null>;

export function createTextSender(options: TextSenderOptions): SendText {
  const { engine, effects, store, keys, channels, codeText } = options;
  const { clock } = effects;
  const db = engine.kysely;

  return async (job) => {
    if (job.channel === 'whatsapp' || job.redemption_id === null)
      throw new Error('not a code for a text channel');
    if (!(await claim(job))) return null;
    try {
      return await attempt(job, job.channel, job.redemption_id);
    } finally {
      await db.updateTable('messages').set({ sending_until: null }).where('id', '=', job.id).execute();
    }
  };

  async function claim({ id, channel }: Job): Promise<boolean> {
    const now = clock.now();
    const { rows } = await sql`update messages set sending_until = ${now + LEASE_MS}::bigint
      where id = ${id}::uuid and state = 'queued' and channel = ${channel}
        and coalesce(sending_until, 0) < ${now}::bigint returning id`.execute(db);
    return rows.length > 0;
  }

  async function attempt(job: Job, kind: 'sms' | 'email', redemptionId: string): Promise<DeliveryChange> {
    const now = clock.now();
    const sendable = await codeForMessage(db, keys, { redemptionId, serial: job.serial, now });
    // Nobody waits for it any more: it expired, a newer one took its place, or the redemption ended.
    if (sendable === null) return failed('lapsed');
    const channel = await channels.get(kind);
    if (channel === null) return failed('channel_down');
    const leftMs = sendable.expiresAt - now;
    const facts = { code: sendable.code, leftMs, ...(await redemptionFacts(redemptionId)) };
    const outcome = await channel.send({
      messageId: job.id,
      to: store.recipient(job.id, job.recipient_sealed),
      ...codeText(kind, job.language, facts),
      validSeconds: Math.max(1, Math.floor(leftMs / 1000)),
    });
    await note(job.id, kind, outcome);
    return { ...changeOf(job, outcome), template: kind, attempted: true };
  }

  function redemptionFacts(redemptionId: string) {
    return db
      .selectFrom('redemptions as r')
      .innerJoin('stores as s', 's.id', 'r.store_id')
      .select(['s.name as store', 'r.asset', 'r.amount', 'r.currency'])
      .where('r.id', '=', redemptionId)
      .executeTakeFirstOrThrow();
  }

  async function note(messageId: string, channel: 'sms' | 'email', sent: SendOutcome): Promise<void> {
    const { outcome } = sent;
    const rest =
      sent.outcome === 'accepted'
        ? { code: null, provider_id: sent.providerId }
        : { code: sent.code, provider_id: null };
    await db
      .insertInto('channel_sends')
      .values({ message_id: messageId, channel, outcome, ...rest, at: clock.now() })
      .execute();
  }

  function changeOf(job: Job, sent: SendOutcome): DeliveryChange {
    if (sent.outcome === 'accepted') return { state: 'accepted', reason: null };
    if (!sent.retry || job.attempts + 1 >= ATTEMPTS_MAX) return failed(sent.reason);
    const backoff = Math.min(BACKOFF_SECONDS_MAX, BACKOFF_FIRST_SECONDS * 2 ** job.attempts);
    const retryInSeconds = Math.ceil(backoff * (0.5 + effects.random.jitter() / 2));
    if (clock.now() + retryInSeconds * 1000 >= job.expires_at) return failed(sent.reason);
    return { state: 'queued', reason: sent.reason, retryInSeconds };
  }
}

function failed(reason: DeliveryReason): DeliveryChange {
  return { state: 'failed', reason };
}
