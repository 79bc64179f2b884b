/**
 * A process that waits, for `devices.idle_cpu`: a paired till with its printer, watched; or nothing but an open port. Tells
 * its parent the CPU time that it used in the window, in microseconds.
 */
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { createDevices, deviceConfigSchema } from '../../electron/devices/config.ts';
import { sleep, systemClock, systemEffects } from '../../shared/effects.ts';
import { EVENT_PING_MS } from '../../shared/gateway-api.ts';
import { openTill } from './bare-till.ts';

export interface IdleOrders {
  what: 'till' | 'port';
  folder: string;
  /** The serial line. */
  path: string;
  seconds: number;
}
/** What starting up leaves to be done (first backups, names, just-in-time compiling) is over by then. */
const SETTLE_MS = 5_000;

const orders = JSON.parse(process.argv[2] ?? '') as IdleOrders;

async function start(): Promise<void> {
  const { what, folder, path } = orders;
  if (what === 'port') {
    const port = new SerialPort({ path, baudRate: 115_200 });
    await new Promise((resolve) => port.once('open', resolve));
    return;
  }
  const printer = { transport: { kind: 'serial', path } };
  const devices = createDevices(deviceConfigSchema.parse({ printer }), systemEffects);
  const { gateway } = await openTill(join(folder, 'till'), devices);
  // As a gateway does while nothing happens: without it the till would look for its line.
  setInterval(() => gateway.ping(), EVENT_PING_MS);
}

await start();
await sleep(systemClock, SETTLE_MS);
const before = process.cpuUsage();
await sleep(systemClock, orders.seconds * 1000);
const { user, system } = process.cpuUsage(before);
process.send?.({ micros: user + system }, () => process.exit(0));
