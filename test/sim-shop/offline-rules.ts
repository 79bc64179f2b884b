import type { OfflineLimits } from '../../shared/offline-policy.ts';
import type { Customer } from './people.ts';
import type { Promised, SpentRow, TillMachine } from './till-machine.ts';
import { START_MS, type VirtualTime } from './virtual-time.ts';

/** What the gateway knows of the time without a line. */
export interface OfflineFacts {
  readonly offline: readonly { readonly id: string; readonly taken: number }[];
  readonly codes: readonly {
    readonly id: string;
    readonly till_id: string;
    readonly staff_id: string;
    readonly expires_at: number;
    readonly last_serial: number | null;
  }[];
  readonly issues: readonly {
    readonly till_id: string;
    readonly serial: number;
    readonly limits: OfflineLimits;
  }[];
}

export interface OfflineRulesParts {
  readonly customers: readonly Customer[];
  readonly time: Pick<VirtualTime, 'now'>;
  violated(what: string): void;
}

interface SpendRow {
  readonly code_id: string;
  readonly redemption_id: string;
  readonly supervisor_id: string;
  readonly customer_id: string;
  readonly asset: 'deposit' | 'points';
  readonly amount: number;
  readonly seq: number;
  readonly offline: string;
}

interface Remembered {
  /** By code: all that this till ever spent, whatever its disk says later. */
  readonly spends: Map<string, SpendRow>;
  readonly promised: Set<string>;
  bundle: { readonly serial: number; readonly jws: string | null } | null;
}

/** A till has the time over the line, so that it errs by what an exchange takes. */
const TIME_ERROR_MS = 1_000;
/** Between two marks of its time; each time that the power goes after a clock was set back takes so much of it away. */
const MARK_EVERY_MS = 60_000;

/**
 * The time without a line, looked at from outside: what a till promised against what its customers were ever given and what
 * it has spent, and each sealed code against what the gateway signed. Only the run's own clock counts here.
 */
