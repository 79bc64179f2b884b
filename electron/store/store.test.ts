import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/audit/chain.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { GrantClaims } from '../../shared/grants.ts';
import { amountSchema } from '../../shared/money.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { CACHED_CUSTOMERS_MAX } from './customers.ts';
import { openDatabase } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { POS_KEY_KEPT_MS } from './pos-keys.ts';
import { createFileSecretStore } from './secrets.ts';
import type { SlipPayload } from './slip-jobs.ts';
import { DATABASE_FILE, openStore, type Store } from './store.ts';

afterAll(removeTempFolders);

const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const amount = amountSchema.parse(50_000);
const wireError = new SaksiError('internal').toWire();

let dir: string;
let clock: FakeClock;
let store: Store;
const open = () => openStore(dir, { clock, random: seededRandom() });
const rawFile = () => join(dir, DATABASE_FILE);

beforeEach(() => {
  dir = tempFolder();
  clock = new FakeClock();
  store = open();
});
afterEach(() => store.close());

function requested(tail: number, key: string | null = null) {
  return store.journal.requested(
    {
      id: id(tail),
      startedBy: 'cashier',
      staffId: null,
      request: {
        customer: { id: id(900) },
        asset: 'deposit',
        amount,
        saleRef: `S-${tail}`,
        drawer: true,
        staffId: null,
        channel: 'whatsapp',
      },
      saleRef: `S-${tail}`,
      asset: 'deposit',
      amount,
      currency: 'IDR',
      customer: null,
      settle: 'capture',
    },
    key === null ? null : { key, action: 'start', body: { tail } },
  );
}

const customer = { id: id(900), name: 'Ayu', memberNo: null, phoneMasked: null, language: 'id' } as const;
const created = (tail: number) =>
  store.journal.created(requested(tail), {
    gatewayId: id(tail + 1_000),
    customer,
    currency: 'IDR',
    availableAfter: 10,
  });

const claims = (tail: number, jti = id(tail + 2_000)): GrantClaims => ({
  iss: id(1),
  aud: id(2),
  jti,
  iat: 1,
  exp: 2,
  kind: 'redemption',
  actions: ['drawer.open', 'slip.print'],
  redemptionId: id(tail + 1_000),
  customerId: id(900),
  saleRef: `S-${tail}`,
  asset: 'deposit',
  amount,
  currency: 'IDR',
});

const slip: SlipPayload = {
  language: 'id',
  timezone: 'Asia/Jakarta',
  store: { name: 'Toko', address: '', footer: '' },
  tillName: 'Kasir 1',
  staffName: null,
  customer: { name: 'Ayu', memberNo: null, phoneMasked: null },
  saleRef: 'S-1',
  reference: id(1_001),
  asset: 'deposit',
  amount,
  currency: 'IDR',
  availableAfter: 10,
  at: 0,
};

const consume = (tail: number, jti?: string) =>
  store.grants.consume({ row: created(tail), claims: claims(tail, jti), jws: 'a.b.c', slip }, () => {});

describe('opening', () => {
  it('is durable and strict: every pragma as asked for', () => {
    const file = join(dir, 'pragmas.sqlite');
    const db = openDatabase(file);
    const read = (name: string) => db.pragma(name, { simple: true });
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'locking_mode'].map(read)).toEqual([
      'wal',
      2,
      1,
      'exclusive',
    ]);
    expect(read('user_version')).toBe(MIGRATIONS.length);
    db.close();
  });

  it('refuses a file that is no database, one that is damaged, and one from a newer program', () => {
    const broken = (name: string, code: string, spoil: (file: string) => void) => {
      const file = join(dir, name);
      spoil(file);
      expect(() => openDatabase(file), name).toThrow(expect.objectContaining({ code }));
    };
    broken('rubbish', 'database_corrupt', (file) =>
      writeFileSync(file, 'not a database at all, but long enough to be read'.repeat(50)),
    );
    broken('newer', 'store_failed', (file) => {
      const db = new Database(file);
      db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
      db.close();
    });
    broken('damaged', 'database_corrupt', (file) => {
      openDatabase(file).close();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 4_096, 4_096 * 6);
      writeFileSync(file, bytes);
    });
  });

  it('keeps another process off the file', async () => {
    const { execFile } = await import('node:child_process');
    const script = `
      import { openDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)};
      try { openDatabase(${JSON.stringify(rawFile())}); console.log('opened'); }
      catch (error) { console.log(error.code); }`;
    const told = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ['--input-type=module', '-e', script], (error, stdout) =>
        error ? reject(error) : resolve(stdout.trim()),
      );
    });
    expect(told).toBe('database_locked');
  }, 30_000);
});

