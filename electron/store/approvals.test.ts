import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Approval } from '../../shared/approvals.ts';
import { approvalGrantSchema } from '../../shared/grants.ts';
import type { Amount } from '../../shared/money.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { FINISHED_SHOWN_MAX } from './approval-journal.ts';
import type { NewApproval } from './approval-rows.ts';
import { openDatabase } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import type { ApprovalSlipPayload } from './slip-jobs.ts';
import { DATABASE_FILE, openStore, type Store } from './store.ts';

const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const OPEN_MAX = 20;
let dir: string;
let store: Store;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'saksi-approvals-'));
  store = openStore(dir, { clock: new FakeClock(), random: seededRandom(3) });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

const fresh = (tail: number): NewApproval => ({
  id: id(tail),
  startedBy: 'cashier',
  request: {
    kind: 'void',
    amount: 1_000 as Amount,
    basisPoints: null,
    reason: { key: null, text: 'salah' },
    note: '',
    saleRef: null,
    staffId: id(900),
  },
  kindName: { id: 'Batal', en: 'Void', tr: 'İptal' },
  reason: 'salah',
  requestedBy: 'Dewi',
  currency: 'IDR',
});
const request = (tail: number) => store.approvalJournal.requested(fresh(tail), OPEN_MAX, null);
const answer: Approval = {
  id: id(5_000),
  tillId: id(2),
  status: 'approved',
  kind: 'void',
  kindName: { id: 'Batal', en: 'Void', tr: 'İptal' },
  amount: 1_000 as Amount,
  basisPoints: null,
  currency: 'IDR',
  reason: 'salah',
  note: '',
  saleRef: null,
  requestedBy: { staffId: id(900), name: 'Dewi' },
  createdAt: 0,
  expiresInMs: 1,
  nextStepInMs: null,
  needed: 1,
  asked: [],
  free: false,
  rejection: null,
  code: null,
};
const claims = (jti: string, actions: string[]) =>
  approvalGrantSchema.parse({
    ...{ iss: id(1), aud: id(2), jti, iat: 0, exp: 1, kind: 'approval', actions, approvalId: id(5_000) },
    ...{ approvalKind: 'void', saleRef: null, amount: 1_000, basisPoints: null, currency: 'IDR' },
    ...{ requestedBy: id(900), deciders: [] },
  });
const slip: ApprovalSlipPayload = {
  language: 'id',
  timezone: 'Asia/Jakarta',
  store: { name: 'Toko', address: '', footer: '' },
  tillName: 'Kasir 1',
  reference: id(5_000),
  currency: 'IDR',
  at: 0,
  approval: {
    kindName: 'Batal',
    amount: 1_000,
    basisPoints: null,
    reason: 'salah',
    note: '',
    saleRef: null,
    requestedBy: 'Dewi',
    approvedBy: ['Siti'],
  },
};

describe('an older database', () => {
  /** As it was before approvals, with a redemption whose grant was used and whose slip was printed. */
  function older(): string {
    const file = join(dir, 'older.sqlite');
    const db = new Database(file);
    db.exec(MIGRATIONS[0] ?? '');
    db.pragma('user_version = 1');
    db.exec(`
      INSERT INTO redemptions VALUES (1, '${id(1)}', '${id(2)}', 'cashier', NULL, NULL, 'S-1', 'deposit', 5, 'IDR', NULL,
        NULL, 'capture', 'done', '${id(3)}', 'opened', NULL, 'confirmed', NULL, 0, 1, 1);
      INSERT INTO grant_uses VALUES ('${id(3)}', '${id(1)}', 'drawer.open', 'a.b.c', 7);
      INSERT INTO slip_jobs VALUES (4, '${id(1)}', 0, 'printed', 'all', NULL, '{}', 8, 9);
      INSERT INTO pos_keys VALUES ('key-0001', 'hash', '${id(1)}', 10);
    `);
    db.close();
    return file;
  }

  it('keeps what it holds, still append-only', () => {
    const db = openDatabase(older());
    expect(db.prepare('SELECT * FROM grant_uses').all()).toEqual([
      {
        jti: id(3),
        redemption_id: id(1),
        approval_id: null,
        actions: 'drawer.open',
        jws: 'a.b.c',
        used_at: 7,
      },
    ]);
    expect(db.prepare('SELECT id, owner_id, state, finished_at FROM slip_jobs').all()).toEqual([
      { id: 4, owner_id: id(1), state: 'printed', finished_at: 9 },
    ]);
    expect(db.prepare('SELECT key, subject_id FROM pos_keys').all()).toEqual([
      { key: 'key-0001', subject_id: id(1) },
    ]);
    expect(() => db.exec('DELETE FROM grant_uses')).toThrow('append-only');
    expect(() => db.exec("UPDATE grant_uses SET actions = ''")).toThrow('append-only');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  });

  it('lets a use and a slip belong to exactly one owner', () => {
    const db = openDatabase(older());
    expect(() => db.exec(`INSERT INTO grant_uses VALUES ('x', NULL, NULL, '', '', 1)`)).toThrow('CHECK');
    expect(() =>
      db.exec(
        `INSERT INTO slip_jobs (redemption_id, approval_id, copy_no, state, bytes_sent, payload, created_at)
         VALUES ('${id(1)}', '${id(1)}', 0, 'waiting', 'none', '{}', 1)`,
      ),
    ).toThrow('CHECK');
    db.close();
  });
});

