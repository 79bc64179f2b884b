/** Giving tills leave to open their drawers for cash sales. */
import type { Selectable } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ShiftGrantClaims } from '../../shared/grants.ts';
import { createUuid } from '../../shared/ids.ts';
import { amountSchema } from '../../shared/money.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import type { ShiftGrantRequest } from '../../shared/shift.ts';
import type { Engine } from '../db/engine.ts';
import type { ShiftGrantsTable } from '../db/shift-tables.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import type { Trx } from '../offline/context.ts';
import type { TillIdentity } from '../redemptions/context.ts';

const HOUR_MS = 3_600_000;
/** A till that asks for more than a busy shop needs asks for somebody else. */
const GRANTS_PER_TILL = { count: 200, windowMs: 24 * HOUR_MS };

export interface ShiftContext {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly identity: Pick<GatewayIdentity, 'gatewayId' | 'signShiftGrant'>;
}

type Row = Selectable<ShiftGrantsTable>;

/**
 * The grant as compact JWS; asked for again with its key it is the same, to the byte. Null: policy gives no spare. Throws
 * `staff_unknown`, `till_revoked`, `too_many_requests` {seconds}, `idempotency_key_reused`.
 */
export async function issueShiftGrant(
  { engine, effects, identity }: ShiftContext,
  till: TillIdentity,
  idempotencyKey: string,
  { staffId }: ShiftGrantRequest,
): Promise<string | null> {
  const now = effects.clock.now();
  const jti = createUuid(effects);
  const row = await engine.kysely.transaction().execute(async (trx) => {
    const before = await kept(trx, till, idempotencyKey);
    if (before !== undefined) return before;
    const { policy, currency } = await storeOf(trx, till);
    if (staffId !== null) await assertActive(trx, till, staffId);
    const terms = termsOf(policy, staffId);
    if (terms.uses === 0) return null;
    await assertFewEnough(trx, till, now);
    const issuedAt = Math.floor(now / 1000) * 1000;
    await trx
      .insertInto('shift_grants')
      .values({
        ...{ jti, till_id: till.tillId, store_id: till.storeId, idempotency_key: idempotencyKey },
        ...{ staff_id: staffId, uses: terms.uses, currency, amount_max: terms.amountMax },
        ...{ policy_version: policy.version, issued_at: issuedAt, expires_at: issuedAt + terms.ttlMs },
      })
      // The same request at the same moment: there is one row, whoever wrote it.
      .onConflict((conflict) => conflict.columns(['till_id', 'idempotency_key']).doNothing())
      .execute();
    return kept(trx, till, idempotencyKey);
  });
  if (row === null) return null;
  if (row === undefined) throw new Error('a shift grant was neither there nor could be made');
  if (row.staff_id !== staffId) throw new SaksiError('idempotency_key_reused');
  return identity.signShiftGrant(shiftGrantClaims(row, identity.gatewayId));
}

function kept(trx: Trx, { tillId }: TillIdentity, idempotencyKey: string): Promise<Row | undefined> {
  return trx
    .selectFrom('shift_grants')
    .selectAll()
    .where('till_id', '=', tillId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
}

async function storeOf(trx: Trx, { tillId }: TillIdentity) {
  const { revoked_at: revokedAt, ...row } = await trx
    .selectFrom('tills as t')
    .innerJoin('stores as s', 's.id', 't.store_id')
    .select(['t.revoked_at', 's.currency', 's.policy', 's.policy_version'])
    .where('t.id', '=', tillId)
    .executeTakeFirstOrThrow();
  if (revokedAt !== null) throw new SaksiError('till_revoked');
  // As the policy service completes it.
  const policy = policySchema.parse({ ...row.policy, version: row.policy_version });
  return { policy, currency: row.currency };
}

async function assertActive(trx: Trx, { storeId }: TillIdentity, staffId: string): Promise<void> {
  const staff = await trx
    .selectFrom('staff')
    .select('id')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (staff === undefined) throw new SaksiError('staff_unknown');
}

function termsOf({ shift }: Policy, staffId: string | null) {
  const [uses, hours] =
    staffId === null ? [shift.spareOpenings, shift.spareHours] : [shift.openings, shift.hours];
  return { uses, ttlMs: hours * HOUR_MS, amountMax: shift.amountMax === 0 ? null : shift.amountMax };
}

async function assertFewEnough(trx: Trx, { tillId }: TillIdentity, now: number): Promise<void> {
  const since = now - GRANTS_PER_TILL.windowMs;
  const { count, first } = await trx
    .selectFrom('shift_grants')
    .select((select) => [
      select.fn.countAll<number>().as('count'),
      select.fn.min<number | null>('issued_at').as('first'),
    ])
    .where('till_id', '=', tillId)
    .where('issued_at', '>', since)
    .executeTakeFirstOrThrow();
  if (count < GRANTS_PER_TILL.count || first === null) return;
  throw new SaksiError('too_many_requests', { params: { seconds: Math.ceil((first - since) / 1000) } });
}

/** Signed again from its row a grant is the same, to the byte. */
export function shiftGrantClaims(row: Row, gatewayId: string): ShiftGrantClaims {
  return {
    iss: gatewayId,
    aud: row.till_id,
    jti: row.jti,
    iat: row.issued_at / 1000,
    exp: row.expires_at / 1000,
    kind: 'shift',
    actions: ['drawer.open'],
    uses: row.uses,
    staffId: row.staff_id,
    currency: row.currency,
    amountMax: row.amount_max === null ? null : amountSchema.parse(row.amount_max),
  };
}
