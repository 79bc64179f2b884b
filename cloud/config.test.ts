import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, masterKeyFromFile, readConfig } from './config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saksi-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('configuration', () => {
  it('has defaults that fit a shop’s own PC', () => {
    expect(readConfig({ SAKSI_DATA_DIR: folder, SAKSI_MASTER_KEY: KEY, DATABASE_URL: '' })).toEqual({
      database: { kind: 'folder', folder: join(folder, 'gateway') },
      dataDir: folder,
      host: '127.0.0.1',
      port: 8787,
      trustProxy: false,
      logLevel: 'info',
      masterKey: new Uint8Array(32).fill(7),
      graphUrl: 'https://graph.facebook.com',
      graphVersion: 'v25.0',
      whatsapp: {},
    });
  });

  it('takes everything from the environment', () => {
    const config = readConfig({
      SAKSI_MASTER_KEY: KEY,
      DATABASE_URL: 'postgres://saksi:x@db/saksi',
      HOST: '0.0.0.0',
      PORT: '0',
      SAKSI_TRUST_PROXY: 'true',
      SAKSI_LOG_LEVEL: 'warn',
      SAKSI_PUBLIC_URL: 'https://saksi.example.id/',
      WHATSAPP_GRAPH_URL: 'http://127.0.0.1:8791',
      WHATSAPP_GRAPH_VERSION: 'v26.0',
      WHATSAPP_PHONE_NUMBER_ID: '1',
      WHATSAPP_BUSINESS_ACCOUNT_ID: '2',
      WHATSAPP_ACCESS_TOKEN: 'a',
      WHATSAPP_APP_SECRET: 'b',
      WHATSAPP_VERIFY_TOKEN: 'c',
    });
    expect(config).toMatchObject({
      database: { kind: 'postgres', url: 'postgres://saksi:x@db/saksi' },
      host: '0.0.0.0',
      port: 0,
      trustProxy: true,
      logLevel: 'warn',
      publicUrl: 'https://saksi.example.id',
      graphUrl: 'http://127.0.0.1:8791',
      graphVersion: 'v26.0',
      whatsapp: { phoneNumberId: '1', wabaId: '2', accessToken: 'a', appSecret: 'b', verifyToken: 'c' },
    });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['DATABASE_URL', 'mysql://db/saksi'],
    ['SAKSI_MASTER_KEY', 'c2hvcnQ='],
    ['SAKSI_LOG_LEVEL', 'loud'],
    ['SAKSI_PUBLIC_URL', 'saksi.example.id'],
    ['WHATSAPP_GRAPH_URL', 'ftp://graph'],
    ['WHATSAPP_GRAPH_VERSION', '25'],
  ])('refuses %s=%s, naming the variable and never the value', (name, value) => {
    const read = () => readConfig({ SAKSI_MASTER_KEY: KEY, SAKSI_DATA_DIR: folder, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
    if (name === 'SAKSI_MASTER_KEY') expect(read).not.toThrow(value);
  });

  it('makes a master key once, for the owner’s eyes only', () => {
    const first = masterKeyFromFile(join(folder, 'new'));
    expect(first).toHaveLength(32);
    expect(masterKeyFromFile(join(folder, 'new'))).toEqual(first);
    expect(readConfig({ SAKSI_DATA_DIR: join(folder, 'new') }).masterKey).toEqual(first);
    expect(masterKeyFromFile(join(folder, 'other'))).not.toEqual(first);
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'new', 'master.key')).mode & 0o777).toBe(0o600);
    }
  });

  it('never replaces a key file that it cannot read', () => {
    writeFileSync(join(folder, 'master.key'), 'half a k');
    expect(() => masterKeyFromFile(folder)).toThrow(ConfigError);
    expect(readFileSync(join(folder, 'master.key'), 'utf8')).toBe('half a k');
  });
});
