import { type FSWatcher, watch } from 'node:fs';
import type { Cancel, Clock } from '../../shared/effects.ts';
import type { DiscoverySystem } from './discovery.ts';

/** A device that is plugged in makes several files one after another: one notice once they are there. */
const SETTLE_MS = 300;
/** Where folders cannot be watched, ports are listed this often. */
export const POLL_MS = 10_000;

/**
 * Calls `changed` when a port or printer came or went. On Linux it sleeps until the kernel says so; elsewhere ports are
 * listed now and then. Costs nothing to speak of while nothing happens.
 */
export function watchDevices(system: DiscoverySystem, clock: Clock, changed: () => void): Cancel {
  let before: string | null = null;
  let stopped = false;
  let cancelTimer: Cancel = () => undefined;
  const watchers = new Map<string, FSWatcher>();

  async function compare(): Promise<void> {
    const now = await (system.platform === 'linux' ? filesNow(system) : portsNow(system));
    if (stopped) return;
    const same = before === null || before === now;
    before = now;
    if (!same) changed();
  }

  function soon(): void {
    cancelTimer();
    cancelTimer = clock.schedule(SETTLE_MS, () => {
      drop(`${system.dev}/usb`); // it comes with the first printer and goes with the last: another folder each time
      watchFolders();
      void compare();
    });
  }

  function watchFolders(): void {
    for (const folder of [system.dev, `${system.dev}/usb`]) {
      if (watchers.has(folder)) continue;
      try {
        // Each write to /dev/null is a `change` there: only names that come and go count.
        const watcher = watch(folder, { persistent: false }, (event) => {
          if (event === 'rename') soon();
        });
        watcher.on('error', () => drop(folder));
        watchers.set(folder, watcher);
      } catch {
        // There is no such folder now; /dev tells when it comes.
      }
    }
  }

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function poll(): void {
    cancelTimer = clock.schedule(POLL_MS, () => {
      void compare().then(() => {
        if (!stopped) poll();
      });
    });
  }

  void compare();
  if (system.platform === 'linux') watchFolders();
  else poll();
  return () => {
    stopped = true;
    cancelTimer();
    for (const folder of [...watchers.keys()]) drop(folder);
  };
}

async function filesNow({ dev, names }: DiscoverySystem): Promise<string> {
  const [ports, printers] = await Promise.all([names(dev), names(`${dev}/usb`)]);
  const isPort = (name: string) => /^(tty(ACM|USB)\d+|rfcomm\d+)$/.test(name);
  return [...ports.filter(isPort), ...printers].sort().join(' ');
}

async function portsNow({ listSerial }: DiscoverySystem): Promise<string> {
  const ports = await listSerial().catch(() => []);
  return ports
    .map(({ path }) => path)
    .sort()
    .join(' ');
}
