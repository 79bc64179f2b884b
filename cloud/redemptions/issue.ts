import type { Delivery } from '../../shared/delivery.ts';
import { type ErrorCode, SaksiError } from '../../shared/errors.ts';
import { createNonce, deriveCode, hashCode, tagPhone } from '../codes/codes.ts';
import type { CustomersTable, RedemptionsTable } from '../db/schema.ts';
import type { RedemptionContext } from './context.ts';
import type { CodeMessage, QueuedMessage } from './ports.ts';
import type { CodeReach } from './reach.ts';
import type { RedemptionPolicy } from './record.ts';

/**
 * Stores whose limit is below this take the store's lock at once: code_issue would ask for it anyway (the limit less the
 * server's connections, 100 unless configured, is where sharing ends).
 */
const ALONE_BELOW = 200;

/** One code and its message, as JSON for the SQL functions. */
export interface IssuedCode {
  readonly row: string;
  /** In hex. */
  readonly hash: string;
  readonly limits: string;
  readonly message: QueuedMessage | null;
}

/** As the SQL functions take it. */
export const codeFields = (issued: IssuedCode | null) => ({
  code: issued?.row ?? null,
  limits: issued?.limits ?? null,
  queue: issued?.message?.queue ?? null,
  message: issued?.message?.row ?? null,
});

export interface Recipient {
  readonly customer: Pick<CustomersTable, 'id' | 'language'>;
  readonly reach: CodeReach;
  readonly policy: RedemptionPolicy;
  readonly now: number;
}

/** The code of the redemption's present `serial`: made, hashed, forgotten. */
export function issueCode(
  { keys, effects, ports }: Pick<RedemptionContext, 'keys' | 'effects' | 'ports'>,
  redemption: RedemptionsTable,
  { customer, reach, policy, now }: Recipient,
): IssuedCode {
  const { id, serial, code_digits: digits, expires_at: expiresAt } = redemption;
  if (digits === null || expiresAt === null) throw new Error('redemption asks for no code');
  const nonce = createNonce(effects.random);
  const code = deriveCode(keys, { redemptionId: id, serial, nonce, digits });
  const { till_id: tillId, asset, amount } = redemption;
  const hash = hashCode(keys, { redemptionId: id, tillId, asset, amount, serial }, code);
  const row = {
    redemption_id: id,
    serial,
    store_id: redemption.store_id,
    till_id: tillId,
    phone_tag: hex(tagPhone(keys, redemption.store_id, 'email' in reach ? reach.email : reach.phoneE164)),
    nonce: hex(nonce),
    verify_hash: hex(hash),
    issued_at: now,
    expires_at: expiresAt,
  };
  return {
    row: JSON.stringify(row),
    hash: Buffer.from(hash).toString('hex'),
    limits: JSON.stringify(policy.codes.limits),
    message: ports.codeMessage(codeMessage(redemption, customer, reach)),
  };
}

function codeMessage(
  redemption: RedemptionsTable,
  customer: Pick<CustomersTable, 'id' | 'language'>,
  reach: CodeReach,
): CodeMessage {
  return {
    redemptionId: redemption.id,
    serial: redemption.serial,
    storeId: redemption.store_id,
    tillId: redemption.till_id,
    customerId: customer.id,
    ...('email' in reach ? { phoneE164: null, email: reach.email } : { phoneE164: reach.phoneE164 }),
    language: customer.language,
    channel: 'email' in reach ? 'email' : redemption.channel,
    asset: redemption.asset,
    amount: redemption.amount,
    currency: redemption.currency,
    expiresAt: redemption.expires_at ?? 0,
  };
}

/** What the SQL functions answer. */
export interface SqlOutcome {
  readonly outcome: string;
  readonly available?: number;
  readonly wait_ms?: number;
  readonly delivery?: Delivery | null;
}

/** The database no longer says what the decision was based on; nothing was written. To the till: ask again. */
export class Stale extends SaksiError {
  constructor() {
    super('not_ready');
  }
}

const LIMITS: readonly ErrorCode[] = ['code_limit_phone', 'code_limit_till', 'code_limit_store'];

class StoreNearLimit extends Error {}

/** Throws unless the outcome is `expected`; `Stale` when what was read is no longer so. */
export function expectOutcome(result: SqlOutcome | undefined, expected: string): SqlOutcome {
  if (result?.outcome === expected) return result;
  if (result?.outcome === 'stale') throw new Stale();
  if (result?.outcome === 'staff_unknown') throw new SaksiError('staff_unknown');
  if (result?.outcome === 'store_near_limit') throw new StoreNearLimit();
  const limit = LIMITS.find((code) => code === result?.outcome);
  if (limit !== undefined) {
    throw new SaksiError(limit, { params: { seconds: Math.ceil((result?.wait_ms ?? 0) / 1000) } });
  }
  if (result?.outcome === 'amount_above_balance') {
    throw new SaksiError('amount_above_balance', { params: { available: result.available ?? 0 } });
  }
  throw new SaksiError('internal', { cause: new Error(`SQL outcome ${result?.outcome}, not ${expected}`) });
}

/** Runs `attempt`, and once more alone in its store when the store is near its limit. */
export async function withStoreLimit<T>(
  policy: RedemptionPolicy,
  attempt: (alone: boolean) => Promise<T>,
): Promise<T> {
  if (policy.codes.limits.store.count < ALONE_BELOW) return attempt(true);
  try {
    return await attempt(false);
  } catch (error) {
    if (error instanceof StoreNearLimit) return attempt(true);
    throw error;
  }
}

const hex = (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`;
