import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { shiftGrantSchema } from '../../shared/grants.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { DATABASE_FILE, openStore, type Store } from './store.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const grant = (tail: number, staffId: string | null, uses = 3) =>
  shiftGrantSchema.parse({
    ...{ iss: id(1), aud: id(2), jti: id(tail), iat: 1, exp: 4_000_000_000, kind: 'shift' },
    ...{ actions: ['drawer.open'], uses, staffId, currency: 'IDR', amountMax: null },
  });
const OWN = grant(50, id(9));

let dir: string;
let clock: FakeClock;
beforeEach(() => {
  dir = tempFolder();
  clock = new FakeClock();
});
const open = () => openStore(dir, { clock, random: seededRandom(5) });
const file = () => join(dir, DATABASE_FILE);
const take = (store: Store, claims = OWN) => store.shiftJournal.granted(claims, 'jws', clock.now());
const use = (store: Store, tail: number, claims = OWN) =>
  store.grants.consumeShift(
    {
      claims,
      sale: {
        ...{ id: id(tail), staffId: id(9), startedBy: 'terminal', saleRef: `S-${tail}`, amount: 500 },
        currency: 'IDR',
      },
      posKey: null,
      countedAt: clock.now(),
    },
    () => {},
  );
const held = (store: Store) => store.shiftGrants.held().map(({ jti, used, uses }) => [jti, used, uses]);

describe('uses of a shift grant', () => {
  it('are counted to its end and not beyond, over restarts', () => {
    const store = open();
    take(store);
    take(store);
    expect([101, 102].map((tail) => use(store, tail).row.useNo)).toEqual([1, 2]);
    store.close();
    const again = open();
    expect(use(again, 103).row.useNo).toBe(3);
    expect(() => use(again, 104)).toThrow(expect.objectContaining({ code: 'shift_grant_missing' }));
    expect(held(again)).toEqual([[OWN.jti, 3, 3]]);
    const of = (kind: string) => again.audit.entries().filter((entry) => entry.kind === kind).length;
    expect([of('shift.granted'), of('shift.used')]).toEqual([1, 3]);
    expect(again.outbox.counts().pending).toBe(3);
    again.close();
  });

  it('stay as they are on the disk, whoever writes to it', () => {
    const store = open();
    take(store);
    use(store, 101);
    store.close();
    const raw = new Database(file());
    const refused = (statement: string) =>
      expect(() => raw.exec(statement), statement).toThrow(/SQLITE|grant/);
    refused('DELETE FROM cash_sales');
    refused('UPDATE cash_sales SET amount = 1');
    refused('UPDATE cash_sales SET use_no = 2');
    refused(
      `INSERT INTO cash_sales SELECT 9, 'x', jti, 4, staff_id, started_by, 'S-9', amount, currency, drawer_state,
         drawer_error, used_at, counted_at FROM cash_sales`,
    );
    raw.exec("UPDATE cash_sales SET drawer_state = 'opened'");
    raw.close();
  });

  it('a new spare takes the place of the one before; what is used up is not looked at again', () => {
    const store = open();
    take(store, grant(60, null));
    take(store, grant(61, null));
    expect(held(store)).toEqual([[id(61), 0, 3]]);
    take(store, grant(62, id(9), 1));
    use(store, 101, grant(62, id(9), 1));
    take(store, OWN);
    expect(held(store)).toEqual([
      [id(61), 0, 3],
      [OWN.jti, 0, 3],
    ]);
    store.close();
  });
});

describe('after a recovery from a backup', () => {
  /** A disk with a backup of one use, and two more uses since. */
  async function disk(): Promise<void> {
    const store = open();
    take(store, grant(50, id(9), 10));
    use(store, 101);
    await store.safety.backup();
    await clock.advance(HOUR_MS);
    use(store, 102);
    use(store, 103);
    store.tidy();
    store.close();
  }
  const spoil = (at: number, bytes: number) => {
    const fd = openSync(file(), 'r+');
    writeSync(fd, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
    closeSync(fd);
  };

  it('the count goes on where it was, where everything could be read', async () => {
    await disk();
    const raw = new Database(file());
    // A structure that the check finds wrong, and no row is lost by.
    const page = raw.pragma('page_size', { simple: true }) as number;
    const { rootpage } = raw
      .prepare<[], { rootpage: number }>(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'cash_sales_by_ref'",
      )
      .get() ?? { rootpage: 1 };
    raw.close();
    spoil((rootpage - 1) * page, 64);
    const store = open();
    expect(store.safety.recovered()).toMatchObject({ complete: true });
    expect(held(store)).toEqual([[OWN.jti, 3, 10]]);
    store.close();
  });

  it('where not everything could be read the grants open nothing any more', async () => {
    await disk();
    spoil(0, statSync(file()).size);
    const store = open();
    expect(store.safety.recovered()).toMatchObject({ complete: false });
    expect(held(store)).toEqual([]);
    expect(store.audit.entries().filter(({ kind }) => kind === 'shift.closed')).toHaveLength(1);
    store.close();
  });
});
