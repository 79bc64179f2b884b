import { join } from 'node:path';
import { app, type BrowserWindow, Menu, powerMonitor, safeStorage, session } from 'electron';
import { type Effects, systemEffects } from '../../shared/effects.ts';
import type { ServerLog } from '../loopback/log.ts';
import { serveBridge } from './electron-ipc.ts';
import { registerAppScheme, serveApp } from './electron-scheme.ts';
import { type ElectronSecrets, openElectronSecrets } from './electron-secrets.ts';
import { denyNavigation, hardenSession } from './electron-session.ts';
import { openWindow } from './electron-window.ts';
import type { RemoteTill } from './remote-till.ts';
import { loadRendererFiles } from './renderer-files.ts';

/** How long quitting waits for the device job and the write in hand. */
export const STOP_TIMEOUT_MS = 10_000;

export interface ElectronAppOptions {
  dataDir: string;
  /** dist/renderer */
  rendererDir: string;
  /** dist/electron/preload.cjs */
  preload: string;
  devTools: boolean;
  log: ServerLog;
  effects?: Effects;
  startTill: (secrets: ElectronSecrets) => Promise<RemoteTill>;
}

/** The app's life: one instance, one window, a till that is stopped before the process ends. */
export async function runElectronApp(options: ElectronAppOptions): Promise<void> {
  const { log, effects = systemEffects, devTools } = options;
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  let window: BrowserWindow | null = null;
  let running: RemoteTill | null = null;
  app.enableSandbox();
  registerAppScheme();
  denyNavigation(app, log);
  quitAfterStop(() => running, options);
  app.on('second-instance', () => showAgain(window));
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  Menu.setApplicationMenu(applicationMenu());
  // Without `persist:` it is kept in memory: the screen leaves nothing on the disk.
  const screen = session.fromPartition('saksi');
  hardenSession(screen, log, devTools);
  serveApp(screen, await loadRendererFiles(options.rendererDir));
  const secrets = await openElectronSecrets({
    folder: join(options.dataDir, 'secrets'),
    safeStorage,
    platform: process.platform,
    random: effects.random,
    log,
  });
  running = await options.startTill(secrets);
  const { till } = running;
  serveBridge(till, (contents) => window !== null && contents === window.webContents, log);
  powerMonitor.on('resume', () => till.wake());
  powerMonitor.on('unlock-screen', () => till.wake());
  window = openWindow({ session: screen, preload: options.preload, devTools, clock: effects.clock, log });
  // The window stays until the program ends: it may have to ask first.
  window.on('close', (event) => {
    event.preventDefault();
    app.quit();
  });
}

/** Holds the first wish to quit back until the till has stopped, or has had its time. */
function quitAfterStop(current: () => RemoteTill | null, { log, effects }: ElectronAppOptions): void {
  const { clock } = effects ?? systemEffects;
  let stopping = false;
  app.on('before-quit', (event) => {
    const running = current();
    if (running === null) return;
    event.preventDefault();
    if (stopping) return;
    // What is unsent is asked about on the screen; a till that does not answer is no reason to stay.
    running.till.askQuit().then(
      (quit) => {
        if (quit) end(running);
      },
      (error: unknown) => {
        log.error({ err: error }, 'the till could not be asked');
        end(running);
      },
    );
  });

  function end(running: RemoteTill): void {
    if (stopping) return;
    stopping = true;
    const cancel = clock.schedule(STOP_TIMEOUT_MS, () => {
      log.error({ waitedMs: STOP_TIMEOUT_MS }, 'the till did not stop in time');
      app.exit(1);
    });
    running.stop().then(
      () => {
        cancel();
        app.exit(0);
      },
      (error: unknown) => {
        cancel();
        log.error({ err: error }, 'the till did not stop cleanly');
        app.exit(1);
      },
    );
  }
}

function showAgain(window: BrowserWindow | null): void {
  if (window === null) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** None, but on macOS, where copy, paste and quit live in the menu. */
function applicationMenu(): Menu | null {
  if (process.platform !== 'darwin') return null;
  return Menu.buildFromTemplate([
    { label: app.name, submenu: [{ role: 'hide' }, { role: 'quit' }] },
    { role: 'editMenu' },
  ]);
}
