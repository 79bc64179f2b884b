import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IPC } from '../../shared/bridge.ts';
import { type Clock, systemEffects } from '../../shared/effects.ts';
import * as fake from '../../test/fixtures/fake-electron.ts';
import { emptyView, FakeTill, MemoryLog } from '../../test/fixtures/fake-till.ts';
import type { SecretStore } from '../store/secrets.ts';
import { runElectronApp, STOP_TIMEOUT_MS } from './electron-app.ts';
import { RELOADS } from './electron-window.ts';
import { CONTENT_SECURITY_POLICY } from './renderer-policy.ts';
import type { TillProcess } from './till-process.ts';

vi.mock('electron', async () => (await import('../../test/fixtures/fake-electron.ts')).fakeElectron());

let folder: string;
let till: FakeTill & { wake: () => void };
let log: MemoryLog;
let stopTill: () => Promise<void>;
let secrets: SecretStore | null;
let timers: { delayMs: number; fn: () => void; cancelled: boolean }[];
let elapsedMs: number;
let wakes: number;

const clock: Clock = {
  now: () => 0,
  monotonic: () => elapsedMs,
  schedule: (delayMs, fn) => {
    const timer = { delayMs, fn, cancelled: false };
    timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  },
};

beforeEach(async () => {
  fake.resetFakeElectron();
  folder = await mkdtemp(join(tmpdir(), 'saksi-electron-'));
  await writeFile(join(folder, 'index.html'), '<title>Saksi</title>');
  wakes = 0;
  till = Object.assign(new FakeTill(), {
    wake: () => {
      wakes += 1;
    },
  });
  log = new MemoryLog();
  stopTill = () => till.stop();
  secrets = null;
  timers = [];
  elapsedMs = 0;
});

afterEach(() => rm(folder, { recursive: true }));

function run(changes: { devTools?: boolean } = {}) {
  return runElectronApp({
    dataDir: folder,
    rendererDir: folder,
    preload: '/app/preload.cjs',
    devTools: false,
    log,
    effects: { ...systemEffects, clock },
    startTill: async (store) => {
      secrets = store;
      return { till, stop: () => stopTill() } as unknown as TillProcess;
    },
    ...changes,
  });
}

const theWindow = () => {
  const [window] = fake.FakeWindow.opened;
  if (window === undefined) throw new Error('no window was opened');
  return window;
};
const theSession = () => {
  const [session] = fake.sessions.values();
  if (session === undefined) throw new Error('no session was made');
  return session;
};

describe('the window', () => {
  it('is sandboxed, isolated, without Node, webviews or developer tools', async () => {
    await run();
    expect(fake.app.sandboxed).toBe(true);
    const { options, loaded } = theWindow();
    expect(options).toMatchObject({ minWidth: 1024, minHeight: 600 });
    expect(options.webPreferences).toMatchObject({
      preload: '/app/preload.cjs',
      session: theSession(),
      devTools: false,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
    });
    expect(loaded).toEqual(['saksi://app/index.html']);
    expect(fake.privileged).toEqual([
      [{ scheme: 'saksi', privileges: { standard: true, secure: true, supportFetchAPI: true } }],
    ]);
    expect(theSession().partition).not.toMatch(/^persist:/);
  });

  it('stays where it is, opens nothing and attaches nothing', async () => {
    await run();
    const { webContents } = theWindow();
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      const event = new fake.FakeEvent('https://evil.example/?token=secret');
      webContents.emit(name, event);
      expect([name, event.prevented]).toEqual([name, true]);
    }
    expect(webContents.openHandler?.({ url: 'https://evil.example' })).toEqual({ action: 'deny' });
    expect(JSON.stringify(log.lines)).not.toContain('secret');
  });

  it('is loaded again when its process is gone; later, when that goes on and on', async () => {
    await run();
    const { webContents, loaded } = theWindow();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(timers).toEqual([]);
    for (let i = 0; i <= RELOADS.atOnce; i += 1) {
      webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    }
    expect(timers.map((timer) => timer.delayMs)).toEqual([
      ...Array(RELOADS.atOnce).fill(0),
      RELOADS.windowMs,
    ]);
    timers[0]?.fn();
    expect(loaded).toHaveLength(2);
    elapsedMs = RELOADS.windowMs;
    webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 5 });
    expect(timers.at(-1)?.delayMs).toBe(0);
  });
});

