/**
 * Tells managers of findings: over WhatsApp, many in one message and none in quiet hours, and on the screen until somebody
 * acknowledges them. Each finding is told of once, and again only if it became more severe: however many gateways look, and
 * whatever dies between.
 */
import { type Kysely, sql } from 'kysely';
import { type AlertPolicy, isQuiet } from '../../shared/alert-policy.ts';
import { ALERTS_MAX, type Alert } from '../../shared/alerts.ts';
import type { Effects } from '../../shared/effects.ts';
import type { Severity } from '../../shared/findings.ts';
import type { Store } from '../../shared/gateway-api.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import { policySchema } from '../../shared/policy.ts';
import type { ManagerScope } from '../audit/access.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import { findFindings, listFindings } from '../signals/findings.ts';
import { managerAddresses } from '../staff/identities.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { wordsIn } from './words.ts';
import './tables.ts';

/** As long as the template lets Meta try. */
const TTL_MS = 12 * 3_600_000;
const MINUTE_MS = 60_000;
/** What was found before that is no news: the first look at a store reads weeks. */
const FRESH_MS = 24 * 3_600_000;
const STORE_LENGTH_MAX = 80;
const SIGNAL_LENGTH_MAX = 80;
const SEVERITIES = ['low', 'medium', 'high'] as const satisfies readonly Severity[];
const RANK = { low: 0, medium: 1, high: 2 } as const satisfies Record<Severity, number>;

export interface Alerts {
  /** Stores with something new. @returns of how many findings managers were written to */
  look(): Promise<number>;
  list(scope: ManagerScope): Promise<Alert[]>;
  /** Ids of another store, or acknowledged before, change nothing. */
  acknowledge(scope: ManagerScope, ids: readonly number[]): Promise<Alert[]>;
  waiting(storeId: string): Promise<number>;
}

export interface AlertsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

interface AlertedStore extends Pick<Store, 'id' | 'name' | 'language' | 'timezone'> {
  readonly policy: AlertPolicy;
}

