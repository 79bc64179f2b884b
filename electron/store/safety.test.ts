import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { personSentence, SaksiError } from '../../shared/errors.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { createBackups, KEPT, verifyCopy } from './backups.ts';
import { DATABASE_FILE, openStore, type Store } from './store.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
let dir: string;
let clock: FakeClock;
beforeEach(() => {
  dir = tempFolder();
  clock = new FakeClock();
});

const open = (onFault: (error: SaksiError) => void = () => {}): Store =>
  openStore(dir, { clock, random: seededRandom(5) }, undefined, onFault);
const file = (suffix = '') => join(dir, DATABASE_FILE + suffix);
const record = (store: Store, from: number, to: number) => {
  for (let n = from; n <= to; n += 1) store.audit.record('test.entry', { id: id(n), text: 'x'.repeat(200) });
};
/** What the screen would say, so that a run of the tests shows it. */
const says = (error: SaksiError) => {
  console.log(`${error.code}: ${personSentence(error.code, 'en', error.params)}`);
  return error.code;
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof SaksiError) return says(error);
    throw error;
  }
  return 'nothing';
};
function spoil(at: number, bytes: number, path = file()): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  closeSync(fd);
}
/** A shop's disk with a backup of `inBackup` entries and some newer ones, closed cleanly: all in one file. */
async function diskWith(inBackup: number, newer: number): Promise<void> {
  const store = open();
  record(store, 1, inBackup);
  await store.safety.backup();
  await clock.advance(HOUR_MS / 2);
  record(store, inBackup + 1, inBackup + newer);
  store.tidy();
  store.close();
}

describe('a backup', () => {
  it('counts only after its pages and its chain were checked, and leaves nothing half made', async () => {
    const store = open();
    record(store, 1, 50);
    await store.safety.backup();
    const [name] = readdirSync(join(dir, 'backups'));
    expect(verifyCopy(join(dir, 'backups', name ?? ''))).toEqual(store.audit.head());
    // An entry altered on the disk makes no backup.
    store.close();
    const raw = new Database(file());
    raw.exec("DROP TRIGGER audit_no_update; UPDATE audit SET kind = 'other' WHERE seq = 7");
    raw.close();
    await clock.advance(HOUR_MS);
    const again = open();
    await expect(again.safety.backup()).rejects.toMatchObject({ code: 'chain_broken', params: { seq: 7 } });
    expect(readdirSync(join(dir, 'backups'))).toEqual([name]);
    expect(again.safety.verifyChain(true)).toMatchObject({ ok: false, seq: 7 });
    again.close();
  });

  it('is kept for each of the last hours and days, and no longer', async () => {
    const folder = join(dir, 'kept');
    mkdirSync(folder);
    const backups = createBackups(folder, clock);
    const db = new Database(':memory:');
    const store = open();
    store.close();
    const source = new Database(file());
    for (let hour = 0; hour < 10 * 24; hour += 5) {
      copyFileSync(file(), join(folder, `till-${clock.now()}.sqlite`));
      await clock.advance(5 * HOUR_MS);
    }
    await backups.make(source);
    expect(backups.list().length).toBeLessThanOrEqual(KEPT.hours + KEPT.days);
    expect(backups.list().length).toBeGreaterThanOrEqual(KEPT.hours);
    source.close();
    db.close();
  });

  it('cut off by a kill in the middle never counts, and the next one is made', async () => {
    const store = open();
    record(store, 1, 3_000);
    store.close();
    const script = `
      import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
      import { systemEffects } from ${JSON.stringify(new URL('../../shared/effects.ts', import.meta.url).href)};
      const store = openStore(${JSON.stringify(dir)}, systemEffects);
      for (;;) { console.log('go'); await store.safety.backup(); }`;
    for (let turn = 0; turn < 3; turn += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 5 + turn * 17));
      child.kill('SIGKILL');
      await ended;
    }
    for (const name of readdirSync(join(dir, 'backups')).filter((entry) => entry.endsWith('.sqlite'))) {
      expect(verifyCopy(join(dir, 'backups', name)).seq).toBe(3_000);
    }
    const again = open();
    expect(again.safety.verifyChain()).toMatchObject({ ok: true, length: 3_000 });
    await again.safety.backup();
    again.close();
    expect(readdirSync(join(dir, 'backups')).filter((name) => name.includes('partial'))).toEqual([]);
  }, 60_000);
});

