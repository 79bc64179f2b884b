import type { Generated, JSONColumnType } from 'kysely';
import type { MessageCategory } from '../../shared/message-credit.ts';
import type { Currency } from '../../shared/money.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import type { StatusPricing } from '../whatsapp/webhook.ts';

/** The tables of migration 0032. Times are bigint epoch milliseconds by the gateway's clock, money whole minor units. */
type EpochMs = number;

/** Append-only: a newer price takes an older one's place. */
export interface MessagePricesTable {
  id: Generated<number>;
  currency: Currency;
  category: MessageCategory;
  /** ISO 3166 of the recipient's number, or '*'. */
  country: string;
  price: number;
  effective_from: EpochMs;
}

export interface CreditPackagesTable {
  id: string;
  currency: Currency;
  amount: number;
  price: number;
  active: Generated<boolean>;
}

export type CreditAccountKind = 'store_credit' | 'credit_sold' | 'credit_held' | 'credit_spent';

/** Four for each store; only the credit's SQL functions change balances. `credit_held` is empty since migration 0094. */
export interface CreditAccountsTable {
  id: Generated<number>;
  store_id: string;
  kind: CreditAccountKind;
  balance: Generated<number>;
}

/** Append-only. */
export interface CreditTransfersTable {
  id: Generated<number>;
  debit_account_id: number;
  credit_account_id: number;
  amount: number;
  /** `hold` and `release`: before migration 0094. */
  kind: 'topup' | 'hold' | 'spend' | 'release' | 'refund';
  message_id: string | null;
  idempotency_key: string;
  posted_at: EpochMs;
}

/** What became of each message's price. */
export interface MessageChargesTable {
  message_id: string;
  store_id: string;
  till_id: string | null;
  kind: MessageKind;
  category: MessageCategory;
  country: string | null;
  price: number;
  outcome: 'spent' | 'free' | 'returned';
  step: Generated<number>;
  pricing: JSONColumnType<StatusPricing, string | null, string | null> | null;
  created_at: EpochMs;
}

export interface CreditDueTable {
  id: Generated<number>;
  message_id: string;
}

export interface CreditWarningsTable {
  store_id: string;
  topup_id: number;
  threshold: string;
  balance: number;
  at: EpochMs;
}

declare module '../db/schema.ts' {
  interface Database {
    message_prices: MessagePricesTable;
    credit_packages: CreditPackagesTable;
    credit_accounts: CreditAccountsTable;
    credit_transfers: CreditTransfersTable;
    message_charges: MessageChargesTable;
    credit_due: CreditDueTable;
    credit_warnings: CreditWarningsTable;
  }
}