export function createAlerts({ engine, effects, messages, queued }: AlertsOptions): Alerts {
  const db = engine.kysely;
  const { clock } = effects;

  async function list({ storeId }: Pick<ManagerScope, 'storeId'>): Promise<Alert[]> {
    const rows = await db
      .selectFrom('alerts')
      .select(['id', 'at', 'sent_at', 'finding_id', 'signal', 'person_id', 'window_from'])
      .where('store_id', '=', storeId)
      .where('acknowledged_at', 'is', null)
      .orderBy('id', 'desc')
      .limit(ALERTS_MAX)
      .execute();
    const findings = await findFindings(
      db,
      storeId,
      rows.map((row) => row.finding_id),
    );
    return rows.flatMap((row) => {
      const finding = findings.find(
        (one) =>
          one.signal === row.signal && one.person.id === row.person_id && one.window.from === row.window_from,
      );
      // What somebody has looked at needs no alert any more.
      if (finding?.state !== 'new') return [];
      return [{ id: row.id, at: row.at, sentAt: row.sent_at, finding }];
    });
  }

  return {
    list,
    waiting: async (storeId) => (await list({ storeId })).length,

    async acknowledge(scope, ids) {
      await db
        .updateTable('alerts')
        .set({ acknowledged_at: clock.now(), acknowledged_by: scope.staffId })
        .where('store_id', '=', scope.storeId)
        .where('id', 'in', [...ids])
        .where('acknowledged_at', 'is', null)
        .execute();
      return list(scope);
    },

    async look() {
      let told = 0;
      for (const store of await storesOf(db, clock.now())) {
        told += await db.transaction().execute((trx) => lookAt(trx, store));
      }
      if (told > 0) queued();
      return told;
    },
  };

  async function lookAt(trx: Kysely<Database>, store: AlertedStore): Promise<number> {
    const { policy, id: storeId } = store;
    const now = clock.now();
    await sql`insert into alert_turns (store_id) values (${storeId}::uuid) on conflict do nothing`.execute(
      trx,
    );
    const turn = await trx
      .selectFrom('alert_turns')
      .select('sent_at')
      .where('store_id', '=', storeId)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    // Another gateway is at it.
    if (turn === undefined) return 0;
    if (policy.from === 'off') return 0;
    await notice(trx, store, policy.from, now);
    const { minute } = createLocalTime(store.timezone).of(now);
    if (isQuiet(policy, minute) || now - turn.sent_at < policy.groupMinutes * MINUTE_MS) return 0;
    return send(trx, store, now);
  }

  /** Puts down what is new and severe enough, and anew what is more severe than it was told of. */
  async function notice(
    trx: Kysely<Database>,
    { id }: AlertedStore,
    severity: Severity,
    now: number,
  ): Promise<void> {
    const wanted = { storeId: id, severity, state: 'new', from: now - FRESH_MS } as const;
    const findings = await listFindings(trx, { ...wanted, limit: ALERTS_MAX });
    for (const { signal, person, window, severity: found, id: findingId } of findings.reverse()) {
      const untold = { finding_id: findingId, severity: found, at: now, sent_at: null };
      const waiting = { ...untold, acknowledged_at: null, acknowledged_by: null };
      await trx
        .insertInto('alerts')
        .values({
          ...{
            store_id: id,
            signal,
            person_kind: person.kind,
            person_id: person.id,
            window_from: window.from,
          },
          ...waiting,
        })
        .onConflict((conflict) =>
          conflict
            .constraint('alerts_once')
            .doUpdateSet(waiting)
            .where(sql<boolean>`array_position(${SEVERITIES}::text[], excluded.severity)
              > array_position(${SEVERITIES}::text[], alerts.severity)`),
        )
        .execute();
    }
  }

  /** One message for all that were not told yet, and that nobody has looked at meanwhile. */
  async function send(trx: Kysely<Database>, store: AlertedStore, now: number): Promise<number> {
    const { id: storeId, language } = store;
    const due = await trx
      .selectFrom('alerts')
      .select(['id', 'finding_id'])
      .where('store_id', '=', storeId)
      .where('sent_at', 'is', null)
      .where('acknowledged_at', 'is', null)
      .execute();
    if (due.length === 0) return 0;
    const found = await findFindings(
      trx,
      storeId,
      due.map((row) => row.finding_id),
    );
    await trx
      .updateTable('alerts')
      .set({ sent_at: now })
      .where(
        'id',
        'in',
        due.map(({ id }) => id),
      )
      .execute();
    const fresh = found.filter(({ state }) => state === 'new');
    const [worst] = fresh.toSorted((a, b) => RANK[b.severity] - RANK[a.severity] || b.score - a.score);
    if (worst === undefined) return 0;
    const words = [
      parameterText(store.name, STORE_LENGTH_MAX),
      String(fresh.length),
      // No names: they are read on the screen, behind the PIN.
      parameterText(wordsIn(language).signals.name[worst.signal], SIGNAL_LENGTH_MAX),
    ];
    const content = { kind: 'utility', template: TEMPLATE_NAMES.findings, words } as const;
    const common = { kind: 'finding_alert', storeId, tillId: null, question: null, language } as const;
    const managers = await managerAddresses(trx, storeId);
    await messages.addForStaff(
      trx,
      managers.map((address): StaffMessage => ({ ...common, address, content, expiresAt: now + TTL_MS })),
    );
    await trx.updateTable('alert_turns').set({ sent_at: now }).where('store_id', '=', storeId).execute();
    return fresh.length;
  }
}

/** Those where something was found lately, or waits to be told. */
async function storesOf(db: Kysely<Database>, now: number): Promise<AlertedStore[]> {
  const rows = await db
    .selectFrom('stores as s')
    .select(['s.id', 's.name', 's.language', 's.timezone', 's.policy'])
    .where(
      sql<boolean>`s.id in (select store_id from signal_findings where found_at >= ${now - FRESH_MS}::bigint)
        or s.id in (select store_id from alerts where sent_at is null and acknowledged_at is null)`,
    )
    .orderBy('s.id')
    .execute();
  return rows.map(({ policy, ...store }) => ({ ...store, policy: policySchema.parse(policy).alerts }));
}
