import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/effects.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { connectPty } from '../sim/mpop/pty.ts';
import { type Bench, result } from './bench.ts';
import type { IdleOrders } from './idle-till.ts';

/** `SAKSI_IDLE_SECONDS` sets how long both are watched. */
const SECONDS = Number(process.env.SAKSI_IDLE_SECONDS ?? 600);

/** The share of a core that a process of its own used, in percent. */
function shareOf(orders: IdleOrders): Promise<number> {
  const child = fork(fileURLToPath(new URL('./idle-till.ts', import.meta.url)), [JSON.stringify(orders)]);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the idle process ended: ${code}`)));
    child.once('message', ({ micros }: { micros: number }) => resolve(micros / orders.seconds / 10_000));
  });
}

/** Both at once, so that both meet the same machine. */
async function measure(): Promise<{ till: number; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'saksi-idle-'));
  const mpops = [0, 1].map(() => new VirtualMpop({ clock: systemClock }));
  const cables = await Promise.all(mpops.map((mpop) => connectPty(mpop)));
  try {
    const [tillPath = '', portPath = ''] = cables.map(({ path }) => path);
    const [till, port] = await Promise.all([
      shareOf({ what: 'till', folder, path: tillPath, seconds: SECONDS }),
      shareOf({ what: 'port', folder, path: portPath, seconds: SECONDS }),
    ]);
    return { till, port };
  } finally {
    await Promise.all(cables.map((cable) => cable.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

export const idleCpuBench: Bench = {
  names: ['devices.idle_cpu'],
  about: `share of a core of an idle till that watches its printer on a PTY, over ${SECONDS} s, beside a process that only holds a port open`,
  mark: 'value ≤ 0.5 %',
  async run() {
    const { till, port } = await measure();
    return { 'devices.idle_cpu': result(till, '% of a core', port, SECONDS) };
  },
};
