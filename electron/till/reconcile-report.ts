import type { ReconciliationView } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import type { ReconciliationSide } from '../../shared/offline.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { type Core, linkOf } from './core.ts';
import type { Session } from './session.ts';

const NAMED_MAX = 100;

/**
 * What this till settled and what the gateway has booked for it, from ≤ time < to by the till's clock, side by side. What was
 * not sent yet is no difference. Throws `role_not_allowed`; while the line is down `gateway_unreachable`.
 */
export async function reconcileReport(
  core: Core,
  { role }: Session,
  { from, to }: { from: number; to: number },
): Promise<ReconciliationView> {
  if (role !== 'manager') throw new SaksiError('role_not_allowed');
  const answer = await linkOf(core).client.reconciliation(from, to);
  const settled = core.store.redemptions.settledBetween(from, to);
  const spent = settled.filter(({ stage }) => stage === 'done');
  const unsent = settled.filter(({ settlement }) => settlement === 'queued');
  const booked = new Set(answer.keys);
  // Unsent ones that the gateway has all the same: their answer is on its way.
  const due = spent.filter((row) => row.settlement !== 'queued' || booked.has(keyOf(row)));
  const missingAtGateway = due.filter((row) => !booked.has(keyOf(row))).map(({ saleRef }) => saleRef);
  const own = new Set(spent.map(keyOf));
  const cash = core.store.cashSales.usedBetween(from, to);
  const missingAtTill = answer.keys.filter((key) => !own.has(key)).map((key) => nameOf(core, key));
  return {
    from,
    to,
    till: sideOf(spent, settled),
    gateway: answer.gateway,
    // What was cancelled goes by two clocks and moves no money: it is shown and not compared.
    agrees:
      missingAtGateway.length === 0 &&
      missingAtTill.length === 0 &&
      sameSums(sideOf(due, settled), answer.gateway) &&
      cash.told.count === answer.cashSales.count &&
      cash.told.sum === answer.cashSales.sum,
    cashSales: { till: together(cash), gateway: answer.cashSales },
    unsent: unsent.length + cash.unsent.count,
    missingAtGateway: missingAtGateway.slice(0, NAMED_MAX),
    missingAtTill: missingAtTill.slice(0, NAMED_MAX),
    losses: answer.losses,
    chain: chainOf(core),
  };
}

/** The gateway's id of a captured one, the till's own of one that was spent without a line. */
function keyOf({ id, gatewayId }: RedemptionRow): string {
  return gatewayId ?? id;
}

/** The sale where this till still knows it: settled at another time, or not at all. */
function nameOf({ store }: Core, key: string): string {
  return (store.redemptions.findByGatewayId(key) ?? store.redemptions.find(key))?.saleRef ?? key;
}

function sideOf(spent: readonly RedemptionRow[], settled: readonly RedemptionRow[]): ReconciliationSide {
  const tallyOf = (offline: boolean, asset: Asset) => {
    const rows = spent.filter((row) => row.asset === asset && (row.offline !== null) === offline);
    return { count: rows.length, sum: rows.reduce((sum, { amount }) => sum + amount, 0) };
  };
  const both = (offline: boolean) => ({
    deposit: tallyOf(offline, 'deposit'),
    points: tallyOf(offline, 'points'),
  });
  const cancelled = settled.filter(({ stage, settlement }) => stage !== 'done' && settlement === 'confirmed');
  return { captured: both(false), offline: both(true), cancelled: { count: cancelled.length } };
}

function sameSums(one: ReconciliationSide, other: ReconciliationSide): boolean {
  return (['captured', 'offline'] as const).every((kind) =>
    (['deposit', 'points'] as const).every(
      (asset) =>
        one[kind][asset].count === other[kind][asset].count &&
        one[kind][asset].sum === other[kind][asset].sum,
    ),
  );
}

function together({ told, unsent }: ReturnType<Core['store']['cashSales']['usedBetween']>) {
  return { count: told.count + unsent.count, sum: told.sum + unsent.sum };
}

function chainOf({ store }: Core): ReconciliationView['chain'] {
  const verdict = store.audit.verifyChain();
  const newest = store.auditHeads.newest();
  const held = newest === null || store.audit.hashAt(newest.seq) === newest.hash;
  return {
    length: verdict.ok ? verdict.length : verdict.seq - 1,
    ok: verdict.ok && held && store.auditHeads.refused() === null,
    countersignedSeq: newest?.seq ?? null,
    countersignedAt: newest?.signedAt ?? null,
  };
}
