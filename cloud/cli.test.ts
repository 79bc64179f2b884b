import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCache } from '../test/fixtures/compile-cache.ts';
import { call, eventually } from '../test/fixtures/gateway.ts';

const CLI = new URL('./cli.ts', import.meta.url).pathname;
const CHILD_MS = 60_000;

describe('the command line', { timeout: 2 * CHILD_MS }, () => {
  let folder: string;
  const running: ChildProcess[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'saksi-cli-'));
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (extra: Record<string, string> = {}) => ({
    ...{ PATH: process.env.PATH ?? '', SAKSI_DATA_DIR: folder, PORT: '0', SAKSI_LOG_LEVEL: 'info' },
    ...compileCache(),
    ...extra,
  });

  function run(args: string[], extra?: Record<string, string>) {
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { env: environment(extra), cwd: folder, timeout: CHILD_MS };
      execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
  }
  async function admin(...args: string[]) {
    const { code, stdout, stderr } = await run(['admin', ...args, '--json']);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async function serve(): Promise<{ child: ChildProcess; url: string; output: () => string }> {
    const child = spawn(process.execPath, [CLI], { env: environment(), cwd: folder });
    running.push(child);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
    });
    const line = await eventually(() => /"address":"(http:[^"]+)"/.exec(text)?.[1], 'the gateway');
    return { child, url: line, output: () => text };
  }

  let storeId = '';

  it('works on the embedded database by itself', async () => {
    ({ storeId } = await admin('store', 'add', '--name', 'Toko Satu'));
    expect(await admin('store', 'list')).toMatchObject([{ id: storeId, name: 'Toko Satu', currency: 'IDR' }]);
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(false);
    const text = await run(['admin', 'store', 'list']);
    expect(text.stdout).toContain('name: Toko Satu\n');
  });

  it('works through the gateway while that has the database open, and credits once for one key', async () => {
    const { child, url } = await serve();
    expect((await call(url, 'GET', '/readyz')).body).toEqual({ status: 'ready' });
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'gateway.lock')).mode & 0o777).toBe(0o600);
    }
    const { pairingCode } = await admin('till', 'add', '--store', storeId, '--name', 'Kasir 1');
    expect(pairingCode).toMatch(/^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);
    expect(await admin('till', 'list', '--store', storeId)).toMatchObject([{ state: 'waiting' }]);
    const { link } = await admin('web', 'link');
    expect(link).toMatch(/^\/setup\/#token=[\w-]{43}$/);
    expect(await admin('web', 'list')).toEqual([]);
    expect(await admin('web', 'revoke')).toEqual({ ended: 0 });
    await admin('staff', 'add', '--store', storeId, '--name', 'Dewi', '--role', 'manager', '--pin', '1234');
    const person = ['--phone', '0812-3456-7890', '--member', 'M-1'];
    const customer = await admin('customer', 'add', '--store', storeId, '--name', 'Ayu', ...person);
    expect(customer).toMatchObject({ name: 'Ayu', phoneMasked: '+62•••••••7890' });
    const credit = ['wallet', 'credit', '--store', storeId, '--member', 'M-1', '--asset', 'deposit'];
    for (const outcome of ['posted', 'repeated']) {
      expect(await admin(...credit, '--amount', '50000', '--key', 'receipt-1')).toMatchObject({ outcome });
    }
    const shown = await admin('wallet', 'show', '--store', storeId, '--phone', '081234567890');
    expect(shown.balances[0]).toMatchObject({ asset: 'deposit', available: 50_000 });

    const [{ id: tillId }] = await admin('till', 'list', '--store', storeId);
    for (const verb of ['revoke', 'renew']) {
      expect(await admin('offline', verb, '--till', tillId)).toEqual({ ended: 0 });
      const { enabled, tills } = await admin('offline', 'status', '--store', storeId);
      expect([enabled, tills]).toMatchObject([true, [{ tillId, serial: 0, stopped: verb === 'revoke' }]]);
    }

    for (const [args, message] of [
      [[...credit, '--amount', '50001', '--key', 'receipt-1'], 'idempotency_key_reused'],
      [[...credit, '--amount', '1e3', '--key', 'receipt-2'], 'bad_request (amount)'],
      [[...credit, '--amount', '0', '--key', 'receipt-2'], 'bad_request (amount)'],
      [['customer', 'add', '--store', storeId, '--name', 'B', ...person], 'customer_exists'],
      [['wallet', 'show', '--store', storeId, '--member', 'M-9'], 'customer_unknown'],
      [['till', 'revoke', '--till', storeId], 'not_found'],
      [['offline', 'renew'], 'bad_request'],
      [['offline', 'revoke', '--staff', storeId], 'staff_unknown'],
      [['store', 'list', '--nonsense'], 'unknown option'],
    ] as const) {
      const refused = await run(['admin', ...args]);
      expect([refused.code, refused.stdout]).toEqual([1, '']);
      expect(refused.stderr).toContain(message);
    }

    const second = await run([]);
    expect([second.code, second.stdout]).toEqual([75, '']);
    expect(second.stderr).toContain('in use by process');
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(false);
  });

  it('lets nobody without the token give commands, and no web page', async () => {
    const { child } = await serve();
    const { admin: address } = JSON.parse(readFileSync(join(folder, 'gateway.lock'), 'utf8'));
    const ask = (headers: Record<string, string>) =>
      call(address.url, 'POST', '/run', { headers, body: { command: 'store list', input: {} } });
    expect((await ask({})).body.error.code).toBe('unauthorised');
    expect((await ask({ authorization: `Bearer ${'x'.repeat(43)}` })).body.error.code).toBe('unauthorised');
    const authorization = `Bearer ${address.token}`;
    expect((await ask({ authorization, origin: 'http://evil.test' })).body.error.code).toBe(
      'origin_forbidden',
    );
    expect((await ask({ authorization })).body.result).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('takes over from a gateway that was killed, with everything that was committed', async () => {
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(true);
    const shown = await admin('wallet', 'show', '--store', storeId, '--member', 'M-1');
    expect(shown.balances[0]).toMatchObject({ available: 50_000, reserved: 0 });
    expect(await admin('ledger', 'check')).toMatchObject({ ok: true, sum: 0 });
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(false);
  });

  it('changes a policy only from the version in force', async () => {
    const { child } = await serve();
    const policy = await admin('policy', 'show', '--store', storeId);
    const file = join(folder, 'policy.json');
    writeFileSync(file, JSON.stringify({ ...policy, codes: { ...policy.codes, tries: 3 } }));
    const next = await admin('policy', 'set', '--store', storeId, '--file', file);
    expect(next).toMatchObject({ version: policy.version + 1, codes: { tries: 3 } });
    await expect(admin('policy', 'set', '--store', storeId, '--file', file)).rejects.toThrow(
      'policy_conflict',
    );
    writeFileSync(file, JSON.stringify({ ...next, codes: { ...next.codes, resendAfterSeconds: 5 } }));
    await expect(admin('policy', 'set', '--store', storeId, '--file', file)).rejects.toThrow('bad_request');
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('says in one line what is wrong with its configuration', async () => {
    const refused = await run([], { PORT: 'eighty' });
    expect([refused.code, refused.stdout]).toEqual([78, '']);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    expect(refused.stderr).toContain('PORT');
  });
});
