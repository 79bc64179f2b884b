/** Sends one queued message: waits until it may go, has it made, hands it to WhatsApp, records the answer. */
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import { type Effects, sleep } from '../../shared/effects.ts';
import type { SendText } from '../channels/text-sender.ts';
import type { Engine } from '../db/engine.ts';
import { sendClass } from '../limits/classes.ts';
import type { SendResult } from '../whatsapp/client.ts';
import { THROUGHPUT, WhatsAppError, WhatsAppNetworkError } from '../whatsapp/errors.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import { type ComposeOptions, createComposer } from './compose.ts';
import { type Job, readJob } from './job.ts';
import type { SendingAccounts } from './sending-accounts.ts';
import { canGoByTemplate } from './status-batch.ts';
import type { DeliveryChange, MessageStore } from './store.ts';

/** Attempts for one message; each is the same code again, so one too many shows the same thing twice. */
const ATTEMPTS_MAX = 6;
const BACKOFF_FIRST_SECONDS = 1;
const BACKOFF_SECONDS_MAX = 20;
/** WhatsApp's window for one person is 6 s; a second more, because the clocks are not the same. */
const PAIR_WINDOW_SECONDS = 7;
/** A message waits in hand for its turn for so long; then it goes back to the queue. Well under a job's expiry. */
const IN_HAND_MS_MAX = 5000;
/** What was read with the message is taken for so long; what waits longer for its turn may be of no use by then. */
const FRESH_MS = 1000;
const WAIT_REASONS = {
  rate: 'wait_moment',
  person: 'wait_person_limit',
  day: 'daily_limit',
} as const satisfies Record<string, DeliveryReason>;

export interface SenderOptions extends ComposeOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly store: MessageStore;
  readonly accounts: Pick<SendingAccounts, 'of'>;
  /** Over the channels beside WhatsApp. */
  readonly sendText: SendText;
  readonly onState: (state: DeliveryState, reason: DeliveryReason | null) => void;
  /** A request that buttons answer was handed to WhatsApp under this ref. */
  readonly asked: (ref: string) => Promise<void>;
}

/** @param read as it was read just now; null: it is gone. Left out: it is read. */
export type SendMessage = (messageId: string, read?: Job | null) => Promise<void>;

export function createSender(options: SenderOptions): SendMessage {
  const { engine, effects, store, accounts, sendText, onState, asked, contactKey } = options;
  const { clock } = effects;
  const compose = createComposer(options);

  return async function send(messageId, read) {
    const job = read === undefined ? await readJob(engine, messageId) : read;
    // Gone, or a status came for it already: it was sent, and only our note of it was lost.
    if (job === null || job.state !== 'queued') return;
    const outcome = job.channel === 'whatsapp' ? await overWhatsApp(job) : await sendText(job);
    if (outcome === null) return;
    const reached = await store.record(messageId, { ...outcome, onChannel: job.channel });
    if (reached !== null) onState(reached, outcome.reason);
    if (job.kind === 'approval_request' && job.approval_ref !== null && outcome.state === 'accepted') {
      await asked(job.approval_ref);
    }
  };

  async function overWhatsApp(job: Job): Promise<DeliveryChange> {
    const freshUntil = clock.monotonic() + FRESH_MS;
    const address = store.address(job.id, job.recipient_sealed);
    return (await waitForTurn(job, address)) ?? (await attempt(job, address, freshUntil));
  }

  /** Null: its turn has come. Else what is noted instead: it waits longer, or would come too late. */
  async function waitForTurn(job: Job, address: Address): Promise<DeliveryChange | null> {
    // Outside the window a note is not sent at all.
    const { limits } = accounts.of(job.account);
    const ask = {
      contact: contactKey(address, job.account),
      class: sendClass(job.kind),
      template: job.kind !== 'note',
    };
    const since = clock.monotonic();
    for (;;) {
      const { waitMs, why } = await limits.take(ask);
      if (why === null) return null;
      const reason = WAIT_REASONS[why];
      if (clock.now() + waitMs >= job.expires_at) return failed(reason);
      if (why !== 'rate' || clock.monotonic() - since + waitMs > IN_HAND_MS_MAX) {
        return { state: 'queued', reason, retryInSeconds: Math.ceil(waitMs / 1000) };
      }
      await sleep(clock, waitMs);
    }
  }

  async function attempt(job: Job, address: Address, freshUntil: number): Promise<DeliveryChange> {
    const composed = await compose(job, address, clock.monotonic() < freshUntil);
    if ('failed' in composed) return failed(composed.failed);
    const { account, limits } = accounts.of(job.account);
    const client = await account.client();
    if (client === null) return failed('not_connected');
    const noted = { template: composed.label, attempted: true };
    try {
      return { ...accepted(await client.send(composed.message)), ...noted };
    } catch (error) {
      if (!(error instanceof WhatsAppError || error instanceof WhatsAppNetworkError)) throw error;
      if (error.rule === THROUGHPUT) await limits.slowDown();
      return { ...refused(job, error), ...noted };
    }
  }

  function refused(job: Job, error: WhatsAppError | WhatsAppNetworkError): DeliveryChange {
    const { rule } = error;
    const { reason } = rule;
    const code = error instanceof WhatsAppError ? error.code : null;
    if (canGoByTemplate({ kind: job.kind, templateOnly: job.template_only === true }, code)) {
      return { state: 'queued', reason: null, windowClosed: { wamid: null }, retryInSeconds: 0 };
    }
    if (rule.retry === 'no' || job.attempts + 1 >= ATTEMPTS_MAX) return failed(reason);
    const backoff = Math.min(BACKOFF_SECONDS_MAX, BACKOFF_FIRST_SECONDS * 2 ** job.attempts);
    const least = rule.retry === 'after_pair_window' ? PAIR_WINDOW_SECONDS : 0;
    const retryInSeconds = Math.ceil(least + backoff * (0.5 + effects.random.jitter() / 2));
    if (clock.now() + retryInSeconds * 1000 >= job.expires_at) return failed(reason);
    return { state: 'queued', reason, retryInSeconds };
  }
}

function accepted(result: SendResult): DeliveryChange {
  // A paused template's messages are held back by Meta and mostly dropped.
  if (result.status === 'paused') return { ...failed('template_paused'), wamid: result.wamid };
  return { state: 'accepted', reason: null, wamid: result.wamid };
}

function failed(reason: DeliveryReason): DeliveryChange {
  return { state: 'failed', reason };
}
