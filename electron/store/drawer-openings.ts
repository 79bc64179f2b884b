import type Database from 'better-sqlite3';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { DrawerAlert } from '../../shared/offline.ts';
import type { Parts } from './store.ts';

/** Notices on the screen at once; the rest follow as these are acknowledged. */
const SHOWN_MAX = 5;

export interface DrawerOpening {
  readonly id: string;
  readonly grantId: string | null;
  readonly seen: 'watched' | 'at_start' | 'after_gap';
  readonly staffName: string | null;
  readonly openedAt: number;
  /** Null: it stands open. */
  readonly closedAt: number | null;
  readonly openMs: number | null;
}

export type NewOpening = Pick<DrawerOpening, 'grantId' | 'seen'> & {
  readonly staff: { readonly staffId: string; readonly name: string } | null;
};

interface Record {
  id: string;
  jti: string | null;
  seen: DrawerOpening['seen'];
  staff_name: string | null;
  opened_at: number;
  closed_at: number | null;
  open_ms: number | null;
}

const toOpening = (record: Record): DrawerOpening => ({
  id: record.id,
  grantId: record.jti,
  seen: record.seen,
  staffName: record.staff_name,
  openedAt: record.opened_at,
  closedAt: record.closed_at,
  openMs: record.open_ms,
});

/** The drawer's openings as the disk keeps them: each call that writes is one transaction, with its event on the chain. */
export function createDrawerOpenings(
  db: Database.Database,
  effects: Effects,
  { write, audit, outbox }: Pick<Parts, 'write' | 'audit' | 'outbox'>,
) {
  const { clock } = effects;
  const insert = db.prepare(
    'INSERT INTO drawer_openings (id, jti, seen, staff_id, staff_name, opened_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const byId = db.prepare<[string], Record>('SELECT * FROM drawer_openings WHERE id = ?');
  const close = db.prepare('UPDATE drawer_openings SET closed_at = ?, open_ms = ? WHERE id = ?');
  const standing = db.prepare<[], Record>(
    'SELECT * FROM drawer_openings WHERE closed_at IS NULL ORDER BY opened_at DESC LIMIT 1',
  );
  const waiting = db.prepare<[], Record>(
    `SELECT * FROM drawer_openings WHERE jti IS NULL AND acknowledged_at IS NULL
     ORDER BY opened_at LIMIT ${SHOWN_MAX}`,
  );
  const acknowledge = db.prepare(
    `UPDATE drawer_openings SET acknowledged_by = ?, acknowledged_at = ?, reason = ?
     WHERE id = ? AND jti IS NULL AND acknowledged_at IS NULL`,
  );
  const lastWord = db.prepare<[], { at: number | null }>('SELECT max(at) AS at FROM audit');
  const unanswered = db.prepare<[number, number], { jti: string }>(
    `SELECT g.jti FROM grant_uses g
       LEFT JOIN redemptions r ON r.id = g.redemption_id
       LEFT JOIN approvals a ON a.id = g.approval_id
     WHERE g.used_at >= ? AND instr(g.actions, 'drawer.open') > 0
       AND coalesce(r.drawer_state, a.drawer_state) IN ('waiting', 'unconfirmed')
       AND NOT EXISTS (SELECT 1 FROM drawer_openings d WHERE d.jti = g.jti)
     UNION ALL SELECT c.id FROM cash_sales c
     WHERE c.used_at >= ? AND c.drawer_state IN ('waiting', 'unconfirmed')
       AND NOT EXISTS (SELECT 1 FROM drawer_openings d WHERE d.jti = c.id)`,
  );

  function alertOf(alert: DrawerAlert): void {
    outbox.add(`drawer:${alert.openingId}`, null, { kind: 'drawer_alert', alert });
  }

  return {
    /** Explained or not. `alert`: managers are told through the outbox, in the same commit. */
    opened({ grantId, seen, staff }: NewOpening, alert: boolean): DrawerOpening {
      return write(() => {
        const id = createUuid(effects);
        const at = clock.now();
        insert.run(id, grantId, seen, staff?.staffId ?? null, staff?.name ?? null, at);
        const body = { id, seen, staffId: staff?.staffId ?? null };
        if (grantId === null) audit.append('drawer.unexplained_opening', body);
        else audit.append('drawer.opened', { ...body, jti: grantId });
        if (alert && grantId === null) {
          alertOf({ openingId: id, what: 'unexplained', openedAt: at, openMs: 0, staffId: body.staffId });
        }
        return this.get(id);
      });
    },

    /** `exact` false: it was shut while nobody could see, some time before now. */
    closed({ id }: DrawerOpening, openMs: number, exact: boolean): void {
      write(() => {
        const whole = Math.round(openMs);
        close.run(clock.now(), whole, id);
        audit.append('drawer.closed', { id, openMs: whole, exact });
      });
    },

    /** It stands open for too long; `alert`: managers are told. */
    openLong({ id, openedAt }: DrawerOpening, openMs: number, alert: boolean): void {
      write(() => {
        const whole = Math.round(openMs);
        audit.append('drawer.open_long', { id, openMs: whole, alert });
        if (alert) alertOf({ openingId: id, what: 'open_long', openedAt, openMs: whole, staffId: null });
      });
    },

    /** A manager has looked into it. Throws `drawer_opening_unknown` for what is none or was acknowledged before. */
    acknowledged(id: string, staffId: string, reason: string): void {
      write(() => {
        if (acknowledge.run(staffId, clock.now(), reason, id).changes === 0) {
          throw new SaksiError('drawer_opening_unknown');
        }
        audit.append('drawer.acknowledged', { id, staffId, reason });
      });
    },

    get(id: string): DrawerOpening {
      const record = byId.get(id);
      if (record === undefined) throw new SaksiError('drawer_opening_unknown');
      return toOpening(record);
    },

    /** The opening that was on record as open last; null: it was shut. */
    standing(): DrawerOpening | null {
      const record = standing.get();
      return record === undefined ? null : toOpening(record);
    },

    /** Unexplained ones that no manager has acknowledged, oldest first. */
    waiting: (): DrawerOpening[] => waiting.all().map(toOpening),

    /** Grants used in the last `withinMs` of the run before this one whose pulse nobody saw answered. */
    unansweredGrants(withinMs: number): string[] {
      const last = lastWord.get()?.at ?? null;
      return last === null ? [] : unanswered.all(last - withinMs, last - withinMs).map(({ jti }) => jti);
    },
  };
}
export type DrawerOpenings = ReturnType<typeof createDrawerOpenings>;
