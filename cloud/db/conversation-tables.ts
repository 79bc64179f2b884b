import type { Generated } from 'kysely';

/** The tables of migration 0011. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

/** How a member of staff is known on WhatsApp, once verified. */
export interface StaffIdentitiesTable {
  staff_id: string;
  phone_e164: string | null;
  /** Business-scoped user id (`ID.…`); tied by an exchange only. */
  user_id: string | null;
  username: string | null;
  verified_at: EpochMs;
  how: 'exchange' | 'admin';
}

export interface EnrolmentWordsTable {
  /** HMAC-SHA-256 in hex. */
  word_hash: string;
  staff_id: string;
  created_at: EpochMs;
  expires_at: EpochMs;
  used_at: EpochMs | null;
}

export interface InboundMessagesTable {
  wamid: string;
  /** Order of arrival. */
  id: Generated<number>;
  /** Keyed hash of who wrote. */
  sender: string;
  /** By Meta's clock, whole seconds. */
  sent_at: EpochMs;
  received_at: EpochMs;
  /** A `MessageEvent` as JSON, sealed; null once handled and not needed any more. */
  body_sealed: string | null;
  attempts: Generated<number>;
  /** What became of it (`InboundOutcome`); null until handled. */
  outcome: string | null;
  replied: Generated<boolean>;
  handled_at: EpochMs | null;
}

/** When somebody last wrote to us, by a keyed hash of number or account. */
export interface ContactWindowsTable {
  contact: string;
  last_inbound_at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    staff_identities: StaffIdentitiesTable;
    enrolment_words: EnrolmentWordsTable;
    inbound_messages: InboundMessagesTable;
    contact_windows: ContactWindowsTable;
  }
}
