import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { _electron, test as base, type Page } from '@playwright/test';
import pg from 'pg';
import { findElectron } from '../fixtures/find-electron.ts';
import { type Cluster, startCluster } from '../fixtures/postgres-cluster.ts';
import { type HostProcess, startBrowserHost } from '../fixtures/till-host.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';

/**
 * One shop for a test file: the gateway on a real PostgreSQL, simulated WhatsApp, the virtual mPOP on a pseudo-terminal, all
 * in a process of their own, and a till that is not paired yet. The till's screen is Electron's window where Electron's
 * binary is on the machine, Chromium on the browser host otherwise; which, is printed.
 */
export interface Demo {
  storeId: string;
  storeName: string;
  staff: { id: string; name: string; role: string; pin: string; phone?: string }[];
  customers: { id: string; name: string; phone: string; memberNo: string; deposit: number; points: number }[];
}

export interface E2eShop {
  gatewayUrl: string;
  phonesUrl: string;
  printerUrl: string;
  pairingCode: string;
  demo: Demo;
  /** Straight at the gateway's PostgreSQL. */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Of a customer's account, as the ledger in PostgreSQL has it. */
  balance(customerId: string, asset: 'deposit' | 'points'): Promise<{ available: number; reserved: number }>;
  /** The newest code on the customer's phone; `after` waits for one that differs. */
  codeOf(phone: string, after?: string): Promise<string>;
  printer(): Promise<PrinterState>;
  printerDo(action: string): Promise<void>;
  phones(path: string, method: string, body: object): Promise<void>;
  posLink(): { url: string; token: string };
  /** An operator's command (`npm run cloud -- admin …`) on the shop's own database. */
  admin(...args: string[]): Promise<unknown>;
  /** Makes this the store's policy; its version is the gateway's to give. */
  setPolicy(policy: object): Promise<void>;
  messagesTo(phone: string): Promise<PhoneMessage[]>;
  /** A signed webhook of Meta's to the gateway, made by hand. @returns the status of the answer */
  webhook(value: object): Promise<number>;
  close(): Promise<void>;
}

export interface PrinterState {
  drawerOpen: boolean;
  drawerPulses: number;
  slipCount: number;
  errors: unknown[];
  slips: { number: number; text: string[] }[];
}

/** A message as the simulator shows it. */
export interface PhoneMessage {
  wamid: string;
  direction: 'to_phone' | 'from_phone';
  rendered: { body: string; buttons: { kind: string; label: string; payload?: string; id?: string }[] };
}

