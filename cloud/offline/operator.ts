/** The operator's hand on sealed codes. */
import { sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { OfflineContext, Trx } from './context.ts';

export type OfflineSubject = { readonly tillId: string } | { readonly staffId: string };

export interface OfflineOperator {
  status(storeId: string): Promise<OfflineStatus>;
  /** All codes of this till, or of this person, end; new ones follow when the tills ask. @throws SaksiError not_found, staff_unknown */
  renew(subject: OfflineSubject): Promise<{ ended: number }>;
  /** The same, and there are no new ones until `renew`. */
  revoke(subject: OfflineSubject): Promise<{ ended: number }>;
}

export interface OfflineStatus {
  readonly enabled: boolean;
  readonly tills: readonly {
    readonly tillId: string;
    readonly name: string;
    readonly serial: number;
    readonly expiresAt: string | null;
    readonly stopped: boolean;
    /** The till was told of a newer bundle and has not asked for it yet. */
    readonly waiting: boolean;
    readonly holders: readonly { staffId: string; name: string; unused: number; delivered: boolean }[];
  }[];
  readonly stoppedStaff: readonly { staffId: string; name: string }[];
  readonly spent: { readonly count: number; readonly flagged: number; readonly losses: number };
  /** Countersignatures refused: a till on an old or altered copy of its data. */
  readonly headRefusals: number;
}

export function createOfflineOperator({ engine, effects, events }: OfflineContext): OfflineOperator {
  const db = engine.kysely;

  async function change(subject: OfflineSubject, stop: boolean): Promise<{ ended: number }> {
    const now = effects.clock.now();
    const done = await db.transaction().execute(async (trx) => {
      const { id, kind } = await subjectOf(trx, subject);
      if (stop) {
        const row = { subject: id, kind, at: now };
        await trx
          .insertInto('sealed_stops')
          .values(row)
          .onConflict((conflict) => conflict.column('subject').doNothing())
          .execute();
      } else await trx.deleteFrom('sealed_stops').where('subject', '=', id).execute();
      const bundles = await trx
        .selectFrom('sealed_bundles')
        .select(['till_id', 'serial'])
        .where((where) =>
          kind === 'till'
            ? where('till_id', '=', id)
            : where('store_id', 'in', where.selectFrom('staff').select('store_id').where('id', '=', id)),
        )
        .orderBy('till_id')
        .forNoKeyUpdate()
        .execute();
      let ended = 0;
      for (const { till_id: tillId, serial } of bundles) {
        const { numUpdatedRows } = await trx
          .updateTable('sealed_codes')
          .set({ state: 'revoked', hash: null, ended_at: now, last_serial: serial })
          .where('till_id', '=', tillId)
          .where('state', '=', 'unused')
          .$if(kind === 'staff', (query) => query.where('staff_id', '=', id))
          .executeTakeFirst();
        ended += Number(numUpdatedRows);
        await trx
          .updateTable('sealed_bundles')
          .set({ look_at: 0, announced: false })
          .where('till_id', '=', tillId)
          .execute();
      }
      return { ended, tillIds: bundles.map((bundle) => bundle.till_id) };
    });
    events.committed(done.tillIds);
    return { ended: done.ended };
  }

  async function status(storeId: string): Promise<OfflineStatus> {
    const store = await db.selectFrom('stores').select('policy').where('id', '=', storeId).executeTakeFirst();
    if (store === undefined) throw new SaksiError('not_found');
    const tills = await db
      .selectFrom('tills as t')
      .leftJoin('sealed_bundles as b', 'b.till_id', 't.id')
      .leftJoin('sealed_stops as x', 'x.subject', 't.id')
      .select(['t.id', 't.name', 'b.serial', 'b.expires_at', 'b.announced', 'x.at as stopped_at'])
      .where('t.store_id', '=', storeId)
      .where('t.revoked_at', 'is', null)
      .orderBy('t.created_at')
      .execute();
    const codes = await db
      .selectFrom('sealed_codes as c')
      .innerJoin('staff as s', 's.id', 'c.staff_id')
      .leftJoin('messages as m', 'm.id', 'c.message_id')
      .select(['c.till_id', 's.id', 's.name'])
      .select((select) => [select.fn.countAll<number>().as('unused'), select.fn.max('m.state').as('state')])
      .where('c.store_id', '=', storeId)
      .where('c.state', '=', 'unused')
      .groupBy(['c.till_id', 's.id'])
      .orderBy('s.name')
      .execute();
    const stoppedStaff = await db
      .selectFrom('sealed_stops as x')
      .innerJoin('staff as s', 's.id', 'x.subject')
      .select(['s.id as staffId', 's.name'])
      .where('s.store_id', '=', storeId)
      .execute();
    const spent = await db
      .selectFrom('offline_redemptions')
      .select((select) => [
        select.fn.countAll<number>().as('count'),
        select.fn.countAll<number>().filterWhere('lost', '>', 0).as('losses'),
        sql<number>`count(*) filter (where flags <> '[]'::jsonb)`.as('flagged'),
      ])
      .where('store_id', '=', storeId)
      .executeTakeFirst();
    const refusals = await db
      .selectFrom('audit_head_refusals as r')
      .innerJoin('tills as t', 't.id', 'r.till_id')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('t.store_id', '=', storeId)
      .executeTakeFirst();
    return {
      enabled: store.policy.offline?.enabled ?? true,
      tills: tills.map((till) => ({
        tillId: till.id,
        name: till.name,
        serial: till.serial ?? 0,
        expiresAt: till.expires_at === null ? null : new Date(till.expires_at).toISOString(),
        stopped: till.stopped_at !== null,
        waiting: till.announced ?? false,
        holders: codes
          .filter((code) => code.till_id === till.id)
          .map(({ id: staffId, name, unused, state }) => ({
            ...{ staffId, name, unused },
            delivered: state !== null && state !== 'failed' && state !== 'queued',
          })),
      })),
      stoppedStaff,
      spent: { count: spent?.count ?? 0, flagged: spent?.flagged ?? 0, losses: spent?.losses ?? 0 },
      headRefusals: refusals?.count ?? 0,
    };
  }

  return {
    status,
    renew: (subject) => change(subject, false),
    revoke: (subject) => change(subject, true),
  };
}

async function subjectOf(trx: Trx, subject: OfflineSubject): Promise<{ id: string; kind: 'till' | 'staff' }> {
  const [kind, id] =
    'tillId' in subject ? (['till', subject.tillId] as const) : (['staff', subject.staffId] as const);
  const known = await trx
    .selectFrom(kind === 'till' ? 'tills' : 'staff')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (known === undefined) throw new SaksiError(kind === 'till' ? 'not_found' : 'staff_unknown');
  return { id, kind };
}
