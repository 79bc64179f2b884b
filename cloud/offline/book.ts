import { isDeepStrictEqual } from 'node:util';
import { type Selectable, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import type { OfflineRedemptionsTable } from '../db/offline-tables.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { OfflineContext, Trx } from './context.ts';
import { createFlags } from './flags.ts';
import { type Known, readKnown } from './known.ts';
import { createTold } from './told.ts';

/** What became of one: booked now, or before. */
export type Booked = { readonly flagged: boolean; readonly lost: number } | 'repeated';

/**
 * Books a till's offline redemptions in the order given, in the caller's transaction: all of them, or it throws for the first
 * that is refused (see `applyOffline`). `told`: messages were queued.
 */
export async function bookMany(
  context: OfflineContext,
  trx: Trx,
  till: TillIdentity,
  redemptions: readonly OfflineRedemption[],
): Promise<{ readonly booked: readonly Booked[]; readonly told: boolean }> {
  const known = await readKnown(trx, till, redemptions);
  const now = context.effects.clock.now();
  const flagsOf = createFlags(trx, till);
  const fresh: OfflineRedemption[] = [];
  const rows: object[] = [];
  for (const redemption of redemptions) {
    if (wasBooked(known, till, redemption)) continue;
    const code = assertBookable(known, redemption);
    const limits = limitsOf(known, redemption);
    const facts = { state: code.state, lastSerial: code.last_serial, expiresAt: code.expires_at };
    const flags = await flagsOf(redemption, facts, limits !== null);
    fresh.push(redemption);
    rows.push({ ...toRow(redemption, till), flags, limits });
    // The next of this batch must not use it again.
    code.state = 'used';
  }
  const outcomes = await post(trx, rows, now);
  const told = createTold(context, trx, till, now);
  const booked = new Map<string, Booked>();
  for (const [index, redemption] of fresh.entries()) {
    const { taken, lost, flagged } = outcomes[index] ?? NOTHING;
    await told.about({ redemption, taken, lost, known });
    booked.set(redemption.id, { flagged, lost });
  }
  return {
    booked: redemptions.map(({ id }) => booked.get(id) ?? 'repeated'),
    told: await told.queue(),
  };
}

/** A code that was issued to this till, by this supervisor, and has not been used. */
function assertBookable(known: Known, redemption: OfflineRedemption) {
  const code = known.codes.get(redemption.sealedCodeId);
  if (code === undefined || code.staff_id !== redemption.supervisorId) {
    throw new SaksiError('sealed_code_unknown');
  }
  if (code.state === 'used') throw new SaksiError('sealed_code_used');
  if (known.place.currency !== redemption.currency) {
    throw new SaksiError('bad_request', { params: { at: 'currency' } });
  }
  if (!known.customers.has(redemption.customerId)) throw new SaksiError('customer_unknown');
  return code;
}

/** What the bundle allowed that it names, of its asset; null: there was no such bundle. */
function limitsOf({ issues }: Known, { bundleSerial, asset }: OfflineRedemption) {
  const limits = issues.get(bundleSerial);
  if (limits === undefined) return null;
  const { perCode, perCustomer, perTill } = limits;
  return { code: perCode[asset], customer: perCustomer[asset], till: perTill[asset] };
}

interface Outcome {
  readonly taken: number;
  readonly lost: number;
  readonly flagged: boolean;
}
const NOTHING: Outcome = { taken: 0, lost: 0, flagged: false };

async function post(trx: Trx, rows: readonly object[], now: number): Promise<readonly Outcome[]> {
  if (rows.length === 0) return [];
  const result = await sql<Outcome>`select taken, lost, flagged
    from offline_book(${JSON.stringify(rows)}::jsonb, ${now}::bigint)`.execute(trx);
  return result.rows;
}

function wasBooked({ booked }: Known, till: TillIdentity, redemption: OfflineRedemption): boolean {
  const row = booked.get(redemption.id);
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