describe('the session', () => {
  it('grants no permission, device or screen capture', async () => {
    await run();
    const session = theSession();
    const answers: unknown[] = [];
    for (const permission of ['serial', 'usb', 'media', 'notifications', 'clipboard-read', 'openExternal']) {
      session.permissionRequest?.({}, permission, (granted) => answers.push(granted));
    }
    expect(answers).toEqual(Array(6).fill(false));
    expect([session.permissionCheck?.(), session.devicePermission?.()]).toEqual([false, false]);
    session.displayMedia?.({}, (streams) => answers.push(streams));
    expect(answers.at(-1)).toEqual({});
    expect(session.spellChecker).toBe(false);
  });

  it('saves what the screen itself made, and nothing from elsewhere', async () => {
    await run();
    const isPrevented = (url: string) => {
      const download = new fake.FakeEvent();
      theSession().emit('will-download', download, { getURL: () => url });
      return download.prevented;
    };
    expect(isPrevented('blob:saksi://app/0b7c')).toBe(false);
    for (const url of [
      'https://evil.example/a.exe',
      'blob:https://evil.example/1',
      'saksi://app/index.html',
    ]) {
      expect(isPrevented(url), url).toBe(true);
    }
  });

  it('reaches nothing but what we serve', async () => {
    await run();
    const blocked = (url: string) => {
      let cancelled: boolean | null = null;
      theSession().beforeRequest?.({ url }, ({ cancel }) => {
        cancelled = cancel;
      });
      return cancelled;
    };
    for (const url of [
      'https://evil.example/',
      'http://127.0.0.1:8787/v1/till',
      'ws://127.0.0.1:1/',
      'file:///etc/passwd',
      'saksi://other/index.html',
      'saksi-x://app/',
      'https://app/',
      'devtools://devtools/bundled/inspector.html',
      'data:text/html,<script>1</script>',
      'not a url',
    ]) {
      expect([url, blocked(url)]).toEqual([url, true]);
    }
    for (const url of ['saksi://app/index.html', 'saksi://app/assets/x.js', 'data:image/png;base64,AA==']) {
      expect([url, blocked(url)]).toEqual([url, false]);
    }
  });

  it('serves the screen under its own scheme and the strict policy', async () => {
    await run();
    const get = (url: string, method = 'GET') =>
      theSession().schemes.get('saksi')?.({ url, method } as Request) as Response;
    const page = get('saksi://app/index.html');
    expect([page.status, await page.text()]).toEqual([200, '<title>Saksi</title>']);
    expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(get('saksi://other/index.html').status).toBe(404);
    expect(get('saksi://app/../../etc/passwd').status).toBe(404);
    expect(get('saksi://app/index.html', 'POST').status).toBe(404);
  });
});

describe('the bridge over IPC', () => {
  const own = () => {
    const { webContents } = theWindow();
    return { sender: webContents, senderFrame: webContents.mainFrame as { url: string } | null };
  };
  const invoke = (event: unknown, method: unknown, input: unknown) =>
    fake.ipcMain.handlers.get(IPC.invoke)?.(event, method, input);
  const foreign = () => [
    ['another page', { sender: own().sender, senderFrame: { url: 'https://evil.example/' } }],
    ['a frame inside', { ...own(), senderFrame: { url: 'saksi://app/index.html' } }],
    ['a frame that is gone', { ...own(), senderFrame: null }],
    ['another window', otherWindow()],
  ];
  const otherWindow = () => {
    const contents = new fake.FakeContents();
    return { sender: contents, senderFrame: contents.mainFrame };
  };

  it('answers our page', async () => {
    await run();
    expect(await invoke(own(), 'session.signOut', {})).toEqual({ ok: true, value: {} });
    expect(till.calls).toEqual([{ method: 'session.signOut', input: {} }]);
  });

  it('refuses everybody else, and our page once it has been led away', async () => {
    await run();
    for (const [who, event] of foreign()) {
      expect([who, await invoke(event, 'session.signOut', {})]).toMatchObject([
        who,
        { ok: false, error: { code: 'origin_forbidden' } },
      ]);
      fake.ipcMain.emit(IPC.ready, event);
    }
    const led = own();
    if (led.senderFrame !== null) led.senderFrame.url = 'https://evil.example/';
    expect(await invoke(led, 'session.signOut', {})).toMatchObject({ ok: false });
    fake.ipcMain.emit(IPC.ready, led);
    expect(till.calls).toEqual([]);
    expect(till.listeners.size).toBe(0);
  });

  it('refuses input outside its schema', async () => {
    await run();
    expect(await invoke(own(), 'session.signIn', { staffId: '1', pin: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'bad_request' },
    });
    expect(await invoke(own(), 'constructor', {})).toMatchObject({ error: { code: 'bad_request' } });
    expect(till.calls).toEqual([]);
  });

  it('sends the view once asked for, each change, and one feed only after a reload', async () => {
    await run();
    const { webContents } = theWindow();
    till.show(emptyView());
    expect(webContents.sent).toEqual([]);
    fake.ipcMain.emit(IPC.ready, own());
    fake.ipcMain.emit(IPC.ready, own());
    expect(till.listeners.size).toBe(1);
    till.show(emptyView({ appVersion: '2' }));
    expect(webContents.sent).toHaveLength(3);
    expect(webContents.sent.at(-1)).toMatchObject({ channel: IPC.view, value: { appVersion: '2' } });
    webContents.destroyed = true;
    webContents.emit('destroyed');
    expect(till.listeners.size).toBe(0);
  });
});