export function createOfflineRules({ customers, time, violated }: OfflineRulesParts) {
  const memory = new Map<string, Remembered>();
  let lastAt = time.now;

  function check(tills: readonly TillMachine[], facts: OfflineFacts): void {
    for (const till of tills) {
      const known = memory.get(till.name) ?? { spends: new Map(), promised: new Set(), bundle: null };
      memory.set(till.name, known);
      for (const promise of till.takePromises()) checkPromise(till.name, promise, facts);
      const disk = till.disk.connection();
      if (disk === null) continue;
      checkStarts(till, known, facts);
      const bundle =
        disk
          .prepare<[], { serial: number; jws: string | null }>('SELECT serial, jws FROM sealed_bundle')
          .get() ?? null;
      checkSpends(till, known, bundle, facts);
      known.bundle = bundle;
    }
    checkOneTill();
    lastAt = time.now;
  }

  /** As the gateway took it off the wallet, where it did. */
  function weigh(rows: readonly SpentRow[], facts: OfflineFacts): number {
    return rows.reduce((total, { id, amount, offline }) => {
      const booked = offline === null ? undefined : facts.offline.find((one) => one.id === id);
      return total + (booked?.taken ?? amount);
    }, 0);
  }

  /** Nobody is credited in a run: each balance that was ever cached is at most what was given, less what went before it. */
  function most(
    customerId: string,
    asset: 'deposit' | 'points',
    spent: readonly SpentRow[],
    facts: OfflineFacts,
  ): number {
    const given = customers.find(({ id }) => id === customerId)?.wallet[asset] ?? 0;
    const own = spent.filter((row) => row.customer_id === customerId && row.asset === asset);
    return given - weigh(own, facts);
  }

  function checkPromise(name: string, promise: Promised, facts: OfflineFacts): void {
    const { at, ageMs, heardAt, setBack, cuts, balances, spent } = promise;
    for (const { customerId, asset, available } of balances) {
      const limit = most(customerId, asset, spent, facts);
      if (available > limit) violated(`${name} promises ${available} of ${asset} where ${limit} may be left`);
      if (available < 0) violated(`${name} shows ${available} of ${asset}`);
    }
    // Nobody found: nothing is promised, of no age.
    if (balances.length === 0 || ageMs === null || heardAt === null) return;
    const errorMs = TIME_ERROR_MS + (setBack ? MARK_EVERY_MS * Math.max(1, cuts) : 0);
    if (ageMs + errorMs < at - heardAt) {
      violated(`${name} shows balances as ${ageMs} ms old that are ${Math.round(at - heardAt)} ms old`);
    }
  }

  /** What a redemption without a line began with. */
  function checkStarts(till: TillMachine, known: Remembered, facts: OfflineFacts): void {
    const rows = till.spentRows();
    for (const row of rows) {
      if (row.offline === null || row.customer_id === null || known.promised.has(row.id)) continue;
      known.promised.add(row.id);
      const { available } = JSON.parse(row.offline) as { available: number };
      const before = rows.filter(({ seq, stage }) => seq < row.seq && stage === 'done');
      const limit = most(row.customer_id, row.asset, before, facts);
      if (available > limit) {
        violated(`${till.name} went by ${available} of ${row.asset} where ${limit} may be left`);
      }
      if (row.amount > available) violated(`${till.name} began with more than it believed to be there`);
    }
  }

  function checkSpends(
    till: TillMachine,
    known: Remembered,
    bundle: Remembered['bundle'],
    facts: OfflineFacts,
  ): void {
    const rows = till.disk
      .connection()
      ?.prepare<[], SpendRow>(
        `SELECT s.*, r.seq, r.offline FROM sealed_spends s JOIN redemptions r ON r.id = s.redemption_id ORDER BY r.seq`,
      )
      .all();
    if (rows === undefined) return;
    for (const [code, { redemption_id: id }] of known.spends) {
      if (rows.find(({ code_id }) => code_id === code)?.redemption_id !== id) {
        violated(`${till.name} forgot that a sealed code was used`);
      }
    }
    for (const row of rows) {
      if (known.spends.has(row.code_id)) continue;
      known.spends.set(row.code_id, row);
      checkCode(till, known, bundle, row, facts);
      checkLimits(till, known, row, facts);
    }
  }

  /** It was spent between the last look and this one. */
  function checkCode(
    till: TillMachine,
    known: Remembered,
    bundle: Remembered['bundle'],
    row: SpendRow,
    { codes }: OfflineFacts,
  ): void {
    const code = codes.find(({ id }) => id === row.code_id);
    if (code === undefined || code.till_id !== till.id || code.staff_id !== row.supervisor_id) {
      violated(`${till.name} spent on a sealed code that it was not given`);
      return;
    }
    if (START_MS + lastAt >= code.expires_at) violated(`${till.name} spent on a sealed code after its end`);
    const before = known.bundle;
    if (before === null) return;
    const ended = code.last_serial !== null && before.serial > code.last_serial;
    const takenAway = before.jws === null && bundle?.jws == null && bundle?.serial === before.serial;
    if (ended || takenAway) violated(`${till.name} spent on a sealed code that it knew to be ended`);
  }

  /** A run is shorter than the limits' day. */
  function checkLimits(till: TillMachine, known: Remembered, row: SpendRow, { issues }: OfflineFacts): void {
    const { spent } = JSON.parse(row.offline) as { spent: { bundleSerial: number } | null };
    const issue = issues.find(({ till_id, serial }) => till_id === till.id && serial === spent?.bundleSerial);
    if (issue === undefined) {
      violated(`${till.name} spent on codes that were never signed`);
      return;
    }
    const { perCode, perCustomer, perTill } = issue.limits;
    const same = [...known.spends.values()].filter(({ asset }) => asset === row.asset);
    const mine = same.filter(({ customer_id: id }) => id === row.customer_id);
    const total = (rows: readonly SpendRow[]) => rows.reduce((sum, { amount }) => sum + amount, 0);
    for (const [what, used, limit] of [
      ['a code', row.amount, perCode[row.asset]],
      ['a customer', total(mine), perCustomer[row.asset]],
      ['a till', total(same), perTill[row.asset]],
    ] as const) {
      if (used > limit) violated(`${till.name} spent ${used} without a line, signed for ${what}: ${limit}`);
    }
  }

  function checkOneTill(): void {
    const seen = new Set<string>();
    for (const { spends } of memory.values()) {
      for (const code of spends.keys()) {
        if (seen.has(code)) violated('one sealed code was used at two tills');
        seen.add(code);
      }
    }
  }

  return { check };
}
