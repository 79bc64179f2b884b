import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { safeStorage } from '../../test/fixtures/fake-electron.ts';
import { MemoryLog } from '../../test/fixtures/fake-till.ts';
import type { SecretStore } from '../store/secrets.ts';
import { openElectronSecrets } from './electron-secrets.ts';
import { createSealedSecretStore } from './sealed-secrets.ts';

class MemorySecrets implements SecretStore {
  readonly values = new Map<string, string>();
  get(name: string) {
    return this.values.get(name) ?? null;
  }
  set(name: string, value: string) {
    this.values.set(name, value);
  }
}

describe('sealed secrets', () => {
  let inner: MemorySecrets;
  const key = systemRandom.bytes(32);
  beforeEach(() => {
    inner = new MemorySecrets();
  });
  const sealed = (with_ = key) => createSealedSecretStore(inner, with_, systemRandom);

  it('are read back, and lie there in no plain form, never twice the same', () => {
    sealed().set('till-key', 'sk-ğ-1');
    const first = inner.get('till-key');
    expect(sealed().get('till-key')).toBe('sk-ğ-1');
    expect(sealed().get('other')).toBeNull();
    expect(first).not.toContain('sk-');
    sealed().set('till-key', 'sk-ğ-1');
    expect(inner.get('till-key')).not.toBe(first);
  });

  it('do not open with another key, under another name, or changed', () => {
    sealed().set('a', 'secret');
    const stored = inner.get('a') as string;
    expect(() => sealed(systemRandom.bytes(32)).get('a')).toThrow(SaksiError);
    inner.set('b', stored);
    expect(() => sealed().get('b')).toThrow(/store_failed/);
    for (const broken of [
      stored.slice(0, -2),
      'sealed.v1.',
      `${stored.slice(0, 20)}AAAA${stored.slice(24)}`,
    ]) {
      inner.set('a', broken);
      expect(() => sealed().get('a')).toThrow(/store_failed/);
    }
  });

  it('from before there was a key are read, and sealed when next set', () => {
    inner.set('a', 'plain');
    expect(sealed().get('a')).toBe('plain');
    sealed().set('a', 'plain');
    expect(inner.get('a')).toMatch(/^sealed\.v1\./);
  });
});

describe("under Electron's safeStorage", () => {
  let folder: string;
  let log: MemoryLog;
  beforeEach(async () => {
    Object.assign(safeStorage, { available: true, backend: 'gnome_libsecret' });
    folder = await mkdtemp(join(tmpdir(), 'saksi-secrets-'));
    log = new MemoryLog();
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = (platform: NodeJS.Platform = 'linux') =>
    openElectronSecrets({ folder, safeStorage, platform, random: systemRandom, log });

  it('they last from start to start, with nothing readable on the disk', async () => {
    (await open()).set('till-key', 'sk-1');
    expect((await open()).get('till-key')).toBe('sk-1');
    for (const name of await readdir(folder)) {
      expect(await readFile(join(folder, name), 'utf8')).not.toContain('sk-1');
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    expect(log.lines).toEqual([]);
  });

  it.each([
    { available: false, backend: 'gnome_libsecret' },
    { available: true, backend: 'basic_text' },
  ])('without a real key chain they are owner-only files, and the log says so: %j', async (chain) => {
    Object.assign(safeStorage, chain);
    (await open()).set('till-key', 'sk-1');
    expect(await readFile(join(folder, 'till-key.secret'), 'utf8')).toBe('sk-1');
    expect(log.levels()).toEqual(['warn']);
  });

  it('a key chain that went away is an error, not an unpaired till', async () => {
    (await open()).set('till-key', 'sk-1');
    safeStorage.available = false;
    await expect(open()).rejects.toThrow(/store_failed/);
  });
});
