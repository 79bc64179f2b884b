import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Effects } from '../../shared/effects.ts';
import type { SaksiError } from '../../shared/errors.ts';
import type { Customer } from '../../shared/gateway-api.ts';
import type { WalletPage } from '../../shared/offline.ts';
import { createApprovalJournal } from './approval-journal.ts';
import { type ApprovalRows, createApprovalRows } from './approval-rows.ts';
import { type Audit, createAudit } from './audit.ts';
import { createAuditHeads } from './audit-heads.ts';
import { createCacheCipher } from './cache-cipher.ts';
import { createCashFacts } from './cash-facts.ts';
import { type CashSales, createCashSales } from './cash-sales.ts';
import { createCashShiftJournal } from './cash-shift-journal.ts';
import { type CashShifts, createCashShifts } from './cash-shifts.ts';
import { createCodeAlarms } from './code-alarms.ts';
import { type BalanceCache, createBalanceCache } from './customers.ts';
import { createDrawerOpenings } from './drawer-openings.ts';
import { storeFault } from './faults.ts';
import { forgetCustomer } from './forget-customer.ts';
import { createGrantUses } from './grant-use.ts';
import { createIdentityRepository } from './identity.ts';
import { createJournal } from './journal.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createOutboxJournal } from './outbox-journal.ts';
import { createPinAttemptsRepository } from './pin-attempts.ts';
import { createPosKeys, type PosKeys } from './pos-keys.ts';
import { createRedemptionRows, type RedemptionRows } from './redemption-rows.ts';
import { createRememberedLogins } from './remembered-logins.ts';
import { createSafety, openSafely } from './safety.ts';
import { type BookedSpends, createSealedStore, type SealedStore } from './sealed.ts';
import { createSealedAttempts, type SealedAttemptsRepository } from './sealed-attempts.ts';
import { createFileSecretStore, type SecretStore } from './secrets.ts';
import { createSettingsRepository } from './settings.ts';
import { createShiftGrants, type ShiftGrants } from './shift-grants.ts';
import { createShiftJournal } from './shift-journal.ts';
import { createSlipJobs, type SlipJobs } from './slip-jobs.ts';
import { createTrustedTime } from './trusted-time.ts';
import { reserveWal } from './wal-reserve.ts';

export const DATABASE_FILE = 'till.sqlite';

/** What the journal's transactions write to. */
export interface Parts {
  /** Runs `work` in one IMMEDIATE transaction; a SQLite error becomes ours (faults.ts). */
  write<T>(work: () => T): T;
  rows: RedemptionRows;
  approvals: ApprovalRows;
  slips: SlipJobs;
  outbox: Outbox;
  audit: Audit;
  customers: BalanceCache;
  posKeys: PosKeys;
  sealed: SealedStore;
  sealedAttempts: SealedAttemptsRepository;
  shiftGrants: ShiftGrants;
  cashSales: CashSales;
  cashShifts: CashShifts;
}

/**
 * Opens the till's disk. Redemptions and approvals change only through their journals and `grants`, whose calls are each one durable
 * transaction. A broken file is replaced by its newest good backup. Throws SaksiError `database_corrupt` without one,
 * `database_locked` when another till has this folder open, `disk_full`, `store_failed`; later faults of the disk also go
 * to `onFault`.
 */
