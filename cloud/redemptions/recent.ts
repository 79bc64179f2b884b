import { LRUCache } from 'lru-cache';
import type { CustomerRef } from '../../shared/gateway-api.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { RedemptionPolicy, RedemptionRecord } from './record.ts';

/** At about 1 kB each; a redemption is verified minutes after it was made. */
const RECORDS_MAX = 4_000;
const CUSTOMERS_MAX = 4_000;
const STORES_MAX = 1_000;

/** What a new redemption starts from. */
export interface Start {
  readonly policy: RedemptionPolicy;
  readonly currency: RedemptionsTable['currency'];
  readonly customer: RedemptionRecord['customer'];
}

/**
 * What this process read or wrote last, so that a till's next request need not read it again. Never the truth: whoever
 * decides on it writes with a statement that changes nothing unless the database still says the same (`p_seen` of the SQL
 * functions), and reads afresh when it does not.
 */
export interface Recent {
  startOf(storeId: string, ref: CustomerRef): Start | null;
  keepStart(storeId: string, start: Start): void;
  /** A redemption of this till; the idempotency key of the next request is not looked up in it. */
  recordOf(tillId: string, id: string): RedemptionRecord | null;
  keepRecord(record: RedemptionRecord): void;
  /** What was remembered proved wrong. */
  forgetRecord(id: string): void;
}

export function createRecent(): Recent {
  const records = new LRUCache<string, RedemptionRecord>({ max: RECORDS_MAX });
  const customers = new LRUCache<string, RedemptionRecord['customer']>({ max: CUSTOMERS_MAX });
  const stores = new LRUCache<string, Omit<Start, 'customer'>>({ max: STORES_MAX });
  return {
    startOf(storeId, ref) {
      if (!('id' in ref)) return null;
      const store = stores.get(storeId);
      const customer = customers.get(`${storeId}/${ref.id}`);
      return store === undefined || customer === undefined ? null : { ...store, customer };
    },
    keepStart(storeId, { policy, currency, customer }) {
      stores.set(storeId, { policy, currency });
      customers.set(`${storeId}/${customer.id}`, customer);
    },
    recordOf(tillId, id) {
      const record = records.get(id);
      return record?.redemption.till_id === tillId ? { ...record, request: null } : null;
    },
    keepRecord(record) {
      records.set(record.redemption.id, record);
    },
    forgetRecord(id) {
      records.delete(id);
    },
  };
}
