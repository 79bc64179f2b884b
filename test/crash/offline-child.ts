/**
 * A till in a process of its own that sends what its outbox holds, and can be killed at any moment. Its orders are one JSON
 * argument; it prints one JSON line when nothing waits any more, with its largest memory, and exits.
 */

import { createTill } from '../../electron/till/create-till.ts';
import type { TillDevices } from '../../electron/till/ports.ts';
import { systemEffects } from '../../shared/effects.ts';

export interface DrainOrders {
  dataDir: string;
  /** Given: pairs first, and ends when that is done. */
  pairing: { gatewayUrl: string; pairingCode: string } | null;
}

export interface Drained {
  /** MiB, resident: with what the collector has not looked at yet, of which it leaves the more the more the machine has. */
  rssFirst: number;
  rssMost: number;
  /** MiB that are held: heap and buffers right after a collection. */
  heldFirst: number;
  heldMost: number;
}

const LOOK_EVERY_MS = 20;
const COLLECT_EVERY_MS = 1_000;
const orders = JSON.parse(process.argv[2] ?? '') as DrainOrders;
const silent = () => {};
const noDevices: TillDevices = {
  start: silent,
  stop: async () => {},
  onChange: () => silent,
  state: {
    printer: { link: 'not_configured', label: '', paper: 'unknown', coverOpen: false, obstacle: null },
    drawer: { link: 'not_configured', label: '', position: 'unknown' },
  },
  openDrawer: () => Promise.reject(new Error('no drawer here')),
  printSlip: () => Promise.reject(new Error('no printer here')),
};

const till = createTill({
  dataDir: orders.dataDir,
  effects: systemEffects,
  devices: noDevices,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  host: 'browser',
  appVersion: '0.0.0-drain',
});
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const memory = () => mebibytes(process.memoryUsage.rss());
function held(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return mebibytes(heapUsed + external);
}
await till.start();
if (orders.pairing !== null) await till.invoke('pairing.pair', orders.pairing);
const rssFirst = memory();
let rssMost = rssFirst;
const heldFirst = held();
let heldMost = heldFirst;
let collectedAt = performance.now();
while (orders.pairing === null && till.view().status.outbox.pending > 0) {
  rssMost = Math.max(rssMost, memory());
  if (performance.now() - collectedAt > COLLECT_EVERY_MS) {
    heldMost = Math.max(heldMost, held());
    collectedAt = performance.now();
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
console.log(JSON.stringify({ rssFirst, rssMost, heldFirst, heldMost } satisfies Drained));
await till.stop();