export function openStore(
  dataDir: string,
  effects: Effects,
  secrets: SecretStore = createFileSecretStore(dataDir),
  onFault: (error: SaksiError) => void = () => {},
  /** Whether the log is made long enough at once: a tenth of a second that a till of many commits gets back. */
  walReserved = false,
) {
  const { clock } = effects;
  const opened = openFile(dataDir, clock);
  const { db } = opened;
  if (walReserved) reserveWal(db);
  const outboxPart = createOutbox(db, effects);
  const auditPart = createAudit(db, clock);
  const parts: Parts = {
    write: writer(db, onFault, () => outboxPart.forget()),
    rows: createRedemptionRows(db, clock),
    approvals: createApprovalRows(db, clock),
    slips: createSlipJobs(db, clock),
    outbox: outboxPart,
    audit: auditPart,
    customers: createBalanceCache(db, createCacheCipher(secrets, effects.random)),
    posKeys: createPosKeys(db, clock),
    sealed: createSealedStore(db),
    sealedAttempts: createSealedAttempts(db, clock),
    shiftGrants: createShiftGrants(db, clock),
    cashSales: createCashSales(db, clock),
    cashShifts: createCashShifts(db, effects, { audit: auditPart, outbox: outboxPart }),
  };
  const cashFacts = createCashFacts(db);
  const safety = createSafety(opened, parts.audit, clock, dataDir);
  const time = createTrustedTime(db, clock);
  const shiftJournal = createShiftJournal(parts);
  if (opened.recovered?.complete === false) {
    shiftJournal.closed(
      parts.shiftGrants.held().map(({ jti }) => jti),
      'recovered',
    );
  }
  const { rows, approvals, slips, outbox, audit, customers, posKeys, sealed, sealedAttempts } = parts;
  return {
    identity: createIdentityRepository(db, clock),
    settings: createSettingsRepository(db),
    pinAttempts: createPinAttemptsRepository(db, clock),
    remembered: createRememberedLogins(db, clock),
    codeAlarms: createCodeAlarms(db, parts),
    journal: createJournal(parts, clock),
    approvalJournal: createApprovalJournal(parts),
    grants: createGrantUses(db, clock, parts),
    redemptions: {
      get: rows.get,
      find: rows.find,
      findByGatewayId: rows.findByGatewayId,
      asked: rows.asked,
      findOpen: rows.findOpen,
      findShown: rows.findShown,
      recent: rows.recent,
      settledBetween: rows.settledBetween,
    },
    approvals: {
      find: approvals.find,
      get: approvals.get,
      findByGatewayId: approvals.findByGatewayId,
      open: approvals.open,
      shown: approvals.shown,
    },
    slips: { get: slips.get, latest: slips.latest, copies: slips.copies, waiting: slips.waiting },
    outboxJournal: createOutboxJournal(parts),
    outbox: {
      find: outbox.find,
      counts: outbox.counts,
      refused: outbox.refused,
      first: outbox.first,
      held: outbox.held,
      leftMs: outbox.leftMs,
      nextInMs: outbox.nextInMs,
      hurry: outbox.hurry,
    },
    audit: {
      /** For what is recorded by itself, with no other change. */
      record: (kind: string, body: Parameters<Audit['append']>[1]): void =>
        parts.write(() => audit.append(kind, body)),
      head: audit.head,
      hashAt: audit.hashAt,
      lineLostAt: audit.lineLostAt,
      entries: audit.entries,
      entriesAfter: audit.entriesAfter,
      verifyChain: audit.verifyChain,
    },
    safety,
    customers,
    sealed: {
      bundle: sealed.bundle,
      saveBundle: sealed.saveBundle,
      takeBundleAway: sealed.takeBundleAway,
      isUsed: sealed.isUsed,
      spentInWindow: sealed.spentInWindow,
      notReflected: sealed.notReflected,
      booked: sealed.booked,
      reflected: sealed.reflected,
    },
    sealedAttempts: {
      read: sealedAttempts.read,
      countTry: sealedAttempts.countTry,
      lock: sealedAttempts.lock,
    },
    shiftJournal,
    shiftGrants: { held: parts.shiftGrants.held, wish: parts.shiftGrants.wish },
    cashSales: {
      get: parts.cashSales.get,
      ofSale: parts.cashSales.ofSale,
      usedBetween: parts.cashSales.usedBetween,
    },
    cashShiftJournal: createCashShiftJournal(parts, cashFacts),
    cashShifts: {
      open: parts.cashShifts.open,
      requireOpen: parts.cashShifts.requireOpen,
      lastClosed: parts.cashShifts.lastClosed,
      closed: parts.cashShifts.closed,
      entries: parts.cashShifts.entries,
      heardLastZ: parts.cashShifts.heardLastZ,
      /** What the chain says of the open shift so far. */
      facts: (auditAfter: number) => cashFacts(auditAfter, auditPart.head().seq),
    },
    time,
    auditHeads: createAuditHeads(db),
    posKeys: { find: posKeys.find },
    drawerOpenings: createDrawerOpenings(db, effects, parts),
    /** Housekeeping for a quiet moment: folds the WAL into the file so that no commit of a redemption has to. */
    tidy(): void {
      posKeys.prune();
      outbox.prune();
      db.pragma('wal_checkpoint(PASSIVE)');
    },
    /** A page of wallets. What the gateway had booked when its last page was asked for is in the balances from then on. */
    takeWallets(page: {
      wallets: WalletPage['wallets'];
      /** Customers who are no more. */
      gone: readonly string[];
      next: number;
      /** By the gateway's clock. */
      askedAt: number;
      /** Of `customers.asking`. */
      asked: number;
      booked: BookedSpends;
      last: boolean;
    }): void {
      parts.write(() => {
        customers.save(page.wallets, page.askedAt, page.asked);
        for (const customerId of page.gone) forgetCustomer(parts, customerId);
        customers.reached(page.next, page.last ? page.askedAt : null);
        if (page.last) sealed.reflected(page.booked, null);
        time.mark();
      });
    },
    /**
     * Customers as the gateway said them, by its clock. With the time that it is: after a power cut a till whose clock was set
     * back must not begin before the balances that it has, and count nothing until it is past them.
     */
    takeFound(found: readonly { customer: Customer }[], askedAt: number, asked?: number): void {
      parts.write(() => {
        customers.save(found, askedAt, asked);
        time.mark();
      });
    },
    /** Writes down what only ran in memory: the time, what is left of a lock, how fresh the cache is. */
    mark(): void {
      parts.write(() => {
        time.mark();
        sealedAttempts.mark();
        customers.mark();
      });
    },
    close(): void {
      safety.closing();
      db.close();
    },
  };
}
export type Store = ReturnType<typeof openStore>;

function openFile(dataDir: string, clock: Effects['clock']) {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return openSafely(join(dataDir, DATABASE_FILE), clock);
  } catch (error) {
    throw storeFault(error);
  }
}

function writer(db: Database.Database, onFault: (error: SaksiError) => void, rolledBack: () => void) {
  return <T>(work: () => T): T => {
    try {
      return db.transaction(work).immediate();
    } catch (error) {
      rolledBack();
      const fault = storeFault(error);
      if (fault !== error) onFault(fault);
      throw fault;
    }
  };
}
