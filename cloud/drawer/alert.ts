/** What a till tells of its drawer: kept, and managers are told. */
import { type Kysely, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { DrawerAlert } from '../../shared/offline.ts';
import type { Database } from '../db/schema.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { dateText } from '../messages/sealed-codes.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { managerAddresses } from '../staff/identities.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';

export interface DrawerAlertsTable {
  /** The till's, and the idempotency key. */
  id: string;
  till_id: string;
  store_id: string;
  opening_id: string;
  what: DrawerAlert['what'];
  opened_at: number;
  open_ms: number;
  staff_id: string | null;
  kept_at: number;
}

declare module '../db/schema.ts' {
  interface Database {
    drawer_alerts: DrawerAlertsTable;
  }
}

/** As long as the templates let Meta try. */
const TTL_MS = 12 * 3_600_000;
/** One till's drawer does not flood its managers: the rest is kept, and stands on the till's chain. */
const ALERTS = { count: 5, windowMs: 3_600_000 };
const WORD_LENGTH_MAX = { store: 80, till: 60, name: 80 };
const MINUTE_MS = 60_000;

interface AlertParts {
  readonly db: Kysely<Database>;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

export interface DrawerAlerts {
  /** Twice is as good as once. Throws `idempotency_key_reused`. */
  keep(till: TillIdentity, id: string, alert: DrawerAlert): Promise<void>;
}

export function createDrawerAlerts(parts: AlertParts): DrawerAlerts {
  return {
    async keep(till, id, alert) {
      if (await keepAlert(parts, till, id, alert)) parts.queued();
    },
  };
}

/** @returns whether messages were queued */
async function keepAlert(
  { db, effects, messages }: AlertParts,
  till: TillIdentity,
  id: string,
  alert: DrawerAlert,
): Promise<boolean> {
  const now = effects.clock.now();
  return db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('drawer_alerts')
      .values({
        ...{ id, till_id: till.tillId, store_id: till.storeId, opening_id: alert.openingId },
        ...{ what: alert.what, opened_at: alert.openedAt, open_ms: alert.openMs, staff_id: alert.staffId },
        kept_at: now,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) {
      await assertSame(trx, till, id, alert);
      return false;
    }
    const { rows } = await sql<{ alerts: number }>`select count(*)::int as alerts from drawer_alerts
      where till_id = ${till.tillId}::uuid and kept_at > ${now - ALERTS.windowMs}::bigint`.execute(trx);
    if ((rows[0]?.alerts ?? 0) > ALERTS.count) return false;
    const told = await toManagers(trx, till, alert, now);
    await messages.addForStaff(trx, told);
    return told.length > 0;
  });
}

async function assertSame(trx: Kysely<Database>, till: TillIdentity, id: string, alert: DrawerAlert) {
  const before = await trx
    .selectFrom('drawer_alerts')
    .select(['till_id', 'opening_id', 'what'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const same =
    before.till_id === till.tillId && before.opening_id === alert.openingId && before.what === alert.what;
  if (!same) throw new SaksiError('idempotency_key_reused');
}

async function toManagers(
  trx: Kysely<Database>,
  { storeId, tillId }: TillIdentity,
  alert: DrawerAlert,
  now: number,
): Promise<StaffMessage[]> {
  const facts = await trx
    .selectFrom('stores as s')
    .innerJoin('tills as t', 't.store_id', 's.id')
    .leftJoin('staff as f', (join) =>
      join.onRef('f.store_id', '=', 's.id').on('f.id', '=', alert.staffId ?? tillId),
    )
    .select(['s.name as store', 's.language', 's.timezone', 't.name as till', 'f.name as staff'])
    .where('t.id', '=', tillId)
    .executeTakeFirstOrThrow();
  const { language } = facts;
  const isLong = alert.what === 'open_long';
  const words = [
    parameterText(facts.store, WORD_LENGTH_MAX.store),
    parameterText(facts.till, WORD_LENGTH_MAX.till),
    dateText(alert.openedAt, language, facts.timezone),
    isLong
      ? String(Math.max(1, Math.floor(alert.openMs / MINUTE_MS)))
      : parameterText(facts.staff ?? '', WORD_LENGTH_MAX.name),
  ];
  const template = isLong ? TEMPLATE_NAMES.drawerOpenLong : TEMPLATE_NAMES.drawerUnexplained;
  const managers = await managerAddresses(trx, storeId);
  return managers.map((address): StaffMessage => {
    const content = { kind: 'utility', template, words } as const;
    const common = { kind: 'drawer_alert', storeId, tillId, question: null, language } as const;
    return { ...common, address, content, expiresAt: now + TTL_MS };
  });
}
