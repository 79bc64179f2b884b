import type Database from 'better-sqlite3';
import { type Localised, localisedSchema } from '../../shared/approval-policy.ts';
import type { CashReport } from '../../shared/cash-shift.ts';
import { readJson } from './json-column.ts';

export type CashFacts = Pick<
  CashReport,
  'redemptions' | 'approvals' | 'openings' | 'noSale' | 'reprints' | 'slipsFailed'
>;

/** What a report says beside the cash: read from the chain, so that it says what the chain does. Changes nothing. */
export function createCashFacts(db: Database.Database) {
  const redeemed = db.prepare<[number, number], { asset: 'deposit' | 'points'; count: number; sum: number }>(
    `SELECT r.asset AS asset, count(*) AS count, sum(r.amount) AS sum
     FROM audit a JOIN redemptions r ON r.id = json_extract(a.body, '$.id')
     WHERE a.seq > ? AND a.seq <= ? AND a.kind IN ('grant.used', 'sealed.used') AND r.stage <> 'cancelled'
     GROUP BY r.asset`,
  );
  const approved = db.prepare<[number, number], { kind: string; name: string; count: number; sum: number }>(
    `SELECT json_extract(p.request, '$.kind') AS kind, max(p.kind_name) AS name, count(*) AS count,
       coalesce(sum(json_extract(p.request, '$.amount')), 0) AS sum
     FROM audit a JOIN approvals p ON p.id = json_extract(a.body, '$.id')
     WHERE a.seq > ? AND a.seq <= ? AND a.kind = 'grant.used' GROUP BY 1 ORDER BY 1`,
  );
  const opened = db.prepare<[number, number], { cause: keyof CashFacts['openings']; count: number }>(
    `SELECT CASE
         WHEN g.redemption_id IS NOT NULL THEN 'redemption' WHEN g.approval_id IS NOT NULL THEN 'approval'
         WHEN c.id IS NOT NULL THEN 'cashSale' ELSE 'unexplained' END AS cause, count(*) AS count
     FROM (SELECT json_extract(body, '$.jti') AS jti FROM audit
       WHERE seq > ? AND seq <= ? AND kind IN ('drawer.opened', 'drawer.unexplained_opening')) o
       LEFT JOIN grant_uses g ON g.jti = o.jti LEFT JOIN cash_sales c ON c.id = o.jti
     GROUP BY 1`,
  );
  const counted = db.prepare<[string, number, number], { count: number }>(
    'SELECT count(*) AS count FROM audit WHERE kind = ? AND seq > ? AND seq <= ?',
  );
  const count = (kind: string, after: number, upTo: number) => counted.get(kind, after, upTo)?.count ?? 0;

  /** Of the audit entries after one and up to another. */
  return (after: number, upTo: number): CashFacts => {
    const assets = redeemed.all(after, upTo);
    const tallyOf = (asset: 'deposit' | 'points') => {
      const found = assets.find((one) => one.asset === asset);
      return { count: found?.count ?? 0, sum: found?.sum ?? 0 };
    };
    const approvals = approved.all(after, upTo).map(({ name, ...rest }) => ({
      ...rest,
      name: readJson(localisedSchema, name) satisfies Localised,
    }));
    const openings = { redemption: 0, approval: 0, cashSale: 0, unexplained: 0 };
    for (const { cause, count: times } of opened.all(after, upTo)) openings[cause] = times;
    return {
      redemptions: { deposit: tallyOf('deposit'), points: tallyOf('points') },
      approvals,
      openings,
      noSale: approvals.find(({ kind }) => kind === 'no_sale')?.count ?? 0,
      reprints: count('slip.reprint', after, upTo),
      slipsFailed: count('slip.failed', after, upTo),
    };
  };
}
