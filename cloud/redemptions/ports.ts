import type { Kysely, Transaction } from 'kysely';
import type { Channel } from '../../shared/delivery.ts';
import type { Customer } from '../../shared/gateway-api.ts';
import type { GrantClaims } from '../../shared/grants.ts';
import type { Asset, Currency } from '../../shared/money.ts';
import type { Database } from '../db/schema.ts';

export type Trx = Transaction<Database>;
export type Db = Kysely<Database>;

/** A code to be sent. The code itself is not in it: the message worker derives it (`codeForMessage`) when it sends. */
export interface CodeMessage {
  redemptionId: string;
  serial: number;
  storeId: string;
  tillId: string;
  customerId: string;
  /** Null: it goes to `email`. */
  phoneE164: string | null;
  email?: string;
  language: Customer['language'];
  channel: Channel;
  asset: Asset;
  amount: number;
  currency: Currency;
  /** After this (epoch ms) the message is worthless and must not be sent. */
  expiresAt: number;
}

/** A message ready to be queued: `add_message(queue, row)` in SQL, inside the statement that issues its code. */
export interface QueuedMessage {
  readonly queue: string;
  /** A row of `messages` as JSON. */
  readonly row: string;
}

/** What redemptions need from the rest of the gateway. Calls with a `trx` take part in that transaction. */
export interface RedemptionPorts {
  /** The gateway's id: `iss` of its grants. */
  readonly gatewayId: string;
  /** Puts a code's message into the form in which it is kept; null: nothing is sent. */
  codeMessage(message: CodeMessage): QueuedMessage | null;
  /** Compact JWS over the claims; called outside transactions. */
  signGrant(claims: GrantClaims): string | Promise<string>;
}
