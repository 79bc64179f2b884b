/** Sends one queued message: has it made, hands it to WhatsApp, records the answer. */
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { SendResult } from '../whatsapp/client.ts';
import { WhatsAppError, WhatsAppNetworkError } from '../whatsapp/errors.ts';
import type { WhatsAppAccounts } from './accounts.ts';
import { type ComposeOptions, createComposer } from './compose.ts';
import { type Job, readJob } from './job.ts';
import { canGoByTemplate } from './status-batch.ts';
import type { DeliveryChange, MessageStore } from './store.ts';

/** Attempts for one message; each is the same code again, so one too many shows the same thing twice. */
const ATTEMPTS_MAX = 6;
const BACKOFF_FIRST_SECONDS = 1;
const BACKOFF_SECONDS_MAX = 20;
/** WhatsApp's window for one person is 6 s; a second more, because the clocks are not the same. */
const PAIR_WINDOW_SECONDS = 7;

export interface SenderOptions extends ComposeOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly store: MessageStore;
  readonly accounts: WhatsAppAccounts;
  readonly onState: (state: DeliveryState, reason: DeliveryReason | null) => void;
  /** A request that buttons answer was handed to WhatsApp under this ref. */
  readonly asked: (ref: string) => Promise<void>;
}

export type SendMessage = (messageId: string) => Promise<void>;

export function createSender(options: SenderOptions): SendMessage {
  const { engine, effects, store, accounts, onState, asked } = options;
  const compose = createComposer(options);

  return async function send(messageId) {
    const job = await readJob(engine, messageId);
    // Gone, or a status came for it already: it was sent, and only our note of it was lost.
    if (job === undefined || job.state !== 'queued') return;
    const outcome = await attempt(job);
    const reached = await store.record(messageId, () => outcome);
    if (reached !== null) onState(reached, outcome.reason);
    if (job.kind === 'approval_request' && job.approval_ref !== null && outcome.state === 'accepted') {
      await asked(job.approval_ref);
    }
  };

  async function attempt(job: Job): Promise<DeliveryChange> {
    const composed = await compose(job);
    if ('failed' in composed) return failed(composed.failed);
    const client = await accounts.client();
    if (client === null) return failed('not_connected');
    const noted = { template: composed.label, attempted: true };
    try {
      return { ...accepted(await client.send(composed.message)), ...noted };
    } catch (error) {
      if (!(error instanceof WhatsAppError || error instanceof WhatsAppNetworkError)) throw error;
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
    if (effects.clock.now() + retryInSeconds * 1000 >= job.expires_at) return failed(reason);
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