describe('a broken file is replaced by the newest good backup, and what can be read of it is rescued', () => {
  it.each<[string, () => void, { whole: boolean }]>([
    ['a page of an index', () => spoilIndex(), { whole: true }],
    ['its first page', () => spoil(0, 100), { whole: false }],
    ['half of it cut off', () => truncate(0.5), { whole: false }],
    ['nothing left of it', () => truncate(0), { whole: false }],
    ['gone', () => rmSync(file()), { whole: false }],
    ['no database at all', () => writeFileSync(file(), 'rubbish'.repeat(5_000)), { whole: false }],
  ])('%s', async (_, damage, { whole }) => {
    await diskWith(400, 100);
    damage();
    const store = open();
    const chain = store.safety.verifyChain();
    expect(chain.ok).toBe(true);
    const entries = store.audit.entries();
    expect(entries.filter(({ kind }) => kind === 'test.entry').length).toBeGreaterThanOrEqual(400);
    if (whole) expect(entries.filter(({ kind }) => kind === 'test.entry')).toHaveLength(500);
    expect(entries.at(-1)?.kind).toBe('store.recovered');
    expect(store.safety.recovered()).toEqual({ minutes: 30, complete: whole });
    says(new SaksiError('database_recovered', { params: { minutes: 30 } }));
    if (existsSync(join(dir, 'broken'))) expect(readdirSync(join(dir, 'broken'))).toHaveLength(1);
    // Read over a restart, until somebody has.
    store.close();
    const again = open();
    expect(again.safety.recovered()).toMatchObject({ minutes: 30 });
    again.safety.recoveredSeen();
    again.close();
  });

  it('by an older one where the newest is broken itself', async () => {
    await diskWith(100, 0);
    await clock.advance(HOUR_MS);
    const store = open();
    record(store, 101, 200);
    await store.safety.backup();
    store.close();
    const [newest] = createBackups(join(dir, 'backups'), clock).list();
    spoil(4_096, 8_192, newest?.file);
    spoil(0, 100);
    const again = open();
    expect(again.audit.entries().filter(({ kind }) => kind === 'test.entry')).toHaveLength(100);
    again.close();
  });

  it('and says so where there is none: no money moves', async () => {
    const store = open();
    record(store, 1, 100);
    store.close();
    spoil(0, 100);
    expect(codeOf(open)).toBe('database_corrupt');
    // Nothing was thrown away.
    expect(statSync(file()).size).toBeGreaterThan(4_096);
  });

  it('goes on where a crash came between putting the broken file aside and the good one in its place', async () => {
    await diskWith(50, 0);
    // The log of the broken file is whole: beside the good one it would be taken for its own.
    const before = open();
    record(before, 51, 60);
    copyFileSync(file('-wal'), file('.log'));
    before.close();
    copyFileSync(createBackups(join(dir, 'backups'), clock).list()[0]?.file ?? '', file('.recovered'));
    copyFileSync(file('.log'), file('-wal'));
    const store = open();
    expect(store.audit.entries().length).toBe(50);
    store.close();
  });

  function spoilIndex(): void {
    const raw = new Database(file());
    const { rootpage } = raw
      .prepare<[], { rootpage: number }>(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_audit_1'",
      )
      .get() ?? { rootpage: 0 };
    raw.close();
    expect(rootpage).toBeGreaterThan(1);
    spoil((rootpage - 1) * 4_096, 512);
  }
  function truncate(part: number): void {
    const fd = openSync(file(), 'r+');
    ftruncateSync(fd, Math.floor((statSync(file()).size * part) / 4_096) * 4_096);
    closeSync(fd);
  }
});

