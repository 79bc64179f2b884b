import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createApprovalJournal } from './approval-journal.ts';
import { type ApprovalRows, createApprovalRows } from './approval-rows.ts';
import { type Audit, createAudit } from './audit.ts';
import { type BalanceCache, createBalanceCache } from './customers.ts';
import { openDatabase } from './database.ts';
import { createGrantUses } from './grant-use.ts';
import { createIdentityRepository } from './identity.ts';
import { createJournal } from './journal.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createPinAttemptsRepository } from './pin-attempts.ts';
import { createPosKeys, type PosKeys } from './pos-keys.ts';
import { createRedemptionRows, type RedemptionRows } from './redemption-rows.ts';
import { createSettingsRepository } from './settings.ts';
import { createSlipJobs, type SlipJobs } from './slip-jobs.ts';

export const DATABASE_FILE = 'till.sqlite';

/** What the journal's transactions write to. */
export interface Parts {
  /** Runs `work` in one IMMEDIATE transaction; a SQLite error becomes `store_failed`. */
  write<T>(work: () => T): T;
  rows: RedemptionRows;
  approvals: ApprovalRows;
  slips: SlipJobs;
  outbox: Outbox;
  audit: Audit;
  customers: BalanceCache;
  posKeys: PosKeys;
}

/**
 * Opens the till's disk. Redemptions and approvals change only through their journals and `grants`, whose calls are each one durable
 * transaction. Throws SaksiError `store_failed`, also when another till has this folder open.
 */
export function openStore(dataDir: string, effects: Effects) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = openDatabase(join(dataDir, DATABASE_FILE));
  const { clock } = effects;
  const parts: Parts = {
    write: writer(db),
    rows: createRedemptionRows(db, clock),
    approvals: createApprovalRows(db, clock),
    slips: createSlipJobs(db, clock),
    outbox: createOutbox(db, effects),
    audit: createAudit(db, clock),
    customers: createBalanceCache(db, clock),
    posKeys: createPosKeys(db, clock),
  };
  const { rows, approvals, slips, outbox, audit, customers, posKeys } = parts;
  return {
    identity: createIdentityRepository(db, clock),
    settings: createSettingsRepository(db),
    pinAttempts: createPinAttemptsRepository(db, clock),
    journal: createJournal(parts),
    approvalJournal: createApprovalJournal(parts),
    grants: createGrantUses(db, clock, parts),
    redemptions: {
      get: rows.get,
      findByGatewayId: rows.findByGatewayId,
      asked: rows.asked,
      findOpen: rows.findOpen,
      findShown: rows.findShown,
      recent: rows.recent,
    },
    approvals: {
      find: approvals.find,
      get: approvals.get,
      findByGatewayId: approvals.findByGatewayId,
      open: approvals.open,
      shown: approvals.shown,
    },
    slips: { get: slips.get, latest: slips.latest, copies: slips.copies },
    outbox: {
      heads: outbox.heads,
      counts: outbox.counts,
      refused: outbox.refused,
      countTry: outbox.countTry,
    },
    audit: {
      /** For what is recorded by itself, with no other change. */
      record: (kind: string, body: Parameters<Audit['append']>[1]): void =>
        parts.write(() => audit.append(kind, body)),
      head: audit.head,
      entries: audit.entries,
      verifyChain: audit.verifyChain,
    },
    customers,
    posKeys: { find: posKeys.find },
    /** Housekeeping for a quiet moment: folds the WAL into the file so that no commit of a redemption has to. */
    tidy(): void {
      posKeys.prune();
      db.pragma('wal_checkpoint(PASSIVE)');
    },
    close(): void {
      db.close();
    },
  };
}
export type Store = ReturnType<typeof openStore>;

function writer(db: Database.Database) {
  return <T>(work: () => T): T => {
    try {
      return db.transaction(work).immediate();
    } catch (error) {
      throw error instanceof SaksiError ? error : new SaksiError('store_failed', { cause: error });
    }
  };
}
