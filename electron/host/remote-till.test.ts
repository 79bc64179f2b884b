import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { MemoryLog } from '../../test/fixtures/fake-till.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { type RemoteTill, startRemoteTill, type TillRun } from './remote-till.ts';
import type { FromTill } from './till-channel.ts';

afterAll(removeTempFolders);

let folder: string;
let log: MemoryLog;
let children: ChildProcess[];
let remote: RemoteTill | null;
beforeEach(async () => {
  folder = tempFolder();
  log = new MemoryLog();
  children = [];
  remote = null;
  await writeFile(join(folder, 'till.json'), JSON.stringify({ posLink: { port: 0 } }));
});
afterEach(async () => {
  await remote?.stop();
  expect(children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toBe(true);
});

/** The real core in a real process, over Node's channel in place of Electron's. */
function startUnderNode(): TillRun {
  const child = fork(join(import.meta.dirname, '..', 'till-main.ts'), {
    env: { ...process.env, SAKSI_DATA_DIR: folder, SAKSI_TILL_CONFIG: join(folder, 'till.json') },
    serialization: 'advanced',
  });
  children.push(child);
  return {
    channel: {
      post: (message) => {
        if (child.connected) child.send(message);
      },
      onMessage: (listener) => void child.on('message', (message) => listener(message as FromTill)),
    },
    onExit: (listener) => void child.once('exit', listener),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

const start = async () => {
  remote = await startRemoteTill({
    start: startUnderNode,
    vaultKey: new Uint8Array(32).fill(7),
    ...systemEffects,
    log,
  });
  return remote.till;
};

describe('the till in a process of its own', () => {
  it('shows what it is, answers calls, and refuses with codes', async () => {
    const till = await start();
    expect(till.view()).toMatchObject({ host: 'electron', till: null, trouble: [] });
    const shown: string[] = [];
    till.onView((view) => shown.push(view.settings.language));
    await till.invoke('settings.set', { language: 'tr' });
    await expect.poll(() => shown).toContain('tr');
    await expect(till.invoke('redemption.dismiss', { redemptionId: 'x' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await expect(till.invoke('outbox.list', {})).rejects.toMatchObject({ code: 'not_signed_in' });
    expect(await till.askQuit()).toBe(true);
  }, 30_000);

  it('that is killed is started again with what is on its disk; calls meanwhile are refused, and closing is free', async () => {
    const till = await start();
    await till.invoke('settings.set', { language: 'en' });
    children[0]?.kill('SIGSTOP');
    const cut = till.invoke('settings.set', { theme: 'light' });
    children[0]?.kill('SIGKILL');
    await expect(cut).rejects.toMatchObject({ code: 'not_ready' });
    await expect.poll(() => children[0]?.signalCode).toBe('SIGKILL');
    await expect(till.invoke('settings.set', { theme: 'dark' })).rejects.toMatchObject({ code: 'not_ready' });
    expect(await till.askQuit()).toBe(true);
    await expect
      .poll(
        () =>
          till.invoke('settings.set', { theme: 'dark' }).then(
            () => 'taken',
            () => 'not yet',
          ),
        { timeout: 20_000, interval: 100 },
      )
      .toBe('taken');
    await expect.poll(() => till.view().settings).toEqual({ language: 'en', theme: 'dark' });
    expect(log.lines.map(({ message }) => message)).toContain('the till ended; starting it again');
  }, 40_000);

  it('that cannot start says why, and leaves no process', async () => {
    await writeFile(join(folder, 'till.json'), JSON.stringify({ posLink: { port: 'x' } }));
    await expect(start()).rejects.toThrow('posLink.port');
  }, 30_000);
});