describe('a disk that takes no more', () => {
  it('is said to be full, with nothing half written, and goes on when there is room', () => {
    const faults: string[] = [];
    const store = open((error) => faults.push(says(error)));
    record(store, 1, 10);
    const head = store.audit.head();
    store.safety.limitPages(0);
    expect(codeOf(() => record(store, 11, 2_000))).toBe('disk_full');
    expect(faults).toEqual(['disk_full']);
    expect(store.audit.verifyChain()).toMatchObject({ ok: true });
    store.safety.limitPages(null);
    store.safety.tryWrite();
    record(store, 5_000, 5_010);
    expect(store.audit.head().seq).toBeGreaterThan(head.seq + 10);
    store.close();
  });

  it('fails on its own (a limit of the system), and the next start finds all that was promised', async () => {
    const store = open();
    record(store, 1, 10);
    store.close();
    const script = `
      process.on('SIGXFSZ', () => {});
      import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
      import { systemEffects } from ${JSON.stringify(new URL('../../shared/effects.ts', import.meta.url).href)};
      const store = openStore(${JSON.stringify(dir)}, systemEffects);
      let n = 0;
      try { for (;;) { store.audit.record('test.entry', { n, text: 'x'.repeat(2000) }); n += 1; } }
      catch (error) { console.log(JSON.stringify({ n, code: error.code, head: store.audit.head().seq })); process.exit(0); }`;
    const out = await new Promise<string>((resolve, reject) => {
      const command = `ulimit -f 1500; exec "${process.execPath}" --input-type=module -e "$SCRIPT"`;
      const child = spawn('bash', ['-c', command], {
        env: { ...process.env, SCRIPT: script },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
      });
      child.once('error', reject);
      child.once('close', () => resolve(text));
    });
    const { n, code, head } = JSON.parse(out) as { n: number; code: string; head: number };
    says(new SaksiError(code as 'store_failed'));
    expect(['store_failed', 'disk_full']).toContain(code);
    expect(head).toBe(10 + n);
    const again = open();
    expect(again.safety.verifyChain()).toMatchObject({ ok: true, length: 10 + n });
    again.close();
  }, 60_000);
});

describe('the wall clock', () => {
  it('set back is noticed over a restart, until somebody has read of it; the books never run backwards', () => {
    let store = open();
    record(store, 1, 1);
    expect(store.safety.watchClock()).toBeNull();
    store.close();
    clock.setWall(clock.now() - 90 * 60_000);
    store = open();
    expect(store.safety.watchClock()).toBe(90);
    says(new SaksiError('clock_back', { params: { minutes: 90 } }));
    record(store, 2, 2);
    const [first, second] = store.audit.entries();
    expect(second?.at).toBeGreaterThanOrEqual(first?.at ?? Number.POSITIVE_INFINITY);
    expect(store.safety.watchClock()).toBe(90);
    store.safety.clockBackSeen();
    expect(store.safety.watchClock()).toBeNull();
    clock.setWall(clock.now() - 60_000);
    expect(store.safety.watchClock()).toBeNull();
    store.close();
  });
});

describe('an end that was not clean', () => {
  it('has the whole chain read at the next start; a clean one only what is new', () => {
    const store = open();
    record(store, 1, 20);
    store.safety.verifyChain();
    store.close();
    const tamper = () => {
      const raw = new Database(file());
      raw.exec("DROP TRIGGER IF EXISTS audit_no_update; UPDATE audit SET kind = 'other' WHERE seq = 3");
      raw.close();
    };
    tamper();
    const clean = open();
    expect(clean.safety.verifyChain()).toMatchObject({ ok: true });
    clean.close();
    const raw = new Database(file());
    raw.exec("UPDATE settings SET value = 'false' WHERE name = 'safety.clean'");
    raw.close();
    const unclean = open();
    expect(unclean.safety.verifyChain()).toEqual({ ok: false, seq: 3, why: 'hash' });
    says(new SaksiError('chain_broken', { params: { seq: 3 } }));
    unclean.close();
  });
});
