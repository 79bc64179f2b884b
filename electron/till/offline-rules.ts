import { SaksiError } from '../../shared/errors.ts';
import type { Customer, RedemptionCreate } from '../../shared/gateway-api.ts';
import type { Asset } from '../../shared/money.ts';
import type { OfflineLimits } from '../../shared/offline-policy.ts';
import { parsePhone } from '../../shared/phone.ts';
import type { CachedCustomer } from '../store/customers.ts';
import type { OfflineStart } from '../store/journal.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { type Core, contextOf } from './core.ts';

const HOUR_MS = 3_600_000;

/** What the limits leave of an asset. Below zero where they were lowered meanwhile. */
export interface LimitsLeft {
  code: number;
  customer: number;
  till: number;
}

/** What the limits of 24 hours leave; they are the ones that the gateway signed with the codes. */
export function limitsLeft(core: Core, limits: OfflineLimits, customerId: string, asset: Asset): LimitsLeft {
  const { sealed, time } = core.store;
  const now = time.floor();
  return {
    code: limits.perCode[asset],
    customer: limits.perCustomer[asset] - sealed.spentInWindow(asset, customerId, now),
    till: limits.perTill[asset] - sealed.spentInWindow(asset, null, now),
  };
}

/** How old a cached customer is at most, in milliseconds. */
export function cacheAgeMs(core: Core, { fetchedAt }: Pick<CachedCustomer, 'fetchedAt'>): number {
  return Math.max(0, core.store.time.ceiling() - fetchedAt);
}

/**
 * Less what this till has spent on sealed codes that the balance is not known to hold yet. It may hold it all the same, or others
 * may have spent it too: then nothing is left, and no person is shown less than that.
 */
export function pessimistic(core: Core, customer: Customer): Customer {
  const balances = customer.balances.map((balance) => ({
    ...balance,
    available: Math.max(0, balance.available - core.store.sealed.notReflected(customer.id, balance.asset)),
  }));
  return { ...customer, balances };
}

/**
 * What a redemption without a line begins with. Throws `offline_not_allowed`, `sealed_expired`,
 * `offline_balance_unknown`, `amount_above_balance` {available}, `offline_limit` {limit, left}.
 */
export function planOffline(core: Core, request: RedemptionCreate): OfflineStart {
  const { claims } = core.sealed.usable();
  const { store, policy } = contextOf(core);
  if (claims.currency !== store.currency) throw new SaksiError('offline_not_allowed');
  const cached = findCached(core, request);
  if (cached === null) throw new SaksiError('offline_balance_unknown');
  const ageMs = assertFresh(core, cached);
  const { id, name, memberNo, phoneMasked, language, balances } = pessimistic(core, cached.customer);
  const available = balances.find(({ asset }) => asset === request.asset)?.available ?? 0;
  if (request.amount > available) {
    throw new SaksiError('amount_above_balance', { params: { available } });
  }
  assertWithinLimits(limitsLeft(core, claims.limits, id, request.asset), request.amount);
  const { drawer } = policy.redemption;
  return {
    customer: { id, name, memberNo, phoneMasked, language },
    offline: {
      drawer: drawer === 'always' || (drawer === 'on_request' && request.drawer),
      available,
      ageMs,
      spent: null,
    },
    availableAfter: available - request.amount,
  };
}

/** The same once more when the code is there: time has passed since. */
export function assertStillAllowed(core: Core, { customer, asset, amount }: RedemptionRow): void {
  const { claims } = core.sealed.usable();
  const cached = customer === null ? null : core.store.customers.get(customer.id);
  if (customer === null || cached === null) throw new SaksiError('offline_balance_unknown');
  assertFresh(core, cached);
  const balance = pessimistic(core, cached.customer).balances.find((one) => one.asset === asset);
  const available = balance?.available ?? 0;
  if (amount > available) {
    throw new SaksiError('amount_above_balance', { params: { available } });
  }
  assertWithinLimits(limitsLeft(core, claims.limits, customer.id, asset), amount);
}

function assertFresh(core: Core, cached: CachedCustomer): number {
  const ageMs = cacheAgeMs(core, cached);
  if (ageMs > contextOf(core).policy.offline.balanceMaxAgeHours * HOUR_MS) {
    throw new SaksiError('offline_balance_unknown');
  }
  return ageMs;
}

function assertWithinLimits(left: LimitsLeft, amount: number): void {
  for (const limit of ['code', 'customer', 'till'] as const) {
    if (amount > left[limit]) {
      throw new SaksiError('offline_limit', { params: { limit, left: Math.max(0, left[limit]) } });
    }
  }
}

/** By id; by phone or member number only where exactly one has it. */
function findCached(core: Core, { customer }: RedemptionCreate): CachedCustomer | null {
  const { customers } = core.store;
  if ('id' in customer) return customers.get(customer.id);
  const phone = 'phone' in customer ? parsePhone(customer.phone, contextOf(core).store.country) : null;
  const memberNo = 'memberNo' in customer ? customer.memberNo : '';
  const [found, ...others] = customers.find({ memberNo, phone, namePrefix: null });
  return found === undefined || others.length > 0 ? null : found;
}
