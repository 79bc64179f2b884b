/** What customers agreed to be told. Codes need no consent: whoever asks for one at the till gets it. */
import type { Kysely } from 'kysely';
import type { ConsentPurpose } from '../../shared/privacy.ts';
import type { ConsentsTable } from '../db/channel-tables.ts';
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
  /** The manager who wrote it down; left out: it was nobody of the staff. */
  readonly staffId?: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Writes down what a customer said, in the caller's transaction. Saying the same again is no change, and no row.
 * @returns whether it was a change
 */
export async function setConsent(trx: Db, change: ConsentChange): Promise<boolean> {
  const { customerId, storeId, staffId = null, ...rest } = change;
  // One after the other for each customer: the newest row must be what was said last.
  await trx
    .selectFrom('customers')
    .select('id')
    .where('id', '=', customerId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const [newest] = await consentHistory(trx, customerId, change.purpose);
  // Nothing was ever said: that is a no to notices, but only a no said aloud is a no for good. And a word about one kind says
  // nothing of the others.
  const isSaid = change.purpose !== 'notices' || newest?.purpose === 'notices';
  if (isSaid && newest?.given === change.given) return false;
  await trx
    .insertInto('consents')
    .values({ customer_id: customerId, store_id: storeId, staff_id: staffId, ...rest })
    .execute();
  return true;
}

/** What bears on it, newest first: of a kind of notice also what was said of all, and of all what was said of any. */
export async function consentHistory(db: Db, customerId: string, purpose: ConsentPurpose) {
  return db
    .selectFrom('consents as c')
    .leftJoin('staff as s', 's.id', 'c.staff_id')
    .select(['c.purpose', 'c.given', 'c.how', 'c.source', 'c.at', 's.name as by'])
    .where('c.customer_id', '=', customerId)
    .$if(purpose !== 'notices', (query) => query.where('c.purpose', 'in', ['notices', purpose]))
    .orderBy('c.id', 'desc')
    .execute();
}

/** Whether notices of this kind are agreed to. @param history newest first */
export function isAgreed(
  history: readonly { readonly purpose: ConsentPurpose; readonly given: boolean }[],
  kind: Exclude<ConsentPurpose, 'notices'>,
): boolean {
  return history.find(({ purpose }) => purpose === 'notices' || purpose === kind)?.given ?? false;
}
