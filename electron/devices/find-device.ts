import type { FoundDevice } from '../../shared/device-config.ts';
import { type DiscoverySystem, serialDevices, usbPrinters } from './discovery.ts';

/** Where the device of this identity is now, or null. `lastPath`: where it was when it was chosen. */
export type DeviceFinder = (
  kind: 'serial' | 'usb',
  identity: string,
  lastPath: string,
) => Promise<string | null>;

/**
 * Looks devices up by identity. A till whose printer is away asks every few seconds, and listing serial ports costs a
 * program's start on Linux: there the list is made anew only when the names in /dev changed.
 */
export function createDeviceFinder(system: DiscoverySystem): DeviceFinder {
  let names = '';
  let known: Promise<FoundDevice[]> | null = null;

  async function serial(): Promise<FoundDevice[]> {
    if (system.platform !== 'linux') return serialDevices(system);
    const now = (await system.names(system.dev)).filter((name) => /^(tty|rfcomm)/.test(name)).join(' ');
    if (known !== null && now === names) return known;
    names = now;
    known = serialDevices(system);
    known.catch(() => {
      known = null; // it may go well the next time
    });
    return known;
  }

  return async (kind, identity, lastPath) => {
    const here = (kind === 'serial' ? await serial() : await usbPrinters(system)).filter(
      (device) => device.identity === identity,
    );
    if (here.some(({ address }) => address === lastPath)) return lastPath;
    // Two of a kind without serial numbers, and none where ours was: either would be a guess.
    return here.length === 1 ? (here[0]?.address ?? null) : null;
  };
}
