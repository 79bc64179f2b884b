import type { Generated, JSONColumnType } from 'kysely';
import type { Channel, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { TillEvent } from '../../shared/gateway-api.ts';
import type { StatusPricing } from '../whatsapp/webhook.ts';

/** The tables of migration 0002. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

/** One row: who this gateway is towards its tills. */
export interface GatewayIdentityTable {
  only_row: Generated<boolean>;
  gateway_id: string;
  key_id: string;
  /** Raw Ed25519 public key in base64url, the JWK's `x`. */
  public_x: string;
  /** PKCS #8, sealed. */
  private_sealed: string;
  created_at: EpochMs;
}

export interface WhatsAppAccountsTable {
  /** 'default', or a UUID. */
  id: string;
  /** As the operator calls it; empty of the default one. */
  name: Generated<string>;
  phone_number_id: string | null;
  waba_id: string | null;
  access_token_sealed: string | null;
  app_secret_sealed: string | null;
  verify_token_sealed: string | null;
  updated_at: EpochMs;
}

export interface PairingCodesTable {
  /** HMAC-SHA-256 of the secret half, in hex. */
  secret_hash: string;
  till_id: string;
  created_at: EpochMs;
  expires_at: EpochMs;
  used_at: EpochMs | null;
}

export interface TillEventsTable {
  till_id: string;
  seq: number;
  data: JSONColumnType<TillEvent, string, never>;
  created_at: EpochMs;
}

/** A message to a person. No column holds the code: it is derived again when the message goes out. */
export interface MessagesTable {
  id: string;
  /** Null of a reply to somebody who belongs to no store; so is the till. */
  store_id: string | null;
  till_id: string | null;
  redemption_id: string | null;
  serial: number;
  kind: MessageKind;
  channel: Channel;
  /** E.164 phone number, or WhatsApp's business-scoped user id; sealed. Empty: erased (`scrub_messages`). */
  recipient_sealed: string;
  language: string;
  template: string | null;
  state: DeliveryState;
  reason: DeliveryReason | null;
  wamid: string | null;
  attempts: Generated<number>;
  created_at: EpochMs;
  expires_at: EpochMs;
  updated_at: EpochMs;
  approval_id: string | null;
  /** Whose question it is: `approval_recipients.ref`. */
  approval_ref: string | null;
  content: JSONColumnType<StaffContent, string, string> | null;
  /** The person's 24-hour window turned out to be closed. */
  template_only: boolean | null;
  /** The message that WhatsApp refused for it; what is still said about that one does not count. */
  abandoned_wamid: string | null;
  /** Who a message with sealed codes, or with a code at sign-in, is for. */
  staff_id: string | null;
  /** `SealedContent` as JSON, sealed; null of other messages, and once WhatsApp has it. */
  content_sealed: string | null;
  /** Since when it is on its channel; null: since it was queued. */
  channel_since: EpochMs | null;
  /** Somebody is sending it over another channel until then. */
  sending_until: EpochMs | null;
  /** There is no other way for it any more. */
  fallback_over: boolean | null;
  /** Of a message with sealed codes: it is being sent, nothing may be added any more. */
  closed: boolean | null;
  /** ISO 3166 of the recipient's number or account, where known: prices go by it. */
  country: string | null;
  /** Of a queued message that waits for another attempt. */
  retry_at: EpochMs | null;
  /** Of a code at sign-in; `serial` is then the login's. */
  login_id: string | null;
  /** Of a reply: the account that was written to. Null: the store's. */
  whatsapp_account: string | null;
}

export type MessageKind =
  | 'code'
  | 'login_code'
  | 'approval_request'
  | 'approval_code'
  | 'note'
  | 'sealed_codes'
  | 'offline_spent'
  | 'offline_loss'
  | 'drawer_alert'
  | 'credit_low'
  | 'notice'
  | 'finding_alert'
  | 'digest';

/** What a message says beside codes, in the message's language. */
export type StaffContent =
  /** Words of `saksi_approval_request`, all but the last: the minutes left, known when it goes out. */
  | { readonly kind: 'request'; readonly words: readonly string[]; readonly answer: 'tap' | 'code' }
  | { readonly kind: 'text'; readonly text: string }
  /** What it said is gone: its customer was erased, or its time is over. */
  | { readonly kind: 'erased' }
  /** All words of a utility template. */
  | { readonly kind: 'utility'; readonly template: string; readonly words: readonly string[] };

/** Statuses as WhatsApp reported them, each (message, status) once. `applied_at` is null until a message was found. */
export interface MessageEventsTable {
  id: Generated<number>;
  wamid: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  /** Our own message id, when it came back with the status. */
  correlation_id: string | null;
  error_code: number | null;
  /** What Meta says it bills for the message; null where nothing was said. */
  pricing: JSONColumnType<StatusPricing, string | null, never> | null;
  occurred_at: EpochMs;
  received_at: EpochMs;
  applied_at: EpochMs | null;
}

declare module './schema.ts' {
  interface Database {
    gateway_identity: GatewayIdentityTable;
    whatsapp_accounts: WhatsAppAccountsTable;
    pairing_codes: PairingCodesTable;
    till_events: TillEventsTable;
    messages: MessagesTable;
    message_events: MessageEventsTable;
  }
}
