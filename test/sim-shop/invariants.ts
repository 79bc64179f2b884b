import { checkLedger } from '../../cloud/ledger/check.ts';
import { createAudit } from '../../electron/store/audit.ts';
import type { SimDatabase } from './database.ts';
import { createOfflineRules } from './offline-rules.ts';
import { checkOrder } from './order-rules.ts';
import type { Customer, People, Person } from './people.ts';
import type { PolicyDesk } from './policy-desk.ts';
import type { TillMachine } from './till-machine.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface InvariantParts {
  database: SimDatabase;
  tills: readonly TillMachine[];
  customers: readonly Customer[];
  staff: readonly Person[];
  people: People;
  policyDesk: PolicyDesk;
  time: VirtualTime;
  violated(what: string): void;
}

interface TillRow {
  id: string;
  gateway_id: string | null;
  stage: string;
  settlement: string;
  settle: string;
  jti: string | null;
  offline: string | null;
}

/** Ends of a redemption and of an approval at the gateway: none is ever left again. */
const FINAL = ['captured', 'released', 'expired', 'failed'];
const APPROVAL_FINAL = ['approved', 'rejected', 'expired', 'cancelled'];

/** What must hold after every step, whatever broke before it; and what must hold once all is mended. */
export function createInvariants(parts: InvariantParts) {
  const { database, tills, customers, staff, people, policyDesk, time, violated } = parts;
  const { kysely } = database;
  const offlineRules = createOfflineRules({ customers, time, violated });
  const ended = new Map<string, string>();

  async function gatewayFacts() {
    const [
      redemptions,
      approvals,
      votes,
      wallets,
      offline,
      codes,
      issues,
      transfers,
      policies,
      shiftGrants,
      cashSales,
    ] = await Promise.all([
      kysely.selectFrom('redemptions').selectAll().execute(),
      kysely.selectFrom('approvals').selectAll().execute(),
      kysely.selectFrom('approval_votes').selectAll().execute(),
      kysely
        .selectFrom('accounts')
        .select(['customer_id', 'asset', 'kind', 'balance'])
        .where('customer_id', 'is not', null)
        .execute(),
      kysely.selectFrom('offline_redemptions').selectAll().execute(),
      kysely
        .selectFrom('sealed_codes')
        .select(['id', 'till_id', 'staff_id', 'expires_at', 'last_serial'])
        .execute(),
      kysely.selectFrom('sealed_issues').select(['till_id', 'serial', 'limits']).execute(),
      kysely.selectFrom('transfers').select(['id', 'kind', 'ref_id']).execute(),
      kysely.selectFrom('policies').select(['version', 'policy']).execute(),
      kysely.selectFrom('shift_grants').selectAll().execute(),
      kysely.selectFrom('cash_sales').selectAll().execute(),
    ]);
    return {
      ...{ redemptions, approvals, votes, wallets, offline, codes, issues, transfers, policies },
      ...{ shiftGrants, cashSales },
    };
  }
  type Facts = Awaited<ReturnType<typeof gatewayFacts>>;

  async function afterStep(): Promise<void> {
    const facts = await newestFacts();
    const captured = facts.redemptions.filter(({ status }) => status === 'captured');
    for (const till of tills) {
      checkTill(till, facts);
      checkOrder(till, facts, violated);
      people.terminalOf(till).check(captured);
    }
    checkUsesAcrossTills();
    offlineRules.check(tills, facts);
    people.cashSales.check(tills, facts);
    policyDesk.check(facts.policies);
  }

  let known: { readonly version: string; readonly facts: Facts } | null = null;

  /** Read, and looked through, only where something was written since. */
  async function newestFacts(): Promise<Facts> {
    const version = await database.version();
    if (known?.version === version) return known.facts;
    const ledger = await checkLedger(kysely);
    if (!ledger.ok) violated(`the ledger is not whole: ${JSON.stringify(ledger)}`);
    const facts = await gatewayFacts();
    checkWallets(facts);
    checkEnds(facts);
    checkFourEyes(facts);
    known = { version, facts };
    return facts;
  }

  /** Invariants 4 and 5: every unit is where its redemption says. */
  function checkWallets({ redemptions, wallets, offline }: Facts): void {
    for (const customer of customers) {
      for (const asset of ['deposit', 'points'] as const) {
        const of = (kind: string) =>
          wallets.find((one) => one.customer_id === customer.id && one.asset === asset && one.kind === kind)
            ?.balance ?? 0;
        const mine = redemptions.filter((one) => one.customer_id === customer.id && one.asset === asset);
        const captured = sum(mine.filter(({ status }) => status === 'captured'));
        const taken = offline
          .filter((one) => one.customer_id === customer.id && one.asset === asset)
          .reduce((total, one) => total + one.taken, 0);
        const have = of('customer_available') + of('customer_reserved') + captured + taken;
        if (have !== customer.wallet[asset]) {
          violated(`${asset} of a customer: ${have} accounted for, ${customer.wallet[asset]} given`);
        }
      }
    }
    for (const { amount, taken, lost } of offline) {
      if (taken + lost !== amount) violated('an offline redemption is not booked in full');
    }
  }

  /** An end is an end; a decision is taken once. */
  function checkEnds({ redemptions, approvals }: Facts): void {
    for (const { id, status } of [...redemptions, ...approvals]) {
      const before = ended.get(id);
      if (before !== undefined && before !== status)
        violated(`an ended request went from ${before} to ${status}`);
      if (FINAL.includes(status) || APPROVAL_FINAL.includes(status)) ended.set(id, status);
    }
  }

  /** Invariant 7. */
  function checkFourEyes({ approvals, votes }: Facts): void {
    for (const approval of approvals) {
      if (approval.status !== 'approved' || approval.free) continue;
      const yes = votes.filter((vote) => vote.approval_id === approval.id && vote.decision === 'approve');
      const people = new Set(yes.map((vote) => vote.staff_id));
      if (people.has(approval.requested_by)) violated('somebody approved their own request');
      if (people.size < approval.needed) violated(`approved by ${people.size} of ${approval.needed}`);
      for (const id of people) {
        if (staff.find((one) => one.id === id)?.role === 'cashier') violated('a cashier approved');
      }
    }
  }

  function checkTill(till: TillMachine, facts: Facts): void {
    const disk = till.disk.connection();
    if (disk === null) return;
    const rows = disk.prepare<[], TillRow>('SELECT * FROM redemptions').all();
    const pending = disk
      .prepare<[], { redemption_id: string | null; gateway_id: string | null; state: string }>(
        'SELECT redemption_id, gateway_id, state FROM outbox',
      )
      .all();
    const settled = disk
      .prepare<
        [],
        {
          kind: string;
          gateway_id: string | null;
          redemption_id: string | null;
          state: string;
          stream: string;
          id: string;
          seq: number;
        }
      >("SELECT * FROM outbox_settled WHERE state = 'done'")
      .all();
    const statusOf = (id: string | null) => facts.redemptions.find((one) => one.id === id)?.status;
    const isBooked = (id: string) => facts.offline.some((one) => one.id === id);

    // Invariant 6: what is to be told waits in the outbox, and what left it was taken.
    for (const row of rows) {
      if (row.settlement === 'queued' && !pending.some((item) => item.redemption_id === row.id)) {
        violated(`${till.name} forgot what it has to tell of a redemption that is ${row.stage}`);
      }
      if (row.stage === 'done' && row.settlement === 'none') violated(`${till.name} settled without a word`);
      if (row.stage === 'done' && row.settlement === 'confirmed') {
        if (row.offline !== null ? !isBooked(row.id) : statusOf(row.gateway_id) !== 'captured') {
          violated(
            `${till.name} takes a redemption for booked that is ${statusOf(row.gateway_id) ?? 'unknown'}`,
          );
        }
      }
    }
    for (const item of settled) {
      if (item.kind === 'capture' && statusOf(item.gateway_id) !== 'captured') {
        violated(`${till.name} struck a capture off that is ${statusOf(item.gateway_id) ?? 'unknown'}`);
      }
      if (
        item.kind === 'cancel' &&
        ['awaiting_code', 'authorised'].includes(statusOf(item.gateway_id) ?? '')
      ) {
        violated(`${till.name} struck a cancellation off that was not done`);
      }
      if (item.kind === 'offline_redemption' && !isBooked(item.redemption_id ?? '')) {
        violated(`${till.name} struck offline spending off that is not booked`);
      }
    }

    // Invariant 3: each grant's use was the gateway's yes, and moved each device once at most.
    const uses = disk
      .prepare<[], { jti: string; redemption_id: string | null; approval_id: string | null }>(
        'SELECT jti, redemption_id, approval_id FROM grant_uses',
      )
      .all();
    for (const { jti, redemption_id: own, approval_id: approvalId } of uses) {
      if (approvalId !== null) {
        if (facts.approvals.find((one) => one.grant_jti === jti)?.status !== 'approved') {
          violated(`${till.name} acted on an approval that nobody gave`);
        }
        continue;
      }
      const redemption = facts.redemptions.find((one) => one.grant_jti === jti);
      const row = rows.find((one) => one.id === own);
      if (redemption === undefined && row?.offline != null) continue;
      if (redemption === undefined || !['authorised', 'captured', 'released'].includes(redemption.status)) {
        violated(`${till.name} acted on a redemption that is ${redemption?.status ?? 'unknown'}`);
      }
      if (redemption?.status === 'released' && row?.settle !== 'cancel') {
        violated(`${till.name} acted on a redemption that was given back`);
      }
    }
    const pulses = till.moved.filter(({ action }) => action === 'drawer').map(({ grantId }) => grantId);
    if (new Set(pulses).size !== pulses.length) violated(`${till.name} opened the drawer twice on one grant`);

    // Invariant 8.
    const chain = createAudit(disk, till.clock).verifyChain();
    if (!chain.ok) violated(`${till.name}'s chain is broken at ${chain.seq}: ${chain.why}`);
  }

  /** One yes, one act, wherever. */
  function checkUsesAcrossTills(): void {
    const seen = new Set<string>();
    for (const till of tills) {
      const disk = till.disk.connection();
      if (disk === null) continue;
      const uses = [...disk.prepare<[], { id: string }>('SELECT jti AS id FROM grant_uses').all()];
      for (const { id } of uses) {
        if (seen.has(id)) violated('one grant was used at two tills');
        seen.add(id);
      }
    }
  }

  /** All mended and drained: both sides say the same. */
  async function atEnd(): Promise<void> {
    const facts = await gatewayFacts();
    policyDesk.checkAtEnd(facts.policies);
    people.cashSales.checkAtEnd(tills, facts);
    for (const { status } of facts.redemptions) {
      if (status === 'authorised') violated('a verified redemption is left open');
    }
    const byGateway = new Map<string, TillRow>();
    const offlineRows = new Set<string>();
    for (const till of tills) {
      const disk = till.disk.connection();
      if (disk === null) {
        violated(`${till.name} is off`);
        continue;
      }
      const left = disk
        .prepare<[], { kind: string; state: string; reason: string | null }>(
          'SELECT kind, state, reason FROM outbox',
        )
        .all();
      for (const item of left)
        violated(`${till.name} has a ${item.kind} left, ${item.state}: ${item.reason}`);
      for (const row of disk.prepare<[], TillRow>('SELECT * FROM redemptions').all()) {
        if (row.gateway_id !== null) byGateway.set(row.gateway_id, row);
        if (row.offline !== null && row.stage === 'done') offlineRows.add(row.id);
        if (['requesting', 'acting'].includes(row.stage)) violated(`${till.name} is stuck in ${row.stage}`);
        if (row.stage === 'done' && row.settlement !== 'confirmed') {
          violated(`${till.name} is done with a redemption that is ${row.settlement}`);
        }
      }
    }
    for (const { id, status } of facts.redemptions) {
      const row = byGateway.get(id);
      if ((status === 'captured') !== (row?.stage === 'done')) {
        violated(`a redemption is ${status} at the gateway and ${row?.stage ?? 'unknown'} at the till`);
      }
    }
    for (const { id } of facts.offline) {
      if (!offlineRows.delete(id)) violated('offline spending is booked that no till knows');
    }
    if (offlineRows.size > 0) violated(`${offlineRows.size} offline redemptions were never booked`);
    await afterStep();
  }

  return { afterStep, atEnd };
}

function sum(rows: readonly { amount: number }[]): number {
  return rows.reduce((total, { amount }) => total + amount, 0);
}
