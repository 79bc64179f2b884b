/** What customers agreed to be told. Codes need no consent: whoever asks for one at the till gets it. */
import type { Kysely } from 'kysely';
import type { ConsentPurpose, ConsentsTable } from '../db/channel-tables.ts';
import type { Database } from '../db/schema.ts';

type Db = Kysely<Database>;

export interface ConsentChange {
  readonly customerId: string;
  readonly storeId: string;
  readonly purpose: ConsentPurpose;
  readonly given: boolean;
  readonly how: ConsentsTable['how'];
  /** The message that said so, or what the operator wrote down. */
  readonly source: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Writes down what a customer said, in the caller's transaction. Saying the same again is no change, and no row.
 * @returns whether it was a change
 */
export async function setConsent(trx: Db, change: ConsentChange): Promise<boolean> {
  const { customerId, storeId, ...rest } = change;
  // One after the other for each customer: the newest row must be what was said last.
  await trx
    .selectFrom('customers')
    .select('id')
    .where('id', '=', customerId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const [newest] = await consentHistory(trx, customerId, change.purpose);
  // Nothing was ever said: that is a no to notices, but only a no said aloud is a no for good.
  if (newest?.given === change.given) return false;
  await trx
    .insertInto('consents')
    .values({ customer_id: customerId, store_id: storeId, ...rest })
    .execute();
  return true;
}

/** Newest first. */
export async function consentHistory(db: Db, customerId: string, purpose: ConsentPurpose) {
  return db
    .selectFrom('consents')
    .select(['given', 'how', 'source', 'at'])
    .where('customer_id', '=', customerId)
    .where('purpose', '=', purpose)
    .orderBy('id', 'desc')
    .execute();
}

export async function hasConsent(db: Db, customerId: string, purpose: ConsentPurpose): Promise<boolean> {
  const [newest] = await consentHistory(db, customerId, purpose);
  return newest?.given === true;
}
