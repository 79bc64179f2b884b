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
  /** Of the accounts here that are this business account's; left out: Meta did not say whose news it is. */
  readonly limitsOf: (wabaId: string | undefined) => Promise<readonly Pick<SendLimits, 'learn'>[]>;
  /** Transactions of statuses at the same time: more than one only where the database takes more than one. */
  readonly lanes: number;
  /** Statuses were kept that are not taken over yet. */
  readonly onStatuses: () => void;
  /** Messages from people were kept: handle them at once. */
  readonly onMessages: () => void;
}

export function createWebhookIngest(options: WebhookIngestOptions): WebhookIngest {
  const { inbound, statuses, account, limitsOf, lanes, onStatuses, onMessages } = options;
  const isShared = isDatabaseAway;
  const statusGroup = createGroupCommit({ commit: commitStatuses, itemsMax: EVENTS_MAX, lanes, isShared });
  // One after the other: what one person writes is kept in the order in which it came. And nobody who writes waits for statuses.
  const otherGroup = createGroupCommit({ commit: commitOthers, itemsMax: EVENTS_MAX, isShared });

  async function take(events: readonly WebhookEvent[]): Promise<void> {
    const messages = events.filter((event) => event.type === 'message');
    const [only] = messages;
    // Before everything else: somebody at a till waits for a decision.
    const done = only !== undefined && messages.length === 1 && (await inbound.atOnce(only));
    const others = [...(done ? [] : messages), ...events.filter((event) => event.type === 'account')];
    const found = events.filter((event) => event.type === 'status');
    await Promise.all([
      others.length === 0 ? null : otherGroup.add(others),
      found.length === 0 ? null : statusGroup.add(found),
    ]);
  }

  async function commitStatuses(found: readonly StatusEvent[]): Promise<void> {
    if ((await statuses.absorb(found)) > 0) onStatuses();
  }

  async function commitOthers(events: readonly (MessageEvent | AccountEvent)[]): Promise<void> {
    const messages = events.filter((event) => event.type === 'message');
    const about = events.filter((event) => event.type === 'account');
    if (messages.length > 0 && (await inbound.keep(messages)) > 0) onMessages();
    if (about.length > 0) await keepNews(about);
  }

  async function keepNews(about: readonly AccountEvent[]): Promise<void> {
    await account.keep(about);
    const inOrder = [...about].sort((one, other) => (one.timestampMs ?? 0) - (other.timestampMs ?? 0));
    for (const wabaId of new Set(inOrder.map((event) => event.wabaId))) {
      const of = inOrder.filter((event) => event.wabaId === wabaId);
      const news = of.map(limitNewsOf).filter((one) => one !== null);
      for (const limits of await limitsOf(wabaId)) await limits.learn(news);
    }
  }

  return { take };
}
