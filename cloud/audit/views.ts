import { type AuditView, VIEWS_MAX } from '../../shared/audit/timeline.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { ManagerScope } from './access.ts';
import type { AuditContext } from './context.ts';

/** Filters that people keep for themselves. */
export interface AuditViews {
  list(scope: ManagerScope): Promise<AuditView[]>;
  /** The same name replaces it. `bad_request` {at: 'views'} beyond `VIEWS_MAX`. */
  save(scope: ManagerScope, view: Omit<AuditView, 'id'>): Promise<AuditView[]>;
  /** `not_found` for one that is another's, or none. */
  remove(scope: ManagerScope, id: string): Promise<AuditView[]>;
}

export function createAuditViews({ engine, effects }: AuditContext): AuditViews {
  const db = engine.kysely;

  function list({ staffId }: ManagerScope): Promise<AuditView[]> {
    return db
      .selectFrom('audit_views')
      .select(['id', 'name', 'filter'])
      .where('staff_id', '=', staffId)
      .orderBy('name')
      .limit(VIEWS_MAX)
      .execute();
  }

  return {
    list,
    async save(scope, { name, filter }) {
      const before = await list(scope);
      if (before.length >= VIEWS_MAX && !before.some((view) => view.name === name)) {
        throw new SaksiError('bad_request', { params: { at: 'views' } });
      }
      const row = { id: createUuid(effects), staff_id: scope.staffId, name, filter: JSON.stringify(filter) };
      await db
        .insertInto('audit_views')
        .values({ ...row, created_at: effects.clock.now() })
        .onConflict((conflict) =>
          conflict.constraint('audit_views_one_a_name').doUpdateSet({ filter: row.filter }),
        )
        .execute();
      return list(scope);
    },
    async remove(scope, id) {
      const removed = await db
        .deleteFrom('audit_views')
        .where('id', '=', id)
        .where('staff_id', '=', scope.staffId)
        .returning('id')
        .executeTakeFirst();
      if (removed === undefined) throw new SaksiError('not_found');
      return list(scope);
    },
  };
}
