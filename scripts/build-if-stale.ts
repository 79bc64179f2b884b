import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['renderer', 'shared', 'resources', 'electron', 'vite.config.ts', 'package-lock.json'];

const PAGES = ['--mode', 'setup-pages'];
const MODES = {
  pages: [PAGES],
  screen: [[], PAGES],
  all: [[], PAGES, ['--mode', 'electron-main'], ['--mode', 'electron-preload']],
} as const;
const NOTES = {
  pages: "building the gateway's pages …",
  screen: "building the screen and the gateway's pages …",
  all: "building the screen, the gateway's pages and the Electron entries …",
} as const;

/**
 * Builds where a source is newer than the last build: the gateway's pages (`pages`), those and the screen (`screen`), or
 * Electron's entries too (`all`).
 */
export async function buildIfStale(what: keyof typeof MODES, note: (text: string) => void): Promise<void> {
  const targets = [
    'dist/setup/index.html',
    ...(what === 'pages' ? [] : ['dist/renderer/index.html']),
    ...(what === 'all' ? ['dist/electron/main.js', 'dist/electron/preload.cjs'] : []),
  ];
  const built = Math.min(...targets.map((target) => modifiedAt(join(ROOT, target))));
  const changed = Math.max(...SOURCES.map((source) => newestIn(join(ROOT, source))));
  if (built > changed) return;
  note(NOTES[what]);
  for (const mode of MODES[what]) await vite(['build', '--logLevel', 'warn', ...mode]);
}

function vite(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`vite build ended with ${code}`)),
    );
  });
}

/** 0 where there is none. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return modifiedAt(path);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return Math.max(0, ...files.map((file) => modifiedAt(join(path, file))));
}