describe('the life of the app', () => {
  it('leaves at once when another instance runs', async () => {
    fake.app.lock = false;
    await run();
    expect([fake.app.exits, fake.FakeWindow.opened]).toEqual([[0], []]);
  });

  it('shows the window again when started a second time', async () => {
    await run();
    fake.app.emit('second-instance');
    expect(theWindow().done).toEqual(['removeMenu', 'restore', 'show', 'focus']);
  });

  it('quits only after the till has stopped', async () => {
    await run();
    let finish = () => {};
    stopTill = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    for (let i = 0; i < 2; i += 1) {
      const event = new fake.FakeEvent();
      fake.app.emit('before-quit', event);
      expect(event.prevented).toBe(true);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(fake.app.exits).toEqual([]);
    finish();
    await expect.poll(() => fake.app.exits).toEqual([0]);
    expect(timers).toMatchObject([{ delayMs: STOP_TIMEOUT_MS, cancelled: true }]);
  });

  it('asks before it closes, by its window too, and stays where the person at the screen says so', async () => {
    await run();
    const close = new fake.FakeEvent();
    theWindow().emit('close', close);
    expect([close.prevented, fake.app.quits]).toEqual([true, 1]);
    till.quits = Promise.resolve(false);
    fake.app.emit('before-quit', new fake.FakeEvent());
    await new Promise((resolve) => setImmediate(resolve));
    expect([till.stops, fake.app.exits]).toEqual([0, []]);
    till.quits = Promise.resolve(true);
    fake.app.emit('before-quit', new fake.FakeEvent());
    await expect.poll(() => fake.app.exits).toEqual([0]);
    expect(till.stops).toBe(1);
  });

  it('does not wait for ever, and says so', async () => {
    await run();
    stopTill = () => new Promise(() => {});
    fake.app.emit('before-quit', new fake.FakeEvent());
    await expect.poll(() => timers.length).toBe(1);
    timers.at(-1)?.fn();
    expect(fake.app.exits).toEqual([1]);
    expect(log.levels()).toEqual(['error']);
  });

  it('ends with an error when the till stops with one', async () => {
    await run();
    stopTill = () => Promise.reject(new Error('disk'));
    fake.app.emit('before-quit', new fake.FakeEvent());
    await expect.poll(() => fake.app.exits).toEqual([1]);
  });

  it('looks for the gateway at once when the machine wakes', async () => {
    await run();
    fake.powerMonitor.emit('resume');
    fake.powerMonitor.emit('unlock-screen');
    expect(wakes).toBe(2);
  });

  it("keeps the till's secrets in the system's key chain", async () => {
    await run();
    secrets?.set('till-key', 'sk-1');
    expect(secrets?.get('till-key')).toBe('sk-1');
    const { readFile } = await import('node:fs/promises');
    expect(await readFile(join(folder, 'secrets', 'till-key.secret'), 'utf8')).not.toContain('sk-1');
  });
});
