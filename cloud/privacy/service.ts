import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { CustomerRef } from '../../shared/gateway-api.ts';
import type { CustomerErase, CustomerExport, Erasure } from '../../shared/privacy.ts';
import type { ContactKey } from '../conversations/windows.ts';
import { findCustomer } from '../customers/customers.ts';
import type { Engine } from '../db/engine.ts';
import type { MessageStore } from '../messages/store.ts';
import { checkPin } from '../policy/pin-check.ts';
import type { PolicyService } from '../policy/service.ts';
import { activeStaff } from '../staff/active.ts';
import { eraseCustomer, readErasure } from './erase.ts';
import { exportCustomer } from './export.ts';

/** What the law gives a customer: to see what is kept of them, and to have it erased. */
export interface PrivacyService {
  /** `customer_unknown`, `phone_malformed`. */
  export(storeId: string, ref: CustomerRef): Promise<CustomerExport>;
  /**
   * By the customer's id it may be repeated. `customer_unknown`, `phone_malformed`, `customer_has_open`,
   * `customer_has_balance`; for a forced one `staff_unknown`, `role_not_allowed`, `pin_wrong`, `pin_locked`.
   */
  erase(wish: CustomerErase, by: Erasure['by']): Promise<Erasure>;
}

export interface PrivacyServiceOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly contactKey: ContactKey;
  readonly messages: Pick<MessageStore, 'recipient'>;
  readonly policies: Pick<PolicyService, 'current'>;
}

export function createPrivacyService(options: PrivacyServiceOptions): PrivacyService {
  const { engine, effects, contactKey, messages, policies } = options;
  const { clock } = effects;
  const db = engine.kysely;
  const { recipient } = messages;

  /** A manager's word: their own PIN, counted and locked as everywhere. */
  async function assertManager(storeId: string, { staffId, pin }: NonNullable<CustomerErase['force']>) {
    const staff = await activeStaff(db, storeId, staffId);
    if (staff.role !== 'manager') throw new SaksiError('role_not_allowed');
    const { policy } = await policies.current(storeId);
    await checkPin(db, clock, staff, { pin, policy: policy.pin });
  }

  return {
    async export(storeId, ref) {
      const { id } = await findCustomer(db, storeId, ref);
      return db.transaction().execute((trx) => exportCustomer(trx, recipient, id, clock.now()));
    },

    async erase({ storeId, customer: ref, note, force }, by) {
      if ('id' in ref) {
        const before = await db.transaction().execute((trx) => readErasure(trx, ref.id));
        if (before?.storeId === storeId) return before;
      }
      const { id: customerId } = await findCustomer(db, storeId, ref);
      if (force !== undefined) await assertManager(storeId, force);
      const wish = { customerId, by, note, forcedBy: force?.staffId ?? null, now: clock.now() };
      return db.transaction().execute((trx) => eraseCustomer(trx, { recipient, contactKey }, wish));
    },
  };
}
