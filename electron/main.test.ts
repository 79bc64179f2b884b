import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IPC } from '../shared/bridge.ts';
import * as fake from '../test/fixtures/fake-electron.ts';

vi.mock('electron', () => fake.fakeElectron());

let folder: string;
let data: string;

beforeEach(async () => {
  fake.resetFakeElectron();
  vi.resetModules();
  folder = await mkdtemp(join(tmpdir(), 'saksi-main-'));
  data = join(folder, 'data');
  await mkdir(join(folder, 'dist', 'renderer'), { recursive: true });
  await writeFile(join(folder, 'dist', 'renderer', 'index.html'), '<title>Saksi</title>');
  fake.app.folder = folder;
  vi.stubEnv('SAKSI_DATA_DIR', data);
  vi.stubEnv('SAKSI_TILL_CONFIG', join(folder, 'till.json'));
  await configure({ posLink: { port: 0 } });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const configure = (config: object) => writeFile(join(folder, 'till.json'), JSON.stringify(config));

async function quit(): Promise<void> {
  fake.app.emit('before-quit', new fake.FakeEvent());
  await expect.poll(() => fake.app.exits).toEqual([0]);
}

describe("Electron's entry", () => {
  it('opens the real till in its window, and closes it again', async () => {
    await import('./main.ts');
    const [window] = fake.FakeWindow.opened;
    const contents = window?.webContents;
    expect(window?.options.webPreferences).toMatchObject({
      preload: join(folder, 'dist', 'electron', 'preload.cjs'),
      devTools: false,
    });
    expect(fake.app.paths.get('userData')).toBe(join(data, 'screen'));
    fake.ipcMain.emit(IPC.ready, { sender: contents, senderFrame: contents?.mainFrame });
    expect(contents?.sent).toMatchObject([{ channel: IPC.view, value: { host: 'electron', till: null } }]);
    await quit();
  });

  it('has developer tools only where it is not packaged and they were asked for', async () => {
    vi.stubEnv('SAKSI_DEVTOOLS', '1');
    await import('./main.ts');
    expect(fake.FakeWindow.opened[0]?.options.webPreferences.devTools).toBe(false);
    await quit();
    fake.resetFakeElectron();
    vi.resetModules();
    fake.app.isPackaged = false;
    await import('./main.ts');
    expect(fake.FakeWindow.opened[0]?.options.webPreferences.devTools).toBe(true);
    await quit();
  });

  it('runs an embedded gateway in a process of its own', async () => {
    await configure({ posLink: { port: 0 }, gateway: { mode: 'embedded', port: 18_787 } });
    await import('./main.ts');
    const [gateway, ...others] = fake.FakeUtilityProcess.started;
    expect(others.map(({ script }) => script)).toEqual([join(folder, 'dist', 'electron', 'till.js')]);
    expect(gateway?.script).toBe(join(folder, 'dist', 'cloud', 'cli.js'));
    expect(gateway?.env).toMatchObject({ SAKSI_DATA_DIR: data, HOST: '127.0.0.1', PORT: '18787' });
    await quit();
    expect(fake.FakeUtilityProcess.started).toHaveLength(2);
  });

  it('says what is wrong with its configuration, and ends', async () => {
    await configure({ posLink: { port: 'x' } });
    await import('./main.ts');
    expect(fake.errorBoxes.join()).toContain('posLink.port');
    expect([fake.app.exits, fake.FakeWindow.opened]).toEqual([[1], []]);
  });
});
