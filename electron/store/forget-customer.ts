import type { Parts } from './store.ts';

/** In the place of a name. */
const ERASED = { name: '—', memberNo: null, phoneMasked: null } as const;

/**
 * Takes what names a customer off this till's disk, in the caller's transaction: out of the cache, and out of the redemptions
 * and slips that are kept. What was spent, when and on whose word stays; so does the chain, which knows customers by their ids.
 */
export function forgetCustomer({ customers, rows, slips, audit }: Parts, customerId: string): void {
  const known = customers.get(customerId) !== null;
  customers.drop(customerId);
  const changed = rows.redactCustomer(customerId, ERASED.name);
  slips.redactCustomer(changed, ERASED);
  if (known || changed.length > 0)
    audit.append('customer.erased', { customerId, redemptions: changed.length });
}
