import type { Transaction } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import type { ContactKey } from '../conversations/windows.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { TillEvents } from '../events/append.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import type { SealedCodeMessages } from '../messages/sealed-codes.ts';
import type { MessageStore } from '../messages/store.ts';

export type Trx = Transaction<Database>;

/** What every part of the offline service works with. */
export interface OfflineContext {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly identity: Pick<GatewayIdentity, 'gatewayId' | 'signSealed' | 'signHead'>;
  readonly events: Pick<TillEvents, 'append' | 'committed'>;
  readonly store: Pick<MessageStore, 'addForStaff'>;
  readonly sealedCodes: SealedCodeMessages;
  readonly contactKey: ContactKey;
  /** 32 bytes, from which each store's `cacheTagKey` comes. */
  readonly tagKey: Uint8Array;
  /** After a commit that queued messages. */
  readonly queued: () => void;
  /** `outcome`: booked, flagged, repeated, or the error code of a refusal; `lost`: beyond the wallet. */
  readonly observe: (outcome: string, lost: boolean) => void;
}
