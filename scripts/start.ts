/**
 * `npm start`: a whole demo shop on this machine. `-- --smoke` drives one redemption without a screen; `-- --json`
 * prints one line of JSON with every address, for programs; `-- --keep DIR` keeps the data there instead of a
 * temporary folder; `-- --database URL` uses PostgreSQL; `-- --pty` a serial printer;
 * `-- --browser` takes the browser host even where Electron is; `-- --no-till` starts no till; `-- --no-account` knows no
 * WhatsApp account yet; `-- --no-open` opens no browser.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type DemoShop, pairingCode, startDemoShop } from '../test/fixtures/demo-shop.ts';
import { findElectron } from '../test/fixtures/find-electron.ts';
import { SIM_DEFAULTS } from '../test/sim/graph/sim.ts';
import { buildIfStale } from './build-if-stale.ts';
import { runSmoke } from './smoke.ts';

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
    database: { type: 'string' },
    pty: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    'no-till': { type: 'boolean', default: false },
    'no-account': { type: 'boolean', default: false },
    'free-ports': { type: 'boolean', default: false },
    'no-open': { type: 'boolean', default: false },
  },
});

const note = (text: string) => process.stderr.write(`saksi: ${text}\n`);
const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), 'saksi-demo-')) : resolve(values.keep);
const started = performance.now();
let shop: DemoShop | null = null;
let stopping: Promise<void> | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave(0));

try {
  const electron = !values.smoke && !values.browser && !values['no-till'] && findElectron() !== null;
  await buildIfStale(electron ? 'all' : 'screen', note);
  shop = await startDemoShop({
    folder,
    ...(values.database === undefined ? {} : { databaseUrl: values.database }),
    device: values.pty ? 'pty' : 'tcp',
    host: values['no-till'] ? 'none' : electron ? 'auto' : 'browser',
    account: !values['no-account'],
    freePorts: values['free-ports'] || values.smoke,
    note,
  });
  if (values.smoke) await leave((await runSmoke(shop, performance.now() - started)) ? 0 : 1);
  else if (values.json) process.stdout.write(`${JSON.stringify(await addresses(shop))}\n`);
  else await present(shop);
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  await leave(1);
}

/** Stops everything once, whoever asks, and takes the temporary folder away. */
function leave(code: number): Promise<void> {
  stopping ??= (async () => {
    try {
      await shop?.stop();
      if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      note(`did not stop cleanly: ${String(error)}`);
      process.exit(1);
    }
    process.exit(code);
  })();
  return stopping;
}

/** Where there is no till on the screen yet to be paired by itself, a pairing code belongs to what is told. */
async function addresses(running: DemoShop) {
  const { host, tillUrl, gatewayUrl, phonesUrl, printerUrl, posLink, tillOptions, demo } = running;
  const code = host === 'browser' ? null : await pairingCode(running);
  return {
    event: 'ready',
    host,
    tillUrl,
    gatewayUrl,
    phonesUrl,
    printerUrl,
    posLink,
    pairingCode: code,
    tillOptions,
    demo,
  };
}

async function present(running: DemoShop): Promise<void> {
  const {
    demo,
    tillUrl,
    phonesUrl,
    printerUrl,
    gatewayUrl,
    posLink,
    pairingCode: code,
  } = await addresses(running);
  const { link } = await running.gateway.services.admin.run('web link', {});
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const people = demo.staff.map(
    ({ name, role, pin, phone }) =>
      `  ${name.padEnd(16)} ${role.padEnd(11)} PIN ${pin}${phone === null ? '' : `   ${phone}`}`,
  );
  const customers = demo.customers.map(
    ({ name, phone, memberNo, deposit, points }) =>
      `  ${name.padEnd(16)} ${phone.padEnd(15)} ${memberNo}  Rp ${deposit.toLocaleString('id')}, ${points.toLocaleString('id')} poin`,
  );
  process.stdout.write(`
${demo.storeName} is open (${seconds} s).

  the till              ${tillUrl ?? 'in its Electron window'}
  the phones            ${phonesUrl}/
  printer and drawer    ${printerUrl}/
  gateway               ${gatewayUrl}/openapi.json
  set-up of WhatsApp    ${link}${values['no-account'] ? `\n${accountText()}` : ''}
  POS link              ${posLink?.url ?? 'none'}/openapi.json   token ${posLink?.token ?? 'none'}
${code === null ? '' : `\nPair the till with the server ${gatewayUrl} and the code ${code}\n`}
Sign in as
${people.join('\n')}

Customers
${customers.join('\n')}

Ctrl-C closes the shop${values.keep === undefined ? ' and leaves nothing behind' : ''}.
`);
  if (tillUrl !== null && !values['no-open']) openInBrowser(tillUrl);
}

/** What a person would find on Meta's pages. */
function accountText(): string {
  const { wabaId, phoneNumberId, accessToken, appId, appSecret } = SIM_DEFAULTS;
  const ids = `account ${wabaId}, number ${phoneNumberId}, app ${appId}`;
  return `    what to type there  ${ids}, token ${accessToken}, secret ${appSecret}`;
}

/** Where there is a desktop to open it on; a failure is no matter, the address is on the screen. */
function openInBrowser(url: string): void {
  const headless = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  if (headless || process.env.CI) return;
  const [command, args] =
    process.platform === 'darwin'
      ? (['open', [url]] as const)
      : process.platform === 'win32'
        ? (['rundll32', ['url.dll,FileProtocolHandler', url]] as const)
        : (['xdg-open', [url]] as const);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => note(`open ${url} in a browser`));
  child.unref();
}
