import type { BridgeOutput } from '../../shared/bridge.ts';
import { asSaksiError } from '../../shared/errors.ts';
import { parsePhone } from '../../shared/phone.ts';
import { isLineError } from '../gateway-client/call.ts';
import { type Core, contextOf, linkOf } from './core.ts';
import { cacheAgeMs, pessimistic } from './offline-rules.ts';

/** The start of a name is looked for from this length on, as at the gateway. */
const NAME_LETTERS_MIN = 3;

/**
 * Customers by phone, member number or the start of a name; from the cache, with its age, while the line is down. What this
 * till spent and the gateway has not booked yet is taken off either way.
 */
export async function searchCustomers(core: Core, q: string): Promise<BridgeOutput<'customers.search'>> {
  const { client, connection } = linkOf(core);
  if (connection.state() === 'offline') return searchCache(core, q);
  const { store } = core;
  const booked = store.sealed.booked();
  const [askedAt, asked] = [store.time.floor(), store.customers.asking()];
  try {
    const { customers } = await client.searchCustomers(q);
    store.takeFound(
      customers.map((customer) => ({ customer })),
      askedAt,
      asked,
    );
    store.sealed.reflected(booked, new Set(customers.map(({ id }) => id)));
    return { customers: customers.map((customer) => pessimistic(core, customer)), ageMs: null };
  } catch (error) {
    if (!isLineError(asSaksiError(error))) throw error;
    return searchCache(core, q);
  }
}

function searchCache(core: Core, q: string): BridgeOutput<'customers.search'> {
  const found = core.store.customers.find({
    memberNo: q,
    namePrefix: q.length >= NAME_LETTERS_MIN ? q : null,
    phone: parsePhone(q, contextOf(core).store.country),
  });
  return {
    customers: found.map(({ customer }) => pessimistic(core, customer)),
    ageMs: Math.max(0, ...found.map((one) => cacheAgeMs(core, one))),
  };
}
