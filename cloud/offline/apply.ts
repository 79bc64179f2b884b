import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { parseAmount } from '../../shared/money.ts';
import { type OfflineRedemption, offlineRedemptionSchema } from '../../shared/offline.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { type Booked, bookMany } from './book.ts';
import type { OfflineContext } from './context.ts';

/** Of one transaction: longer, and the store's other tills would wait for its accounts. */
const AT_ONCE = 25;

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
    const [outcome] = await book(context, till, [redemption]);
    return outcome === 'repeated' ? 'repeated' : 'booked';
  } catch (error) {
    context.observe(asSaksiError(error).code, false);
    throw error;
  }
}

/**
 * Many of one till, in their order, few transactions for all of them.
 * @param mayBegin asked before each transaction: false ends it
 * @returns ids of those that are booked now, whether before or by this: all, or those before the first transaction in
 * which one was refused. Throws what is no refusal; then too what is booked is booked.
 */
export async function applyOfflineMany(
  context: OfflineContext,
  till: TillIdentity,
  inputs: readonly OfflineRedemption[],
  mayBegin: () => boolean,
): Promise<Set<string>> {
  const done = new Set<string>();
  try {
    for (let from = 0; from < inputs.length && mayBegin(); from += AT_ONCE) {
      const part = inputs.slice(from, from + AT_ONCE).map(parse);
      await book(context, till, part);
      for (const { id } of part) done.add(id);
    }
  } catch (error) {
    if (!(error instanceof SaksiError)) throw error;
  }
  return done;
}

async function book(
  context: OfflineContext,
  till: TillIdentity,
  redemptions: readonly OfflineRedemption[],
): Promise<readonly Booked[]> {
  const { booked, told } = await context.engine.kysely
    .transaction()
    .execute((trx) => bookMany(context, trx, till, redemptions));
  if (told) context.queued();
  if (booked.some((one) => one !== 'repeated')) {
    // Their holders have codes less. Not inside the transaction: bundles are locked before codes and after accounts. Should it
    // get lost, the till asks when it connects.
    await context.engine.kysely
      .updateTable('sealed_bundles')
      .set({ look_at: 0 })
      .where('till_id', '=', till.tillId)
      .where('look_at', '>', 0)
      .execute();
  }
  for (const one of booked) {
    if (one === 'repeated') context.observe('repeated', false);
    else context.observe(one.flagged ? 'flagged' : 'booked', one.lost > 0);
  }
  return booked;
}

function parse(input: OfflineRedemption): OfflineRedemption {
  if (parseAmount(input.amount) === null) throw new SaksiError('amount_invalid');
  const parsed = offlineRedemptionSchema.safeParse(input);
  if (!parsed.success) throw new SaksiError('bad_request', { cause: parsed.error });
  return parsed.data;
}
