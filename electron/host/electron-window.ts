import { BrowserWindow, type BrowserWindowConstructorOptions, type Session } from 'electron';
import type { Clock } from '../../shared/effects.ts';
import type { ServerLog } from '../loopback/log.ts';
import { APP_URL } from './electron-scheme.ts';

/** Small terminals have 1024 × 600; the main flow fits without scrolling. */
const SIZE = { width: 1280, height: 800, minWidth: 1024, minHeight: 600 } as const;

/** A screen that keeps crashing is loaded again at once this often per minute, then once a minute. */
export const RELOADS = { atOnce: 5, windowMs: 60_000 } as const;

export interface WindowOptions {
  session: Session;
  preload: string;
  devTools: boolean;
  clock: Clock;
  log: ServerLog;
}

/** Opens the till's window. Loads the screen again when its process is gone. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow(windowOptions(options));
  window.removeMenu();
  window.once('ready-to-show', () => window.show());
  reloadWhenGone(window, options);
  load(window, options.log);
  return window;
}

function windowOptions({ session, preload, devTools }: WindowOptions): BrowserWindowConstructorOptions {
  return {
    ...SIZE,
    title: 'Saksi',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      session,
      devTools,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      // Countdowns and the view go on when another window covers the till.
      backgroundThrottling: false,
    },
  };
}

function load(window: BrowserWindow, log: ServerLog): void {
  window.loadURL(APP_URL).catch((error: unknown) => log.error({ err: error }, 'the screen did not load'));
}

function reloadWhenGone(window: BrowserWindow, { clock, log }: WindowOptions): void {
  let gone: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log.error({ reason, exitCode }, "the screen's process is gone; loading it again");
    const now = clock.monotonic();
    gone = [...gone.filter((at) => now - at < RELOADS.windowMs), now];
    clock.schedule(gone.length > RELOADS.atOnce ? RELOADS.windowMs : 0, () => {
      if (!window.isDestroyed()) load(window, log);
    });
  });
}
