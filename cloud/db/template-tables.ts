import type { JSONColumnType } from 'kysely';

/** The tables of migration 0031. Times are bigint epoch milliseconds. */
type EpochMs = number;

export type TemplateStatus =
  /** Not at Meta. */
  'draft' | 'pending' | 'approved' | 'rejected' | 'paused' | 'disabled' | 'in_appeal';

export interface MessageTemplatesTable {
  waba_id: string;
  /** At Meta. */
  name: string;
  language: string;
  /** Ours, as in resources/templates. */
  base: string;
  version: number;
  category: string;
  words_hash: string | null;
  shape: string | null;
  meta_id: string | null;
  status: TemplateStatus;
  /** Why it was rejected, paused or disabled, as Meta names it. */
  reason: string | null;
  quality: string | null;
  status_at: EpochMs;
  checked_at: EpochMs | null;
  created_at: EpochMs;
}

export interface TemplateSyncsTable {
  waba_id: string;
  synced_at: EpochMs;
}

export interface AccountEventsTable {
  key: string;
  waba_id: string;
  /** A webhook field, or `checked`: read from the Graph API. */
  field: string;
  facts: JSONColumnType<object, string, never>;
  /** By Meta's clock where it says so. */
  occurred_at: EpochMs;
  received_at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    message_templates: MessageTemplatesTable;
    template_syncs: TemplateSyncsTable;
    account_events: AccountEventsTable;
  }
}
