import type { CashReport, DifferenceAllowed } from '../../shared/cash-shift.ts';
import { expectedOf } from '../../shared/cash-shift-rules.ts';
import type { CashFacts } from '../store/cash-facts.ts';
import type { OpenShift } from '../store/cash-shifts.ts';
import type { ShiftSlipPayload } from '../store/slip-jobs.ts';
import { countStanding, staffName } from './cash-shift-rules.ts';
import { type Core, contextOf } from './core.ts';
import type { Session } from './session.ts';
import { lookOf } from './slip-look.ts';

/** How a shift was closed; null: it was not. */
export interface Ending {
  zNo: number;
  reason: string | null;
  allowed: DifferenceAllowed;
  left: number;
}

/** The report of a shift as it stands, whole. */
export function cashReport(
  core: Core,
  shift: OpenShift,
  facts: CashFacts,
  ending: Ending | null,
): CashReport {
  const { opened, sales } = shift;
  const expected = expectedOf(shift, sales.sum);
  const standing = countStanding(shift);
  return {
    kind: ending === null ? 'x' : 'z',
    shiftId: shift.id,
    zNo: ending?.zNo ?? null,
    cashier: staffName(core, shift.cashierId),
    from: opened.at,
    to: core.effects.clock.now(),
    currency: opened.currency,
    float: shift.float,
    lastLeft: opened.lastLeft,
    floatChanges: shift.floatChanges.length,
    floatAfterCount: shift.floatChanges.some(({ afterCount }) => afterCount),
    takenOver: shift.takeovers.length,
    sales: { count: sales.count, sum: sales.sum },
    moves: movesOf(core, shift),
    ...facts,
    counts: shift.counts.map(({ count, expected: then, at }) => ({ counted: count.sum, expected: then, at })),
    expected,
    counted: standing?.counted ?? null,
    difference: standing?.difference ?? null,
    reason: ending?.reason ?? null,
    allowed: ending?.allowed ?? null,
    left: ending?.left ?? null,
  };
}

function movesOf(core: Core, shift: OpenShift): CashReport['moves'] {
  const { kinds } = contextOf(core).policy.approvals;
  const groups = new Map<string, CashReport['moves'][number]>();
  for (const { kind: entry, approvalKind: kind, amount } of shift.moves) {
    const way = entry === 'paid_in' ? 'in' : 'out';
    const key = `${way}/${kind ?? ''}`;
    const before = groups.get(key);
    const name = kinds.find((known) => known.key === kind)?.name ?? null;
    groups.set(key, {
      ...{ kind, name, way },
      count: (before?.count ?? 0) + 1,
      sum: (before?.sum ?? 0) + amount,
    });
  }
  return [...groups.values()];
}

/**
 * The same as it may be shown to whoever asks: a cashier does not see what should be in the drawer before the count, nor the
 * sum of the sales, from which it follows.
 */
export function blinded(report: CashReport, { role }: Pick<Session, 'role'>): CashReport {
  if (role !== 'cashier' || report.counted !== null) return report;
  return { ...report, sales: { ...report.sales, sum: null }, expected: null };
}

/** What the slip of a report says, in the store's language. */
export function reportSlip(core: Core, report: CashReport): ShiftSlipPayload {
  const { store, policy } = contextOf(core);
  return {
    ...lookOf(policy, store.language, null),
    timezone: store.timezone,
    store: { name: store.name, address: store.address, footer: store.footer },
    tillName: core.identity?.tillName ?? '',
    reference: report.shiftId,
    currency: report.currency,
    at: report.to,
    report,
  };
}
