/** Who is told of offline spending: the customer always, managers where it went beyond the wallet. */
import { sql } from 'kysely';
import { type Asset, type Currency, formatAmount } from '../../shared/money.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { dateText } from '../messages/sealed-codes.ts';
import type { StaffMessage } from '../messages/store.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { managerAddresses } from '../staff/identities.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import type { Language } from '../whatsapp/replies.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import type { OfflineContext, Trx } from './context.ts';
import { type Known, walletKey } from './known.ts';

/** As long as the templates let Meta try. */
const TTL_MS = 12 * 3_600_000;
/** A till that comes back with many losses does not flood its managers: the rest stands in the report. */
const ALERTS = { count: 5, windowMs: 3_600_000 };
const WORD_LENGTH_MAX = { store: 80, till: 60, name: 80, amount: 60, sale: 64 };
const POINTS: Readonly<Record<Language, string>> = { id: 'poin', en: 'points', tr: 'puan' };

interface Spent {
  readonly redemption: OfflineRedemption;
  readonly taken: number;
  readonly lost: number;
  readonly known: Known;
}

export interface Told {
  /** Notes who is to be told of one that is booked. */
  about(spent: Spent): Promise<void>;
  /** Queues the messages in the transaction. @returns whether there were any */
  queue(): Promise<boolean>;
}

/** For what one transaction books of one till. */
export function createTold(context: OfflineContext, trx: Trx, till: TillIdentity, now: number): Told {
  const messages: StaffMessage[] = [];
  let alerts: Promise<Alerts> | null = null;
  return {
    async about(spent) {
      const facts = factsOf(spent);
      messages.push(...toCustomer(facts, spent.redemption, till, now));
      if (spent.lost === 0) return;
      alerts ??= readAlerts(trx, till, now);
      const { managers, before } = await alerts;
      alerts = Promise.resolve({ managers, before: before + 1 });
      if (before < ALERTS.count) messages.push(...toManagers(facts, spent, managers, till, now));
    },
    async queue() {
      await context.store.addForStaff(trx, messages);
      return messages.length > 0;
    },
  };
}

type Facts = ReturnType<typeof factsOf>;

/** Also keeps the wallet's new balance, for the next of this customer. */
function factsOf({ redemption, taken, known }: Spent) {
  const { customerId, supervisorId, asset } = redemption;
  const customer = known.customers.get(customerId);
  const wallet = walletKey(customerId, asset);
  const balance = (known.balances.get(wallet) ?? 0) - taken;
  known.balances.set(wallet, balance);
  return {
    ...known.place,
    customer: customer?.name ?? '',
    phone: customer?.phone_e164 ?? null,
    customerLanguage: customer?.language ?? known.place.language,
    supervisor: known.supervisors.get(supervisorId)?.name ?? '',
    balance,
  };
}

/** So that spending which a customer knows nothing of is seen by them. */
function toCustomer(
  facts: Facts,
  redemption: OfflineRedemption,
  till: TillIdentity,
  now: number,
): StaffMessage[] {
  const { phone, customerLanguage: language } = facts;
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

interface Alerts {
  readonly managers: readonly Address[];
  /** Losses of this till in the window, before the one in hand. */
  readonly before: number;
}

async function readAlerts(trx: Trx, { tillId, storeId }: TillIdentity, now: number): Promise<Alerts> {
  // The one that asks is booked already.
  const { rows } = await sql<{ losses: number }>`select count(*) as losses from offline_redemptions
    where till_id = ${tillId}::uuid and lost > 0 and booked_at > ${now - ALERTS.windowMs}::bigint`.execute(
    trx,
  );
  const managers = await managerAddresses(trx, storeId);
  return {
    managers,
    before: Math.max(0, (rows[0]?.losses ?? 0) - 1),
  };
}

function toManagers(
  facts: Facts,
  { redemption, lost }: Spent,
  managers: readonly Address[],
  { storeId, tillId }: TillIdentity,
  now: number,
): StaffMessage[] {
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
  const content = { kind: 'utility', template: TEMPLATE_NAMES.offlineLoss, words } as const;
  const common = { kind: 'offline_loss', storeId, tillId, question: null, language } as const;
  return managers.map((address) => ({ ...common, address, content, expiresAt: now + TTL_MS }));
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
