/** The operator's commands about message credit. */

import { creditOf, packageFor, topUp } from '../credit/accounts.ts';
import { checkCredit } from '../credit/check.ts';
import { statementOf } from '../credit/statement.ts';
import type { AdminOptions, Parsed } from './admin.ts';

export function createCreditCommands({ engine, effects }: AdminOptions) {
  const db = engine.kysely;
  const { clock } = effects;
  return {
    async 'credit show'({ storeId }: Parsed<'credit show'>) {
      return creditOf(db, storeId);
    },
    /** The same key adds once: for instance the number of a receipt. */
    async 'credit topup'({ storeId, topup, key }: Parsed<'credit topup'>) {
      const { amount } = 'packageId' in topup ? await packageFor(db, storeId, topup.packageId) : topup;
      const wish = { storeId, amount, idempotencyKey: `admin:${key}`, at: clock.now() };
      return { outcome: await topUp(db, wish), credit: await creditOf(db, storeId) };
    },
    async 'credit prices'() {
      return db
        .selectFrom('message_prices')
        .select(['currency', 'category', 'country', 'price', 'effective_from'])
        .orderBy('currency')
        .orderBy('category')
        .orderBy('country')
        .orderBy('effective_from')
        .execute();
    },
    /** From a moment on, by default now. What was queued before keeps its price. */
    async 'credit price'({ from, ...price }: Parsed<'credit price'>) {
      const row = { ...price, effective_from: from ?? clock.now() };
      await db.insertInto('message_prices').values(row).execute();
      return row;
    },
    async 'credit packages'() {
      return db.selectFrom('credit_packages').selectAll().orderBy('currency').orderBy('price').execute();
    },
    async 'credit statement'({ storeId, ...time }: Parsed<'credit statement'>) {
      return statementOf(db, storeId, time);
    },
    async 'credit check'() {
      return checkCredit(db);
    },
  };
}
