/** Yesterday's figures to managers, each day at the minute that the store chose; once a day, by however many gateways. */
import { type Kysely, sql } from 'kysely';
import type { Digest, DigestFigure } from '../../shared/alerts.ts';
import type { Effects } from '../../shared/effects.ts';
import type { Language } from '../../shared/errors.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import { formatAmount } from '../../shared/money.ts';
import { policySchema } from '../../shared/policy.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import { managerAddresses } from '../staff/identities.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { digestOf } from './digest.ts';
import { wordsIn } from './words.ts';
import './tables.ts';

const TTL_MS = 12 * 3_600_000;
const DAY_MS = 86_400_000;
const WORD_LENGTH_MAX = 80;

export interface DigestsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

/** The answer: of how many stores managers were written to now. */
export function createDigests({ engine, effects, messages, queued }: DigestsOptions): () => Promise<number> {
  const db = engine.kysely;

  return async function look() {
    const now = effects.clock.now();
    let told = 0;
    for (const store of await wantingStores(db)) {
      const { day, minute } = createLocalTime(store.timezone).of(now);
      if (minute < policySchema.parse(store.policy).alerts.digest.minute) continue;
      const yesterday = day - 1;
      told += await db.transaction().execute(async (trx) => {
        const first = await trx
          .insertInto('digests')
          .values({ store_id: store.id, day: yesterday, at: now })
          .onConflict((conflict) => conflict.columns(['store_id', 'day']).doNothing())
          .returning('day')
          .executeTakeFirst();
        if (first === undefined) return 0;
        await messages.addForStaff(
          trx,
          await toManagers(trx, store, await digestOf(trx, store, yesterday), now),
        );
        return 1;
      });
    }
    if (told > 0) queued();
    return told;
  };
}

async function wantingStores(db: Kysely<Database>) {
  return db
    .selectFrom('stores')
    .select(['id', 'name', 'language', 'timezone', 'currency', 'policy'])
    .where(sql<boolean>`(policy #>> '{alerts,digest,on}')::boolean`)
    .orderBy('id')
    .execute();
}
type WantingStore = Awaited<ReturnType<typeof wantingStores>>[number];

async function toManagers(
  trx: Kysely<Database>,
  { id: storeId, name, language }: WantingStore,
  digest: Digest,
  now: number,
): Promise<StaffMessage[]> {
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  const { figures } = digest;
  const order = [
    'redemptions',
    'voids',
    'discounts',
    'openings',
    'unexplained',
    'offline',
    'findings',
    'messages',
  ] as const;
  const words = [
    parameterText(name, WORD_LENGTH_MAX),
    date.format(digest.day * DAY_MS),
    ...order.map((figure) => parameterText(figureText(figures[figure], digest, language), WORD_LENGTH_MAX)),
  ];
  const content = { kind: 'utility', template: TEMPLATE_NAMES.digest, words } as const;
  const common = { kind: 'digest', storeId, tillId: null, question: null, language } as const;
  const managers = await managerAddresses(trx, storeId);
  return managers.map((address): StaffMessage => ({ ...common, address, content, expiresAt: now + TTL_MS }));
}

/** '12 (Rp 480.000, 300 poin)'. */
function figureText(
  { count, amount, points }: DigestFigure,
  { currency }: Digest,
  language: Language,
): string {
  const sums = [
    ...(amount === null || amount === 0 ? [] : [formatAmount(amount, 'deposit', currency, language)]),
    ...(points === null || points === 0
      ? []
      : [formatAmount(points, 'points', currency, language, wordsIn(language).asset.unit)]),
  ];
  const number = new Intl.NumberFormat(language).format(count);
  return sums.length === 0 ? number : `${number} (${sums.join(', ')})`;
}
