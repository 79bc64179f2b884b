import { isDeepStrictEqual } from 'node:util';
import { type Selectable, sql } from 'kysely';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { parseAmount } from '../../shared/money.ts';
import { type OfflineRedemption, offlineRedemptionSchema } from '../../shared/offline.ts';
import type { OfflineRedemptionsTable } from '../db/offline-tables.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { OfflineContext, Trx } from './context.ts';
import { flagsOf } from './flags.ts';
import { tellAbout } from './told.ts';

/**
 * Takes over what was spent at a till without a line. Repeated with the same id it changes nothing.
 *
 * The shop has handed over the goods, so whatever was spent on a genuine code is booked: from the wallet as far as it
 * reaches, the rest as the store's offline loss. What is odd about it is kept with it (`OfflineFlag`).
 *
 * Refused, for a person to look at: `sealed_code_unknown` (never issued to this till, or to another supervisor: nothing says
 * that anybody allowed it), `sealed_code_used` (by another redemption: one yes stands for one sale), `customer_unknown` (no
 * wallet to book it from), `bad_request` (another currency than the store's), `idempotency_key_reused` (the id with other
 * contents, or of another till).
 */
export async function applyOffline(
  context: OfflineContext,
  till: TillIdentity,
  input: OfflineRedemption,
): Promise<'booked' | 'repeated'> {
  const redemption = parse(input);
  try {
    const booked = await context.engine.kysely
      .transaction()
      .execute((trx) => applyIn(context, trx, till, redemption));
    if (booked === null) {
      context.observe('repeated', false);
      return 'repeated';
    }
    if (booked.told) context.queued();
    // Its holder has one code less. Not inside the transaction: bundles are locked before codes and after accounts. Should it
    // get lost, the till asks when it connects.
    await context.engine.kysely
      .updateTable('sealed_bundles')
      .set({ look_at: 0 })
      .where('till_id', '=', till.tillId)
      .execute();
    context.observe(booked.flagged ? 'flagged' : 'booked', booked.lost > 0);
    return 'booked';
  } catch (error) {
    context.observe(asSaksiError(error).code, false);
    throw error;
  }
}

/** Null: it was booked before. */
async function applyIn(
  context: OfflineContext,
  trx: Trx,
  till: TillIdentity,
  redemption: OfflineRedemption,
): Promise<{ flagged: boolean; lost: number; told: boolean } | null> {
  const { tillId, storeId } = till;
  const now = context.effects.clock.now();
  // One after the other for each code. Not its row: whoever makes a bundle locks that while tills wait for the bundle, and
  // redemptions hold accounts while they wait for their till.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`offline/${redemption.sealedCodeId}`}, 0))`.execute(
    trx,
  );
  if (await wasBooked(trx, till, redemption)) return null;
  const code = await trx
    .selectFrom('sealed_codes as c')
    .innerJoin('sealed_bundles as b', 'b.till_id', 'c.till_id')
    .select(['c.staff_id', 'c.state', 'c.last_serial', 'c.expires_at', 'c.ended_at', 'b.serial'])
    .where('c.id', '=', redemption.sealedCodeId)
    .where('c.till_id', '=', tillId)
    .executeTakeFirst();
  if (code === undefined || code.staff_id !== redemption.supervisorId) {
    throw new SaksiError('sealed_code_unknown');
  }
  if (code.state === 'used') throw new SaksiError('sealed_code_used');
  const store = await trx
    .selectFrom('stores')
    .select('currency')
    .where('id', '=', storeId)
    .executeTakeFirstOrThrow();
  if (store.currency !== redemption.currency)
    throw new SaksiError('bad_request', { params: { at: 'currency' } });
  const customer = await trx
    .selectFrom('customers')
    .select('id')
    .where('id', '=', redemption.customerId)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  if (customer === undefined) throw new SaksiError('customer_unknown');

  const { asset, amount, customerId, id } = redemption;
  const { rows } = await sql<{ taken: number; lost: number }>`select taken, lost
    from ledger_offline(${id}::uuid, ${storeId}::uuid, ${customerId}::uuid, ${asset}, ${amount}::bigint,
      ${now}::bigint)`.execute(trx);
  const { taken = 0, lost = 0 } = rows[0] ?? {};
  // After the accounts were locked: the store's others are committed by now, and count for its limits.
  const facts = { state: code.state, lastSerial: code.last_serial, expiresAt: code.expires_at };
  const flags = await flagsOf(trx, till, redemption, facts);
  const row = toRow(redemption, till);
  await trx
    .insertInto('offline_redemptions')
    .values({ ...row, taken, lost, flags: JSON.stringify(flags), booked_at: now })
    .execute();
  await trx
    .updateTable('sealed_codes')
    .set({
      ...{ state: 'used', hash: null },
      ended_at: code.ended_at ?? now,
      last_serial: code.last_serial ?? code.serial,
    })
    .where('id', '=', redemption.sealedCodeId)
    .execute();
  const told = await tellAbout(context, trx, { redemption, till, lost, now });
  return { flagged: flags.length > 0, lost, told };
}

async function wasBooked(trx: Trx, till: TillIdentity, redemption: OfflineRedemption): Promise<boolean> {
  const row = await trx
    .selectFrom('offline_redemptions')
    .selectAll()
    .where('id', '=', redemption.id)
    .executeTakeFirst();
  if (row === undefined) return false;
  const { taken: _taken, lost: _lost, flags: _flags, booked_at: _at, ...said } = row;
  if (!isDeepStrictEqual(said, toRow(redemption, till))) throw new SaksiError('idempotency_key_reused');
  return true;
}

type Said = Omit<Selectable<OfflineRedemptionsTable>, 'taken' | 'lost' | 'flags' | 'booked_at'>;

function toRow(redemption: OfflineRedemption, { tillId, storeId }: TillIdentity): Said {
  return {
    id: redemption.id,
    store_id: storeId,
    till_id: tillId,
    sealed_code_id: redemption.sealedCodeId,
    bundle_serial: redemption.bundleSerial,
    supervisor_id: redemption.supervisorId,
    customer_id: redemption.customerId,
    asset: redemption.asset,
    amount: redemption.amount,
    currency: redemption.currency,
    sale_ref: redemption.saleRef,
    staff_id: redemption.staffId,
    drawer: redemption.drawer,
    slip: redemption.slip,
    believed_available: redemption.believed.available,
    believed_age_ms: redemption.believed.ageMs,
    spent_at: redemption.spentAt,
  };
}

function parse(input: OfflineRedemption): OfflineRedemption {
  if (parseAmount(input.amount) === null) throw new SaksiError('amount_invalid');
  const parsed = offlineRedemptionSchema.safeParse(input);
  if (!parsed.success) throw new SaksiError('bad_request', { cause: parsed.error });
  return parsed.data;
}
