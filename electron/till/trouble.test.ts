import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { personSentence } from '../../shared/errors.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID, RIGHT_CODE } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { DATABASE_FILE, openStore, type Store } from '../store/store.ts';

afterAll(removeTempFolders);

/** The store that the till under test opened, to spoil its disk from below. */
const opened = vi.hoisted(() => ({ stores: [] as unknown[] }));
vi.mock('../store/store.ts', async (original) => {
  const module = await original<typeof import('../store/store.ts')>();
  return {
    ...module,
    openStore: (...args: Parameters<typeof module.openStore>) => {
      const store = module.openStore(...args);
      opened.stores.push(store);
      return store;
    },
  };
});
const theStore = () => opened.stores.at(-1) as Store;
const troubles = (desk: Desk) => {
  const list = desk.till.view().trouble;
  for (const { error } of list) console.log(`the screen: ${personSentence(error.code, 'en', error.params)}`);
  return list.map(({ kind, stopsMoney }) => [kind, stopsMoney]);
};

describe('a full disk', () => {
  it('stops money before it moves, says so, and goes on by itself when there is room', async () => {
    const desk = await openDesk();
    await desk.signIn();
    const { limitPages } = theStore().safety;
    limitPages(0);
    // Fill what is left of the pages that are there.
    for (let n = 0; n < 200; n += 1)
      await desk.till
        .invoke('session.signOut', {})
        .then(() => desk.signIn())
        .catch(() => undefined);
    await desk.signIn().catch(() => undefined);
    await expect(desk.begin()).rejects.toMatchObject({
      code: expect.stringMatching(/disk_full|not_signed_in/),
    });
    expect(troubles(desk)).toEqual([['disk_full', true]]);
    expect([desk.gateway.redemptions.held.size, desk.devices.pulses]).toEqual([0, 0]);
    limitPages(null);
    await desk.run(5_100);
    expect(troubles(desk)).toEqual([]);
    await desk.signIn();
    expect((await desk.begin()).stage).toBe('awaiting_code');
  });

  it('leaves a grant at the gateway, and takes it when there is room: the drawer opens once', async () => {
    const desk = await openDesk();
    await desk.signIn();
    const { id } = await desk.begin();
    vi.spyOn(theStore().grants, 'consume').mockImplementationOnce(() => {
      throw new (class extends Error {
        readonly code = 'SQLITE_FULL';
      })('database or disk is full');
    });
    await expect(
      desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE })),
    ).rejects.toMatchObject({ code: 'disk_full' });
    expect([desk.devices.pulses, troubles(desk)]).toEqual([0, [['disk_full', true]]]);
    await desk.run(12_000);
    expect([desk.devices.pulses, troubles(desk)]).toEqual([1, []]);
    expect(desk.shown().stage).toBe('done');
  });
});

describe('a disk that is nearly full', () => {
  it('is a warning, and money moves', async () => {
    const desk = await openDesk();
    await desk.signIn();
    vi.spyOn(theStore().safety, 'freeBytes').mockReturnValue(12 * 1024 * 1024);
    await desk.run(61_000);
    expect(troubles(desk)).toEqual([['disk_full', false]]);
    expect(desk.till.view().trouble[0]?.error).toMatchObject({ code: 'disk_low', params: { megabytes: 12 } });
    expect((await desk.begin()).stage).toBe('awaiting_code');
    vi.restoreAllMocks();
    await desk.run(61_000);
    expect(troubles(desk)).toEqual([]);
  });
});

describe('a database that is broken', () => {
  it('with no good backup shows that and nothing else: nobody signs in, no device moves', async () => {
    const desk = await openDesk();
    await desk.call(desk.till.stop());
    writeFileSync(join(desk.dataDir, DATABASE_FILE), 'rubbish'.repeat(2_000));
    const again = await openDesk({
      clock: desk.clock,
      gateway: desk.gateway,
      devices: desk.devices,
      dataDir: desk.dataDir,
    });
    expect(troubles(again)).toEqual([['database_corrupt', true]]);
    await expect(again.signIn()).rejects.toMatchObject({ code: 'database_corrupt' });
    await desk.run(60_000);
    expect([again.till.view().till, again.devices.pulses]).toEqual([null, 0]);
  });

  it('comes back from the last backup; money waits until a manager has read of it', async () => {
    const desk = await openDesk();
    await desk.signIn();
    await desk.till.invoke('session.signOut', {});
    await desk.run(1_000);
    await vi.waitFor(() => expect(readdirSync(join(desk.dataDir, 'backups'))).toHaveLength(1));
    await desk.call(desk.till.stop());
    writeFileSync(join(desk.dataDir, DATABASE_FILE), 'rubbish'.repeat(2_000));
    const again = await openDesk({
      clock: desk.clock,
      gateway: desk.gateway,
      devices: desk.devices,
      dataDir: desk.dataDir,
    });
    expect(troubles(again)).toEqual([['recovered', true]]);
    await again.signIn(CASHIER_ID);
    await expect(again.begin()).rejects.toMatchObject({ code: 'database_recovered' });
    await expect(again.till.invoke('trouble.seen', { kind: 'recovered' })).rejects.toMatchObject({
      code: 'role_not_allowed',
    });
    await again.signIn(MANAGER_ID);
    await again.till.invoke('trouble.seen', { kind: 'recovered' });
    expect(troubles(again)).toEqual([]);
    expect((await again.begin()).stage).toBe('awaiting_code');
    await expect(again.till.invoke('trouble.seen', { kind: 'disk_full' })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it('whose chain was altered stops money', async () => {
    const desk = await openDesk();
    await desk.call(desk.till.stop());
    const { default: Database } = await import('better-sqlite3');
    const store = openStore(desk.dataDir, {
      clock: desk.clock,
      random: { bytes: (n) => new Uint8Array(n), jitter: () => 0 },
    });
    store.audit.record('test.entry', { n: 1 });
    store.close();
    const raw = new Database(join(desk.dataDir, DATABASE_FILE));
    raw.exec(
      "DROP TRIGGER audit_no_update; UPDATE audit SET kind = 'other' WHERE seq = (SELECT max(seq) FROM audit)",
    );
    raw.close();
    const again = await openDesk({
      clock: desk.clock,
      gateway: desk.gateway,
      devices: desk.devices,
      dataDir: desk.dataDir,
    });
    expect(troubles(again)).toEqual([['chain_broken', true]]);
    await again.signIn();
    await expect(again.begin()).rejects.toMatchObject({ code: 'chain_broken' });
  });
});

describe('a clock that was set back', () => {
  it('is a notice until somebody has read it', async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.clock.setWall(desk.clock.now() - 4 * 60_000);
    await desk.run(61_000);
    expect(troubles(desk)).toEqual([['clock_back', false]]);
    await desk.till.invoke('trouble.seen', { kind: 'clock_back' });
    await desk.run(61_000);
    expect(troubles(desk)).toEqual([]);
  });
});

describe('closing', () => {
  it('asks while anything is unsent, and goes by the answer', async () => {
    const desk = await openDesk();
    await desk.signIn();
    expect(await desk.till.askQuit()).toBe(true);
    const { id } = await desk.begin();
    desk.gateway.trouble.set('*', 'down');
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    await desk.run(100);
    const first = desk.till.askQuit();
    expect(desk.till.view().quitAsked).toBe(true);
    await desk.till.invoke('app.stay', {});
    expect([await first, desk.till.view().quitAsked]).toEqual([false, false]);
    const second = desk.till.askQuit();
    await desk.till.invoke('app.quit', {});
    expect(await second).toBe(true);
  });
});