describe('the use of an approval grant', () => {
  const use = (tail: number, actions: string[], probe = () => {}) => {
    const row = store.approvalJournal.created(request(tail), { ...answer, id: id(5_000 + tail) });
    const jws = 'a.b.c';
    const asked = { row, answer, claims: claims(id(700), actions), jws, slip, cash: null };
    return store.grants.consumeApproval(asked, probe);
  };

  it('is one commit: with a crash in it nothing of it is there', () => {
    const crash = () => {
      throw new Error('power');
    };
    expect(() => use(1, ['drawer.open', 'slip.print'], crash)).toThrow();
    expect(store.grants.isUsed(id(700))).toBe(false);
    expect(store.slips.latest(id(1))).toBeNull();
    expect(store.approvals.get(id(1)).stage).toBe('pending');
  });

  it('happens once, and is on the chain', () => {
    use(1, ['drawer.open', 'slip.print']);
    expect(store.approvals.get(id(1))).toMatchObject({ stage: 'acting', drawerState: 'waiting' });
    expect(() => use(2, [])).toThrow(expect.objectContaining({ code: 'grant_already_used' }));
    const kinds = store.audit.entries().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'grant.used')).toHaveLength(1);
    expect(store.audit.verifyChain()).toMatchObject({ ok: true });
  });

  it('without an action ends the approval and makes no slip', () => {
    expect(use(1, [])).toMatchObject({
      row: { stage: 'approved', drawerState: 'not_needed' },
      slipJobId: null,
    });
    expect(store.slips.latest(id(1))).toBeNull();
  });

  it('cut off: the drawer is unconfirmed, the slip that never began is still to be printed', () => {
    use(1, ['drawer.open', 'slip.print']);
    const error = { code: 'drawer_not_confirmed', message: '', params: {}, retry: false } as const;
    store.journal.interrupted({ drawer: error, slip: error, oldCopy: false });
    store.approvalJournal.interrupted(error);
    expect(store.approvals.get(id(1)).drawerState).toBe('unconfirmed');
    expect(store.slips.latest(id(1))?.state).toBe('waiting');
    store.journal.slipPrinting(store.slips.latest(id(1))?.id ?? 0, 'printer');
    store.journal.interrupted({ drawer: error, slip: error, oldCopy: false });
    expect(store.slips.latest(id(1))).toMatchObject({ state: 'failed', bytesSent: 'unknown' });
  });

  it('cut off before a copy began: nothing of it has left, and it goes on waiting', () => {
    const { row } = use(1, ['slip.print']);
    store.approvalJournal.acted(row);
    store.grants.reprint(
      { id: row.id, jti: row.jti, saleRef: null, owner: { approvalId: row.id } },
      { perSlip: 3, perDay: 9, reasonNeeded: false },
      { staffId: id(900), reason: null, countedAt: 1 },
    );
    const error = { code: 'printer_timeout', message: '', params: {}, retry: true } as const;
    store.journal.interrupted({ drawer: error, slip: error, oldCopy: false });
    expect(store.slips.latest(row.id)).toMatchObject({ state: 'waiting', bytesSent: 'none' });
    store.journal.interrupted({ drawer: error, slip: error, oldCopy: true });
    expect(store.slips.latest(row.id)).toMatchObject({ state: 'failed', bytesSent: 'unknown' });
  });

  it('counts the copies of one person: they are counted over 24 hours by the time that has surely passed, and one that waits counts', () => {
    const { row, slipJobId } = use(1, ['slip.print']);
    store.approvalJournal.acted(row);
    const printed = (jobId: number) => {
      store.journal.slipPrinting(jobId, 'printer');
      store.journal.slipPrinted(row.id, jobId);
    };
    printed(slipJobId ?? 0);
    const of = { id: row.id, jti: row.jti, saleRef: null, owner: { approvalId: row.id } };
    const limits = { perSlip: 9, perDay: 1, reasonNeeded: false };
    const again = (staffId: string, countedAt: number) =>
      store.grants.reprint(of, limits, { staffId, reason: null, countedAt }).slipJobId;
    printed(again(id(900), 1_000));
    expect(() => again(id(900), 86_400_999)).toThrowError(/copies/);
    printed(again(id(901), 86_400_999));
    expect(again(id(900), 86_401_001)).toBeGreaterThan(0);
  });
});

describe('the list', () => {
  it('shows the open ones first to stay and the newest first, and never grows without end', () => {
    for (let tail = 1; tail <= 3; tail += 1) request(tail);
    for (let tail = 4; tail <= 40; tail += 1)
      store.approvalJournal.ended(request(tail), 'failed', null, null);
    const ids = (limit: number) => store.approvals.shown(limit).map((row) => Number(row.id.slice(-6)));
    expect(ids(5)).toEqual([40, 39, 3, 2, 1]);
    expect(ids(100).length).toBeLessThanOrEqual(3 + FINISHED_SHOWN_MAX + 1);
  });

  it('lies on the disk', () => {
    request(1);
    store.close();
    store = openStore(dir, { clock: new FakeClock(), random: seededRandom(3) });
    expect(store.approvals.get(id(1))).toMatchObject(fresh(1));
    expect(DATABASE_FILE).toBe('till.sqlite');
  });
});
