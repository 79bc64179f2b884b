import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['renderer', 'shared', 'resources', 'electron', 'vite.config.ts', 'package-lock.json'];

/** Builds the screen (`screen`), or the screen and Electron's entries (`all`), where a source is newer than the last build. */
export async function buildIfStale(what: 'screen' | 'all', note: (text: string) => void): Promise<void> {
  const targets = [
    'dist/renderer/index.html',
    ...(what === 'all' ? ['dist/electron/main.js', 'dist/electron/preload.cjs'] : []),
  ];
  const built = Math.min(...targets.map((target) => modifiedAt(join(ROOT, target))));
  const changed = Math.max(...SOURCES.map((source) => newestIn(join(ROOT, source))));
  if (built > changed) return;
  note(what === 'all' ? 'building the screen and the Electron entries …' : 'building the screen …');
  const modes = what === 'all' ? [[], ['--mode', 'electron-main'], ['--mode', 'electron-preload']] : [[]];
  for (const mode of modes) await vite(['build', '--logLevel', 'warn', ...mode]);
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
