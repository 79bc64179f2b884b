import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { build } from 'vite';
import type { ApprovalView, RedemptionView } from '../../shared/bridge.ts';
import { DEFAULT_BAUD_RATE, type TransportConfig } from '../../shared/device-config.ts';
import { systemEffects } from '../../shared/effects.ts';
import type { PosCashSale } from '../../shared/pos-link-api.ts';
import { nodeBundle } from '../../vite.config.ts';
import type { Shop } from '../fixtures/shop.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { slipText } from '../sim/mpop/paper.ts';
import { connectPty, hasSocat } from '../sim/mpop/pty.ts';
import { listenTcp } from '../sim/mpop/server.ts';
import type { Orders } from './till-child.ts';

export const AMOUNT = 1_000;
export const CHILD_MS = 120_000;

export interface Ended {
  signal: NodeJS.Signals | null;
  code: number | null;
  redemption: RedemptionView | null;
  approval: ApprovalView | null;
  cashSale: PosCashSale | null;
  errors: string;
}

/** Inside `node_modules`, where it finds what is not bundled. */
const CHILD = resolve(import.meta.dirname, '../../node_modules/.saksi-test/till-child.js');
let built: Promise<unknown> | null = null;

/** In one file, as a packaged till is: some hundred processes would each read and strip three hundred modules. */
function buildChild(): Promise<unknown> {
  built ??= build({
    ...{ configFile: false, logLevel: 'warn' },
    ...nodeBundle('test/crash/till-child.ts', 'node_modules/.saksi-test/till-child.js', 'es'),
  });
  return built;
}

/** A till in a process of its own, until it ends or is killed; `begun` may kill it too. */
export async function runTill(
  orders: Orders,
  begun: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  await buildChild();
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    told += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const overdue = setTimeout(() => child.kill('SIGKILL'), CHILD_MS);
  begun(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(overdue);
      const line = told.trim();
      const view = line === '' ? null : JSON.parse(line);
      const { what } = orders;
      resolve({
        ...{ code, signal, errors },
        redemption: what === 'redemption' ? view : null,
        approval: what === 'approval' ? view : null,
        cashSale: what === 'cash_sale' ? view : null,
      });
    });
  });
}

/** A serial line that stays when a till dies; without pseudo terminals a connection, which does not. */
async function connect(mpop: VirtualMpop): Promise<{ printer: TransportConfig; close(): Promise<void> }> {
  if (hasSocat()) {
    const { path, close } = await connectPty(mpop);
    return { printer: { kind: 'serial', path, baudRate: DEFAULT_BAUD_RATE }, close };
  }
  const { port, close } = await listenTcp(mpop, 0);
  return { printer: { kind: 'tcp', host: '127.0.0.1', port }, close };
}

/** A till with a customer of its own and a printer. */
export async function openCounter(shop: Shop, { printMmPerSecond = null as number | null } = {}) {
  const [cashier] = shop.demo.staff;
  if (cashier === undefined) throw new Error('no people');
  const customer = await shop.addCustomer(10 * AMOUNT);
  const mpop = new VirtualMpop({ clock: systemEffects.clock, printMmPerSecond, bytesPerSecond: null });
  const { printer, close } = await connect(mpop);
  const dataDir = tempFolder();
  const orders: Orders = {
    dataDir,
    printer,
    gatewayUrl: shop.gatewayUrl,
    pairingCode: await shop.pairingCode(),
    codeUrl: shop.codeUrl(customer.phone),
    staffId: cashier.id,
    pin: cashier.pin,
    customerId: customer.id,
    amount: AMOUNT,
    dieAt: null,
    dieAfterMs: null,
    begin: true,
    what: 'redemption',
    cancel: false,
    copy: false,
  };
  return { mpop, orders, customer, wallet: () => shop.wallet(customer.id, 'deposit'), close };
}
export type Counter = Awaited<ReturnType<typeof openCounter>>;

/** Whole slips on the paper, originals and copies apart. */
export function papers({ mpop }: Counter): { originals: number; copies: number } {
  const copies = mpop.slips.filter(({ elements }) => slipText(elements).join('').includes('SALINAN')).length;
  return { originals: mpop.slips.length - copies, copies };
}
