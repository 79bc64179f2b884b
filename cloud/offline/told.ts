/** Who is told of offline spending: the customer always, managers where it went beyond the wallet. */
import { sql } from 'kysely';
import { type Asset, type Currency, formatAmount } from '../../shared/money.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { dateText } from '../messages/sealed-codes.ts';
import type { StaffMessage } from '../messages/store.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { addressOf, identitiesOf } from '../staff/identities.ts';
import type { Language } from '../whatsapp/replies.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import type { OfflineContext, Trx } from './context.ts';

/** As long as the templates let Meta try. */
const TTL_MS = 12 * 3_600_000;
/** A till that comes back with many losses does not flood its managers: the rest stands in the report. */
const ALERTS = { count: 5, windowMs: 3_600_000 };
const WORD_LENGTH_MAX = { store: 80, till: 60, name: 80, amount: 60, sale: 64 };
const POINTS: Readonly<Record<Language, string>> = { id: 'poin', en: 'points', tr: 'puan' };

interface Spent {
  readonly redemption: OfflineRedemption;
  readonly till: TillIdentity;
  readonly lost: number;
  readonly now: number;
}

/** In the caller's transaction. @returns whether messages were queued */
export async function tellAbout(context: OfflineContext, trx: Trx, spent: Spent): Promise<boolean> {
  const facts = await factsOf(trx, spent);
  const messages = [...toCustomer(facts, spent), ...(await toManagers(trx, facts, spent))];
  await context.store.addForStaff(trx, messages);
  return messages.length > 0;
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

function factsOf(trx: Trx, { redemption, till }: Spent) {
  return trx
    .selectFrom('stores as s')
    .innerJoin('tills as t', 't.store_id', 's.id')
    .innerJoin('customers as c', 'c.store_id', 's.id')
    .innerJoin('staff as f', 'f.store_id', 's.id')
    .innerJoin('accounts as a', 'a.customer_id', 'c.id')
    .select(['s.name as store', 's.language', 's.timezone', 't.name as till', 'c.name as customer'])
    .select(['c.phone_e164', 'c.language as customer_language', 'f.name as supervisor', 'a.balance'])
    .where('t.id', '=', till.tillId)
    .where('c.id', '=', redemption.customerId)
    .where('f.id', '=', redemption.supervisorId)
    .where('a.kind', '=', 'customer_available')
    .where('a.asset', '=', redemption.asset)
    .executeTakeFirstOrThrow();
}

/** So that spending which a customer knows nothing of is seen by them. */
function toCustomer(facts: Facts, { redemption, till, now }: Spent): StaffMessage[] {
  const { phone_e164: phone, customer_language: language } = facts;
  if (phone === null) return [];
  const words = [
    parameterText(facts.store, WORD_LENGTH_MAX.store),
    amountText(redemption.amount, redemption, language),
    parameterText(redemption.saleRef, WORD_LENGTH_MAX.sale),
    dateText(redemption.spentAt, language, facts.timezone),
    amountText(facts.balance, redemption, language),
  ];
  return [
    {
      ...{ kind: 'offline_spent', storeId: till.storeId, tillId: till.tillId, question: null, language },
      address: { phone },
      content: { kind: 'utility', template: TEMPLATE_NAMES.offlineSpent, words },
      expiresAt: now + TTL_MS,
    },
  ];
}

async function toManagers(
  trx: Trx,
  facts: Facts,
  { redemption, till, lost, now }: Spent,
): Promise<StaffMessage[]> {
  if (lost === 0) return [];
  const { language } = facts;
  const words = [
    parameterText(facts.store, WORD_LENGTH_MAX.store),
    parameterText(facts.till, WORD_LENGTH_MAX.till),
    parameterText(facts.customer, WORD_LENGTH_MAX.name),
    amountText(redemption.amount, redemption, language),
    amountText(lost, redemption, language),
    parameterText(redemption.saleRef, WORD_LENGTH_MAX.sale),
    parameterText(facts.supervisor, WORD_LENGTH_MAX.name),
  ];
  const { rows } = await sql<{ alerts: number }>`select count(*) as alerts from offline_redemptions
    where till_id = ${till.tillId}::uuid and lost > 0 and booked_at > ${now - ALERTS.windowMs}::bigint`.execute(
    trx,
  );
  if ((rows[0]?.alerts ?? 0) > ALERTS.count) return [];
  const managers = await trx
    .selectFrom('staff')
    .select('id')
    .where('store_id', '=', till.storeId)
    .where('role', '=', 'manager')
    .where('active', '=', true)
    .orderBy('id')
    .execute();
  const identities = await identitiesOf(
    trx,
    managers.map(({ id }) => id),
  );
  return managers.flatMap(({ id }): StaffMessage[] => {
    const identity = identities.get(id);
    const address = identity === undefined ? null : addressOf(identity);
    if (address === null) return [];
    const content = { kind: 'utility', template: TEMPLATE_NAMES.offlineLoss, words } as const;
    const { storeId, tillId } = till;
    const common = { kind: 'offline_loss', storeId, tillId, question: null, language } as const;
    return [{ ...common, address, content, expiresAt: now + TTL_MS }];
  });
}

function amountText(
  amount: number,
  { asset, currency }: { asset: Asset; currency: Currency },
  language: Language,
): string {
  return parameterText(
    formatAmount(amount, asset, currency, language, POINTS[language]),
    WORD_LENGTH_MAX.amount,
  );
}
