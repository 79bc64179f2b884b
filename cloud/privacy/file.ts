/** What managers see of a customer on the gateway's page, and change at the customer's word. */
import { sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import type { CustomerRef } from '../../shared/gateway-api.ts';
import type {
  ConsentRequest,
  CustomerFile,
  CustomerFound,
  CustomerStores,
  ReachRequest,
} from '../../shared/privacy.ts';
import { consentHistory, isAgreed, setConsent } from '../channels/consents.ts';
import { findCustomer, searchCustomers } from '../customers/customers.ts';
import type { Engine } from '../db/engine.ts';
import { balancesOf } from '../ledger/ledger.ts';
import type { WebSession } from '../web/sessions.ts';

/** Who speaks for the store. */
export interface CustomersBy {
  readonly role: 'operator' | 'manager';
  /** The manager, as that store's list has them; null: the operator. */
  readonly staffId: string | null;
}

export interface CustomerFiles {
  /** Those of the session: all stores, or those that they are a manager of. */
  stores(session: Pick<WebSession, 'role' | 'outlets'>): Promise<CustomerStores>;
  find(storeId: string, q: string): Promise<CustomerFound[]>;
  /** `customer_unknown`, `phone_malformed`. */
  read(storeId: string, ref: CustomerRef): Promise<CustomerFile>;
  /** The same again is no change. `customer_unknown`, `phone_malformed`. */
  setConsent(request: ConsentRequest, by: CustomersBy): Promise<CustomerFile>;
  /** `customer_unknown`, `phone_malformed`. */
  setReach(request: ReachRequest): Promise<CustomerFile>;
}

export function createCustomerFiles({ engine, clock }: { engine: Engine; clock: Clock }): CustomerFiles {
  const db = engine.kysely;

  async function read(storeId: string, ref: CustomerRef): Promise<CustomerFile> {
    const { id } = await findCustomer(db, storeId, ref);
    const row = await db
      .selectFrom('customers as c')
      .innerJoin('stores as s', 's.id', 'c.store_id')
      .select(['c.id', 'c.name', 'c.member_no', 'c.phone_e164', 'c.email', 'c.code_channels', 's.currency'])
      .where('c.id', '=', id)
      .executeTakeFirstOrThrow();
    const consents = await consentHistory(db, id, 'notices');
    return {
      ...{ id, name: row.name, memberNo: row.member_no, phone: row.phone_e164, email: row.email },
      ...{ codeChannels: row.code_channels, currency: row.currency },
      balances: await balancesOf(db, id),
      notices: { redemption: isAgreed(consents, 'redemption'), topup: isAgreed(consents, 'topup') },
      consents,
    };
  }

  return {
    read,

    async stores({ role, outlets }) {
      const theirs = outlets.filter((outlet) => outlet.role === 'manager');
      const stores = await db
        .selectFrom('stores')
        .select(['id', 'name'])
        .$if(role !== 'operator', (query) =>
          query.where('id', '=', sql<string>`any(${theirs.map(({ storeId }) => storeId)}::uuid[])`),
        )
        .orderBy('name')
        .orderBy('id')
        .execute();
      const managers = await db
        .selectFrom('staff')
        .select(['id', 'name', 'store_id'])
        .where('role', '=', 'manager')
        .where('active', '=', true)
        .orderBy('name')
        .execute();
      return {
        stores: stores.map(({ id, name }) => ({
          ...{ id, name },
          staffId: theirs.find(({ storeId }) => storeId === id)?.staffId ?? null,
          managers: managers
            .filter((one) => one.store_id === id)
            .map((one) => ({ id: one.id, name: one.name })),
        })),
      };
    },

    async find(storeId, q) {
      const found = await searchCustomers(db, storeId, q);
      return found.map(({ id, name, memberNo, phoneMasked }) => ({ id, name, memberNo, phoneMasked }));
    },

    async setConsent({ storeId, customer, purpose, given, note: source }, { role: how, staffId }) {
      const { id: customerId } = await findCustomer(db, storeId, customer);
      const by = staffId === null ? {} : { staffId };
      const change = { customerId, storeId, purpose, given, how, source, at: clock.now(), ...by };
      await db.transaction().execute((trx) => setConsent(trx, change));
      return read(storeId, { id: customerId });
    },

    async setReach({ storeId, customer, codeChannels }) {
      const { id } = await findCustomer(db, storeId, customer);
      await db.updateTable('customers').set({ code_channels: codeChannels }).where('id', '=', id).execute();
      return read(storeId, { id });
    },
  };
}
