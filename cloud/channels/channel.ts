/**
 * A way to a person beside WhatsApp: a rendered plain text to one address. A channel neither queues nor decides nor logs;
 * it says what became of one attempt, in words that the caller goes by.
 */
import type { DeliveryReason } from '../../shared/delivery.ts';

export type ChannelKind = 'sms' | 'email';

export interface OutgoingText {
  /** Of the message, a UUID: what a report is matched by where the channel lets us name it. */
  readonly messageId: string;
  /** E.164 (`+628…`) of an SMS, an addr-spec of an e-mail. */
  readonly to: string;
  /** Of an e-mail; an SMS has none. */
  readonly subject: string;
  readonly text: string;
  /** How long the text is of use, in seconds; a network that cannot hand it over until then drops it, where it can. */
  readonly validSeconds: number;
}

export type SendOutcome =
  /** Taken by the network or the server, nothing more; `providerId` is what its reports name, null where it gives none. */
  | { readonly outcome: 'accepted'; readonly providerId: string | null }
  | {
      readonly outcome: 'refused';
      readonly reason: DeliveryReason;
      /** Whether the same may succeed a little later without anybody changing anything. */
      readonly retry: boolean;
      /** For the log: a code of the channel's own (`cms 38`, `smtp 550`, `http 429`); never the text nor the address. */
      readonly code: string;
    };

/** What a network says about a text that it took. */
export interface DeliveryReport {
  readonly messageId: string;
  readonly state: 'sent' | 'delivered' | 'failed';
  readonly reason: DeliveryReason | null;
}

export interface Channel {
  readonly kind: ChannelKind;
  /** Whether `delivered` can ever be known; without it, accepted is all there is. */
  readonly reports: boolean;
  /** Never rejects for anything that the network, the server or the device does: that is an outcome. */
  send(message: OutgoingText): Promise<SendOutcome>;
  close(): Promise<void>;
}

export type OnReport = (report: DeliveryReport) => void;

export function accepted(providerId: string | null): SendOutcome {
  return { outcome: 'accepted', providerId };
}

export function refused(reason: DeliveryReason, code: string, retry = false): SendOutcome {
  return { outcome: 'refused', reason, retry, code };
}
