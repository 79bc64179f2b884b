/** Says that a store's message credit is running low: to its tills, and over WhatsApp to its managers; once for each threshold. */
import { type Kysely, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import {
  type CreditThreshold,
  type MessageCreditPolicy,
  thresholdName,
} from '../../shared/message-credit-policy.ts';
import { formatAmount } from '../../shared/money.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { TillEvents } from '../events/append.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import { managerAddresses } from '../staff/identities.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { lastTopup, priceOf } from './accounts.ts';

/** As long as the template lets Meta try. */
const TTL_MS = 12 * 3_600_000;
const WORD_LENGTH_MAX = { store: 80, amount: 60 };
const STORES_PER_LOOK = 200;

interface LowCreditOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  readonly events: Pick<TillEvents, 'append' | 'committed'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

/** Looks at the stores whose credit moved lately and is enforced or topped up, and warns of the thresholds newly passed. */
export function createLowCreditWatch(options: LowCreditOptions): () => Promise<void> {
  const { engine, effects, messages, events, queued } = options;
  /** Balance at the last look, by store: one that did not move is not looked at again. */
  const seen = new Map<string, number>();

  return async function look() {
    const { rows } = await sql<{ store_id: string; balance: number }>`
      select a.store_id, a.balance from credit_accounts a join stores s on s.id = a.store_id
      where a.kind = 'store_credit' and ((s.message_credit ->> 'enforce')::boolean
        or exists (select 1 from credit_accounts b where b.store_id = a.store_id and b.kind = 'credit_sold'
          and b.balance < 0))
      order by a.store_id`.execute(engine.kysely);
    const moved = rows.filter(({ store_id: id, balance }) => seen.get(id) !== balance);
    for (const { store_id: storeId, balance } of moved.slice(0, STORES_PER_LOOK)) {
      await warn(storeId);
      seen.set(storeId, balance);
    }
  };

  async function warn(storeId: string): Promise<void> {
    const told = await engine.kysely.transaction().execute((trx) => warnIn(trx, storeId));
    events.committed(told.tillIds);
    if (told.messages > 0) queued();
  }

  async function warnIn(
    trx: Kysely<Database>,
    storeId: string,
  ): Promise<{ tillIds: string[]; messages: number }> {
    const now = effects.clock.now();
    const store = await trx
      .selectFrom('stores as s')
      .innerJoin('credit_accounts as a', 'a.store_id', 's.id')
      .select(['s.name', 's.currency', 's.country', 's.language', 'a.balance'])
      .select(sql<MessageCreditPolicy | null>`s.message_credit`.as('policy'))
      .where('s.id', '=', storeId)
      .where('a.kind', '=', 'store_credit')
      .executeTakeFirstOrThrow();
    const topup = await lastTopup(trx, storeId);
    const price = await priceOf(trx, { ...store, category: 'utility', at: now });
    const limitOf = (threshold: CreditThreshold) =>
      'percent' in threshold
        ? Math.floor(((topup?.amount ?? 0) * threshold.percent) / 100)
        : threshold.messages * price;
    const passed = (store.policy?.warnAt ?? [])
      .filter((threshold) => store.balance <= limitOf(threshold))
      .sort((one, other) => limitOf(other) - limitOf(one));
    if (passed.length === 0) return { tillIds: [], messages: 0 };
    const fresh = await trx
      .insertInto('credit_warnings')
      .values(
        passed.map((threshold) => ({
          ...{ store_id: storeId, topup_id: topup?.id ?? 0, threshold: thresholdName(threshold) },
          ...{ balance: store.balance, at: now },
        })),
      )
      .onConflict((conflict) => conflict.columns(['store_id', 'topup_id', 'threshold']).doNothing())
      .returning('threshold')
      .execute();
    // Several at once (a large send) are one warning: the lowest.
    const lowest = fresh.map(({ threshold }) => threshold).at(-1);
    if (lowest === undefined) return { tillIds: [], messages: 0 };
    const left = Math.max(0, store.balance);
    const words = [
      parameterText(store.name, WORD_LENGTH_MAX.store),
      parameterText(formatAmount(left, 'deposit', store.currency, store.language), WORD_LENGTH_MAX.amount),
      String(price === 0 ? 0 : Math.floor(left / price)),
    ];
    const told = await toManagers(trx, storeId, { language: store.language, words, expiresAt: now + TTL_MS });
    await messages.addForStaff(trx, told);
    const tills = await trx
      .selectFrom('tills')
      .select('id')
      .where('store_id', '=', storeId)
      .where('paired_at', 'is not', null)
      .where('revoked_at', 'is', null)
      // Always in one order, so that two changes never wait for each other's tills crosswise.
      .orderBy('id')
      .execute();
    const { currency, balance } = store;
    const event = { type: 'credit.low', threshold: lowest, balance, currency } as const;
    for (const { id } of tills) await events.append(trx, id, event);
    return { tillIds: tills.map(({ id }) => id), messages: told.length };
  }
}

async function toManagers(
  trx: Kysely<Database>,
  storeId: string,
  { language, words, expiresAt }: { language: string; words: readonly string[]; expiresAt: number },
): Promise<StaffMessage[]> {
  const managers = await managerAddresses(trx, storeId);
  return managers.map((address): StaffMessage => {
    const content = { kind: 'utility', template: TEMPLATE_NAMES.lowCredit, words } as const;
    const common = { kind: 'credit_low', storeId, tillId: null, question: null, language } as const;
    return { ...common, address, content, expiresAt };
  });
}
