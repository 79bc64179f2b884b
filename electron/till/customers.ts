import type { BridgeOutput } from '../../shared/bridge.ts';
import { asSaksiError } from '../../shared/errors.ts';
import { maskPhone, parsePhone } from '../../shared/phone.ts';
import { isLineError } from '../gateway-client/call.ts';
import { nameKey } from '../store/customers.ts';
import { type Core, contextOf, linkOf } from './core.ts';

/** The start of a name is looked for from this length on, as at the gateway. */
const NAME_LETTERS_MIN = 3;

/** Customers by phone, member number or the start of a name; from the cache, with its age, while the line is down. */
export async function searchCustomers(core: Core, q: string): Promise<BridgeOutput<'customers.search'>> {
  const { client, connection } = linkOf(core);
  if (connection.state() === 'offline') return searchCache(core, q);
  try {
    const { customers } = await client.searchCustomers(q);
    core.store.customers.save(customers);
    return { customers, ageMs: null };
  } catch (error) {
    if (!isLineError(asSaksiError(error))) throw error;
    return searchCache(core, q);
  }
}

function searchCache(core: Core, q: string): BridgeOutput<'customers.search'> {
  // The till has masked numbers only: country and last four digits narrow it down, a person chooses.
  const phone = parsePhone(q, contextOf(core).store.country);
  const found = core.store.customers.find({
    memberNo: q,
    namePrefix: q.length >= NAME_LETTERS_MIN ? nameKey(q) : null,
    phoneMasked: phone === null ? null : maskPhone(phone),
  });
  const now = core.effects.clock.now();
  const oldest = Math.min(now, ...found.map(({ fetchedAt }) => fetchedAt));
  return { customers: found.map(({ customer }) => customer), ageMs: now - oldest };
}