describe('secrets', () => {
  it('lie in files that nobody else can read', () => {
    const secrets = createFileSecretStore(join(dir, 'secrets'));
    expect(secrets.get('till-key')).toBeNull();
    secrets.set('till-key', 'one');
    secrets.set('till-key', 'two');
    expect(secrets.get('till-key')).toBe('two');
    const file = join(dir, 'secrets', 'till-key.secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});

describe('redemptions', () => {
  it('are open one at a time, by the database itself too', () => {
    requested(1);
    expect(() => requested(2)).toThrow(expect.objectContaining({ code: 'till_busy' }));
    store.close();
    const db = new Database(rawFile());
    const copy = db.prepare(
      `INSERT INTO redemptions SELECT 99, 'other', NULL, started_by, staff_id, request, sale_ref, asset, amount,
         currency, customer, available_after, settle, stage, jti, drawer_state, drawer_error,
         settlement, error, dismissed, created_at, updated_at, offline, settled_at FROM redemptions`,
    );
    expect(() => copy.run()).toThrow(/UNIQUE/);
    db.close();
    store = open();
  });

  it('lose what was asked, with its phone number, once the gateway answered', () => {
    expect(requested(1).request).not.toBeNull();
    const row = store.redemptions.get(id(1));
    const next = store.journal.ended(row, 'failed', wireError);
    expect(next.request).toBeNull();
    expect(created(2).request).toBeNull();
  });

  it('that are unknown are refused', () => {
    expect(() => store.redemptions.get(id(7))).toThrow(
      expect.objectContaining({ code: 'redemption_unknown' }),
    );
  });
});

describe('the use of a grant', () => {
  it('is one transaction: all of it or nothing', () => {
    const row = created(1);
    const use = { row, claims: claims(1), jws: 'a.b.c', slip };
    const crash = () => {
      throw new Error('power cut');
    };
    expect(() => store.grants.consume(use, crash)).toThrow();
    expect(store.grants.isUsed(claims(1).jti)).toBe(false);
    expect(store.redemptions.get(id(1)).stage).toBe('awaiting_code');
    expect(store.slips.latest(id(1))).toBeNull();
    const { permit } = store.grants.consume(use, () => {});
    expect(permit.grantId).toBe(claims(1).jti);
    expect(store.redemptions.get(id(1))).toMatchObject({ stage: 'acting', drawerState: 'waiting' });
    expect(store.audit.entries().at(-1)).toMatchObject({ kind: 'grant.used' });
  });

  it('happens once, over a restart too', () => {
    const { row } = consume(1);
    store.journal.acted(row, 5);
    store.close();
    store = open();
    expect(() => consume(2, claims(1).jti)).toThrow(expect.objectContaining({ code: 'grant_already_used' }));
    expect(store.slips.latest(id(2))).toBeNull();
  });

  it('cannot be edited or taken back', () => {
    consume(1);
    store.close();
    const db = new Database(rawFile());
    expect(() => db.exec('DELETE FROM grant_uses')).toThrow(/append-only/);
    expect(() => db.exec("UPDATE grant_uses SET jti = 'x'")).toThrow(/append-only/);
    db.close();
    store = open();
  });
});

describe('the outbox', () => {
  it('gives what waits, oldest first, and keeps what was refused for a person', () => {
    store.journal.acted(consume(1).row, 5);
    store.journal.acted(consume(2).row, 6);
    const [first, second, ...rest] = store.outbox.first(10);
    if (first === undefined || second === undefined) throw new Error('nothing waits');
    expect([first.redemptionId, second.redemptionId, rest]).toEqual([id(1), id(2), []]);
    store.outboxJournal.answered([{ item: first, outcome: 'refused', error: wireError }]);
    expect(store.outbox.first(10).map(({ redemptionId }) => redemptionId)).toEqual([id(2)]);
    expect(store.outbox.counts()).toEqual({ pending: 1, attention: 1 });
    expect(store.outbox.refused(10)[0]).toMatchObject({ redemptionId: id(1), reason: { code: 'internal' } });
    expect(store.redemptions.get(id(1))).toMatchObject({ settlement: 'refused' });
    store.outboxJournal.answered([{ item: second, outcome: 'done' }]);
    expect(store.outbox.counts()).toEqual({ pending: 0, attention: 1 });
  });

  it('makes ids that sort by time', () => {
    store.journal.acted(consume(1).row, 5);
    store.journal.acted(consume(2).row, 6);
    const made = [store.outbox.first(1)[0]?.id ?? ''];
    expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe('the audit chain', () => {
  it('holds while nobody touches it', () => {
    consume(1);
    const { length } = store.audit.entries();
    expect(store.audit.verifyChain()).toEqual({ ok: true, length, head: store.audit.head().hash });
    expect(length).toBeGreaterThanOrEqual(3);
  });

  const tampering: [string, string, object][] = [
    [
      'a body edited',
      `UPDATE audit SET body = replace(body, '50000', '5') WHERE kind = 'grant.used'`,
      { why: 'hash' },
    ],
    ['a time edited', 'UPDATE audit SET at = at + 1 WHERE seq = 2', { seq: 2, why: 'hash' }],
    ['a row deleted', 'DELETE FROM audit WHERE seq = 2', { seq: 2, why: 'gap' }],
    [
      'a row deleted and the rest moved up',
      'DELETE FROM audit WHERE seq = 1; UPDATE audit SET seq = seq - 1',
      { seq: 1, why: 'link' },
    ],
    [
      'two rows exchanged',
      'UPDATE audit SET seq = -seq; UPDATE audit SET seq = 1 WHERE seq = -2; UPDATE audit SET seq = 2 WHERE seq = -1; UPDATE audit SET seq = -seq WHERE seq < 0',
      { why: 'link' },
    ],
  ];
  it.each(tampering)('shows %s by somebody who took the triggers away', (_, sql, found) => {
    consume(1);
    store.close();
    const db = new Database(rawFile());
    expect(() => db.exec(sql)).toThrow(/append-only/);
    db.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete');
    db.exec(sql);
    db.close();
    store = open();
    expect(store.audit.verifyChain()).toMatchObject({ ok: false, ...found });
  });

  it('is canonical, and holds no fractions', () => {
    expect(canonicalJson({ b: [1, null, true], a: { d: 'x"y', c: 2 } })).toBe(
      '{"a":{"c":2,"d":"x\\"y"},"b":[1,null,true]}',
    );
    expect(() => canonicalJson({ a: 0.5 })).toThrow(TypeError);
  });
});

describe('keys of the POS link', () => {
  it('mean one redemption and one body, and are forgotten after a week', async () => {
    requested(1, 'key-0001');
    expect(store.posKeys.find('key-0001', 'start', { tail: 1 })).toBe(id(1));
    expect(() => store.posKeys.find('key-0001', 'start', { tail: 2 })).toThrow(
      expect.objectContaining({ code: 'idempotency_key_reused' }),
    );
    expect(() => store.posKeys.find('key-0001', 'cancel', { tail: 1 })).toThrow(
      expect.objectContaining({ code: 'idempotency_key_reused' }),
    );
    await clock.advance(POS_KEY_KEPT_MS + 1);
    store.tidy();
    expect(store.posKeys.find('key-0001', 'start', { tail: 1 })).toBeNull();
  });
});

describe('the balance cache', () => {
  it('keeps a bounded number, the newest', () => {
    const balances = [{ asset: 'deposit', available: 5, reserved: 0 }] as const;
    const named = (tail: number) => ({
      id: id(tail),
      name: `Customer ${tail}`,
      memberNo: `M-${tail}`,
      phoneMasked: null,
      language: 'id' as const,
      canReceiveCode: true,
      balances: [...balances],
    });
    const customers = Array.from({ length: CACHED_CUSTOMERS_MAX }, (_, index) => ({
      customer: named(index + 1),
    }));
    store.customers.save([{ customer: named(0) }], 1);
    store.customers.save(customers, 2);
    const found = (memberNo: string) =>
      store.customers.find({ memberNo, namePrefix: null, phone: null }).length;
    expect([found('M-0'), found('M-1'), found(`M-${CACHED_CUSTOMERS_MAX}`)]).toEqual([0, 1, 1]);
  }, 180_000);
});

describe('what a redemption told of a balance', () => {
  const customer = (available: number) => ({
    customer: {
      ...{ id: id(1), name: 'Budi', memberNo: null, phoneMasked: null, language: 'id' as const },
      canReceiveCode: true,
      balances: [
        { asset: 'deposit' as const, available, reserved: 0 },
        { asset: 'points' as const, available: 7, reserved: 0 },
      ],
    },
  });
  const available = () => store.customers.get(id(1))?.customer.balances.map((balance) => balance.available);

  it('is not raised by an answer that was asked for before it', () => {
    const { customers } = store;
    customers.save([customer(150_000)], 1);
    const older = customers.asking();
    customers.noteAvailable(id(1), 'deposit', 128_795);
    customers.save([customer(150_000)], 2, older);
    expect(available()).toEqual([128_795, 7]);
    // Whatever says less is believed.
    customers.save([customer(100_000)], 3, older);
    expect(available()).toEqual([100_000, 7]);
    // What is asked for after it knows of it: cancelled, it is there again.
    customers.save([customer(150_000)], 4, customers.asking());
    expect(available()).toEqual([150_000, 7]);
    customers.save([customer(160_000)], 5, older);
    expect(available()).toEqual([150_000, 7]);
  });
});

describe('a row that was edited into nonsense', () => {
  it('is an error, not a guess', () => {
    created(1);
    store.close();
    const db = new Database(rawFile());
    db.exec(`UPDATE redemptions SET customer = '{"id":1}'`);
    db.close();
    store = open();
    expect(() => store.redemptions.get(id(1))).toThrow(expect.objectContaining({ code: 'store_failed' }));
  });
});
