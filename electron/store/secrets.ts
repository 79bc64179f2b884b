import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SaksiError } from '../../shared/errors.ts';

/** Where the till key is kept. Electron puts safeStorage (the system's key chain) in its place. */
export interface SecretStore {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

/** One file per secret in `folder`, mode 0600, replaced whole. Throws SaksiError `store_failed`. */
export function createFileSecretStore(folder: string): SecretStore {
  const path = (name: string) => join(folder, `${name}.secret`);
  return {
    get(name) {
      try {
        return readFileSync(path(name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new SaksiError('store_failed', { cause: error });
      }
    },
    set(name, value) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeDurably(path(name), value);
      } catch (error) {
        throw new SaksiError('store_failed', { cause: error });
      }
    },
  };
}

function writeDurably(path: string, value: string): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const file = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(file, value);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
}
