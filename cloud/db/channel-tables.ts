import type { Generated } from 'kysely';
import type { Channel, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { ConsentPurpose } from '../../shared/privacy.ts';

/** The tables of migration 0050. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

export interface ChannelSettingsTable {
  kind: 'sms' | 'email';
  settings_sealed: string;
  updated_at: EpochMs;
}

export interface ConsentsTable {
  id: Generated<number>;
  customer_id: string;
  store_id: string;
  purpose: ConsentPurpose;
  given: boolean;
  how: 'whatsapp' | 'operator' | 'manager';
  /** The manager who wrote it down. */
  staff_id: string | null;
  source: string;
  at: EpochMs;
}

export interface ChannelMovesTable {
  message_id: string;
  at: EpochMs;
  from_channel: Channel;
  to_channel: Channel;
  state: DeliveryState;
  reason: DeliveryReason | null;
}

export interface ChannelSendsTable {
  id: Generated<number>;
  message_id: string;
  channel: Channel;
  outcome: 'accepted' | 'refused';
  code: string | null;
  provider_id: string | null;
  at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    channel_settings: ChannelSettingsTable;
    consents: ConsentsTable;
    channel_moves: ChannelMovesTable;
    channel_sends: ChannelSendsTable;
  }
}