export interface E2eTill {
  page: Page;
  /** Kills the till's process as a power cut would, and starts it again; the page follows. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const READY_TIMEOUT_MS = 120_000;
const CODE_WAIT_MS = 10_000;

interface Ready extends Pick<E2eShop, 'gatewayUrl' | 'phonesUrl' | 'printerUrl' | 'pairingCode' | 'demo'> {
  tillOptions: { dataDir: string; configFile: string };
}

/**
 * `shop` and `till` live as long as the file's tests do: they go on where the one before ended. A file names its shop
 * (`test.use({ shopName })`): another name makes Playwright take another worker, and so a shop of its own.
 */
export const test = base.extend<
  object,
  { shopName: string; account: boolean; cluster: Cluster; shop: E2eShop & { ready: Ready }; till: E2eTill }
>({
  shopName: ['shop', { scope: 'worker', option: true }],
  /** Whether WhatsApp is set up already. */
  account: [true, { scope: 'worker', option: true }],
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern.
    async ({}, use) => {
      const cluster = await startCluster({ durable: false });
      await use(cluster);
      await cluster.stop();
    },
    { scope: 'worker', timeout: READY_TIMEOUT_MS },
  ],
  shop: [
    async ({ cluster, shopName, account }, use) => {
      console.log(`a shop for ${shopName}`);
      const shop = await openShop(await cluster.createDatabase(), account);
      await use(shop);
      await shop.close();
    },
    { scope: 'worker', timeout: READY_TIMEOUT_MS },
  ],
  till: [
    async ({ shop, playwright }, use, info) => {
      const electron = findElectron();
      console.log(
        `till host: ${electron === null ? 'Chromium on the browser host' : `Electron (${electron})`}`,
      );
      const { tillOptions } = shop.ready;
      if (electron !== null) {
        const app = await _electron.launch({
          executablePath: electron,
          args: [ROOT, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
          env: {
            ...process.env,
            SAKSI_DATA_DIR: tillOptions.dataDir,
            SAKSI_TILL_CONFIG: tillOptions.configFile,
          },
        });
        await use({
          page: await app.firstWindow(),
          restart: () => Promise.reject(new Error('not under Electron')),
        });
        await app.close();
        return;
      }
      const browser = await playwright.chromium.launch(info.project.use.launchOptions);
      const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
      const page = await context.newPage();
      let host: HostProcess = await startBrowserHost(tillOptions);
      await page.goto(host.url ?? '');
      await use({
        page,
        async restart(signal) {
          await host.stop(signal);
          host = await startBrowserHost(tillOptions);
          await page.goto('about:blank');
          await page.goto(host.url ?? '');
        },
      });
      await browser.close();
      await host.stop('SIGTERM');
    },
    { scope: 'worker', timeout: READY_TIMEOUT_MS },
  ],
});

async function openShop(databaseUrl: string, account: boolean): Promise<E2eShop & { ready: Ready }> {
  const folder = mkdtempSync(join(tmpdir(), 'saksi-e2e-'));
  const args = ['--json', '--no-till', '--pty', '--free-ports', '--keep', folder, '--database', databaseUrl];
  if (!account) args.push('--no-account');
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await readyOf(child);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<T>(text, values)).rows;
  const admin = async (...args: string[]): Promise<unknown> => {
    const masterKey = readFileSync(join(folder, 'demo-master.key'), 'utf8');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'cloud', 'cli.ts'), 'admin', ...args, '--json'],
      {
        env: {
          ...process.env,
          DATABASE_URL: databaseUrl,
          SAKSI_DATA_DIR: folder,
          SAKSI_MASTER_KEY: masterKey,
        },
      },
    );
    return JSON.parse(stdout) as unknown;
  };
  return {
    ...ready,
    ready,
    query,
    async balance(customerId, asset) {
      const rows = await query<{ kind: string; balance: string }>(
        'select kind, balance from accounts where customer_id = $1 and asset = $2',
        [customerId, asset],
      );
      const of = (kind: string) => Number(rows.find((row) => row.kind === kind)?.balance ?? 0);
      return { available: of('customer_available'), reserved: of('customer_reserved') };
    },
    async codeOf(phone, after) {
      const url = `${ready.phonesUrl}/_sim/phones/${phone.slice(1)}/latest-code`;
      const end = Date.now() + CODE_WAIT_MS;
      while (Date.now() < end) {
        const answer = await fetch(`${url}?wait_ms=1000`);
        const code = answer.ok ? ((await answer.json()) as { code?: string }).code : undefined;
        if (code !== undefined && code !== after) return code;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('no code on the phone');
    },
    printer: async () => (await (await fetch(`${ready.printerUrl}/state`)).json()) as PrinterState,
    async printerDo(action) {
      const answer = await fetch(`${ready.printerUrl}/do/${action}`, { method: 'POST' });
      if (!answer.ok) throw new Error(`printer: ${action}: ${answer.status}`);
    },
    async phones(path, method, body) {
      const answer = await fetch(`${ready.phonesUrl}/_sim/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`phones: ${path}: ${answer.status} ${await answer.text()}`);
    },
    posLink() {
      const config = JSON.parse(readFileSync(ready.tillOptions.configFile, 'utf8')) as {
        posLink: { port: number };
      };
      const token = readFileSync(join(folder, 'till', 'pos-link.token'), 'utf8').trim();
      return { url: `http://127.0.0.1:${config.posLink.port}`, token };
    },
    admin,
    async setPolicy(policy) {
      const file = join(folder, 'policy.json');
      const [store] = await query<{ version: number }>(
        'select policy_version as version from stores where id = $1',
        [ready.demo.storeId],
      );
      writeFileSync(file, JSON.stringify({ ...policy, version: Number(store?.version) }));
      await admin('policy', 'set', '--store', ready.demo.storeId, '--file', file);
    },
    async messagesTo(phone) {
      const answer = await fetch(`${ready.phonesUrl}/_sim/messages?to=${phone.slice(1)}`);
      const views = (await answer.json()) as (Omit<PhoneMessage, 'rendered'> & PhoneMessage['rendered'])[];
      return views.map(({ wamid, direction, body, buttons }) => ({
        wamid,
        direction,
        rendered: { body, buttons },
      }));
    },
    async webhook(value) {
      const body = JSON.stringify({
        object: 'whatsapp_business_account',
        entry: [{ id: SIM_DEFAULTS.wabaId, changes: [{ field: 'messages', value }] }],
      });
      const signature = createHmac('sha256', SIM_DEFAULTS.appSecret).update(body).digest('hex');
      const answer = await fetch(`${ready.gatewayUrl}/webhooks/whatsapp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
        body,
      });
      return answer.status;
    },
    async close() {
      await pool.end();
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readyOf(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the shop ended at once, with ${code}`)));
    if (child.stdout === null) throw new Error('no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line) as Ready);
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
