import type { DeviceConfig } from '../../shared/device-config.ts';
import type { Cancel } from '../../shared/effects.ts';
import type { DeviceState, Devices } from './devices.ts';
import type { UsePermit } from './use-permit.ts';

/**
 * The devices of a till whose choice may change while it runs: those of the configuration in use now. Whoever listens
 * goes on listening when others take their place.
 */
export function createLiveDevices(
  initial: DeviceConfig,
  make: (config: DeviceConfig) => Devices,
  /** Tells when a device came or went at this machine; the answer ends it. */
  watch: (changed: () => void) => Cancel,
) {
  let unwatch: Cancel = () => undefined;
  const listeners = new Set<(state: DeviceState) => void>();
  let config = initial;
  let current = make(initial);
  let forget = current.onChange(tell);
  let started = false;
  let turn: Promise<void> = Promise.resolve();

  function tell(state: DeviceState): void {
    for (const listener of listeners) listener(state);
  }

  async function change(next: DeviceConfig): Promise<void> {
    const made = make(next);
    // The ones before let go of their ports first: the new ones may be the same.
    forget();
    await current.stop();
    current = made;
    config = next;
    forget = made.onChange(tell);
    if (started) made.start();
    tell(made.state);
  }

  return {
    get config(): DeviceConfig {
      return config;
    },
    get state(): DeviceState {
      return current.state;
    },
    start(): void {
      started = true;
      unwatch = watch(() => current.nudge());
      current.start();
    },
    async stop(): Promise<void> {
      started = false;
      unwatch();
      await turn;
      await current.stop();
    },
    onChange(listener: (state: DeviceState) => void): Cancel {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openDrawer: (permit: UsePermit) => current.openDrawer(permit),
    printSlip: (...slip: Parameters<Devices['printSlip']>) => current.printSlip(...slip),
    printTestPage: (page: Parameters<Devices['printTestPage']>[0]) => current.printTestPage(page),
    testDrawer: () => current.testDrawer(),
    /** One change after another; resolves when the new devices are being opened. */
    reopen(next: DeviceConfig): Promise<void> {
      const changed = turn.then(() => change(next));
      turn = changed.catch(() => undefined); // its own caller is told
      return changed;
    },
  };
}
