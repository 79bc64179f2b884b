/** From webhooks that were proved to be Meta's to what is committed: the webhook is answered only after it. */
import type { AccountEvents } from '../account/events.ts';
import type { Inbound } from '../conversations/inbound.ts';
import { isDatabaseAway } from '../db/away.ts';
import type { SendLimits } from '../limits/limits.ts';
import { limitNewsOf } from '../limits/news.ts';
import type { Statuses } from '../messages/statuses.ts';
import type { AccountEvent, MessageEvent, StatusEvent, WebhookEvent } from '../whatsapp/webhook.ts';
import { createGroupCommit } from './group-commit.ts';

/** Events of one commit. */
const EVENTS_MAX = 2000;

export interface WebhookIngest {
  /**
   * Everything that a webhook brought, each event applied once; committed when it resolves. What cannot be taken over at once
   * is kept, and taken over later. Rejects when the database did not take it: Meta then sends it again.
   */
  take(events: readonly WebhookEvent[]): Promise<void>;
}

export interface WebhookIngestOptions {
  readonly inbound: Pick<Inbound, 'atOnce' | 'keep'>;
  readonly statuses: Pick<Statuses, 'absorb'>;
  readonly account: Pick<AccountEvents, 'keep'>;
  readonly limits: Pick<SendLimits, 'learn'>;
  /** Statuses were kept that are not taken over yet. */
  readonly onStatuses: () => void;
  /** Messages from people were kept: handle them at once. */
  readonly onMessages: () => void;
}

type KeptEvent = StatusEvent | MessageEvent | AccountEvent;

export function createWebhookIngest(options: WebhookIngestOptions): WebhookIngest {
  const { inbound, statuses, account, limits, onStatuses, onMessages } = options;
  const group = createGroupCommit<KeptEvent>({ commit, itemsMax: EVENTS_MAX, isShared: isDatabaseAway });

  async function take(events: readonly WebhookEvent[]): Promise<void> {
    const kept = events.filter(isKept);
    const messages = kept.filter((event) => event.type === 'message');
    const [only] = messages;
    // Before everything else: somebody at a till waits for a decision.
    const done = only !== undefined && messages.length === 1 && (await inbound.atOnce(only));
    const left = done ? kept.filter((event) => event !== only) : kept;
    if (left.length > 0) await group.add(left);
  }

  async function commit(events: readonly KeptEvent[]): Promise<void> {
    const messages: MessageEvent[] = [];
    const found: StatusEvent[] = [];
    const about: AccountEvent[] = [];
    for (const event of events) {
      if (event.type === 'status') found.push(event);
      else if (event.type === 'message') messages.push(event);
      else about.push(event);
    }
    if (messages.length > 0 && (await inbound.keep(messages)) > 0) onMessages();
    if (about.length > 0) await keepNews(about);
    if (found.length > 0 && (await statuses.absorb(found)) > 0) onStatuses();
  }

  async function keepNews(about: readonly AccountEvent[]): Promise<void> {
    await account.keep(about);
    const inOrder = [...about].sort((one, other) => (one.timestampMs ?? 0) - (other.timestampMs ?? 0));
    await limits.learn(inOrder.map(limitNewsOf).filter((news) => news !== null));
  }

  return { take };
}

function isKept(event: WebhookEvent): event is KeptEvent {
  return event.type === 'status' || event.type === 'message' || event.type === 'account';
}
