/** The life of a message after it was accepted: sent, delivered, read, failed, or silently dropped. */
import type { Clock } from '../../../shared/effects.ts';
import type { Jobs } from './clock.ts';
import type { Pace, Phone, SimMessage } from './model.ts';
import { type Account, statusPayload } from './payloads.ts';
import type { WebhookSender } from './webhooks.ts';

export type DeliveryParts = {
  account: Account;
  clock: Clock;
  jobs: Jobs;
  webhooks: WebhookSender;
  phones: ReadonlyMap<string, Phone>;
  pace: Readonly<Pace>;
  changed: () => void;
};

export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** The message leaves Meta for the phone, or turns out to be undeliverable. */
  leave(message: SimMessage, plannedFailure: number | undefined, windowClosed: boolean): void {
    const phone = this.#parts.phones.get(message.number);
    if (plannedFailure !== undefined)
      this.#become(message, 'failed', plannedFailure, 'Planned by the simulator.');
    else if (phone === undefined || !phone.onWhatsApp || phone.blocked) {
      this.#become(message, 'failed', 131026, 'Message Undeliverable.');
    } else if (windowClosed) {
      this.#become(
        message,
        'failed',
        131047,
        'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
      );
    } else {
      this.#become(message, 'sent');
      const travelMs = Math.max(0, this.#parts.pace.deliveredMs - this.#parts.pace.sentMs);
      this.#parts.jobs.after(travelMs, () => this.arrive(message));
    }
  }

  /** It reaches the phone if that is online and in time; else it stays where it is. */
  arrive(message: SimMessage): void {
    if (message.state !== 'sent') return;
    const phone = this.#parts.phones.get(message.number);
    if (phone === undefined) return;
    if (message.expiresAtMs !== undefined && this.#parts.clock.now() > message.expiresAtMs) {
      // Meta drops it without a word: no webhook tells of it.
      message.state = 'expired';
      this.#parts.changed();
      return;
    }
    if (!phone.online) return;
    message.shownAtMs = this.#parts.clock.now();
    this.#become(message, 'delivered');
    if (!this.#parts.pace.autoRead || !phone.readReceipts) return;
    this.#parts.jobs.after(Math.max(0, this.#parts.pace.readMs - this.#parts.pace.deliveredMs), () =>
      this.#become(message, 'read'),
    );
  }

  #become(
    message: SimMessage,
    status: 'sent' | 'delivered' | 'read' | 'failed',
    errorCode?: number,
    errorDetails?: string,
  ): void {
    message.state = status;
    this.#parts.webhooks.send(
      statusPayload(this.#parts.account, {
        wamid: message.wamid,
        status,
        atMs: this.#parts.clock.now(),
        to: message.number,
        person: this.#parts.phones.get(message.number),
        pricing: message.pricing,
        bizOpaque: message.bizOpaque,
        errorCode,
        errorDetails,
      }),
    );
    this.#parts.changed();
  }
}
