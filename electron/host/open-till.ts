import { createRequire } from 'node:module';
import { join } from 'node:path';
import { systemEffects } from '../../shared/effects.ts';
import { createDevices } from '../devices/config.ts';
import { discover } from '../devices/discovery.ts';
import { watchDevices } from '../devices/hot-plug.ts';
import { createLiveDevices } from '../devices/live-devices.ts';
import { systemDiscovery } from '../devices/system-discovery.ts';
import type { SecretStore } from '../store/secrets.ts';
import { createTill } from '../till/create-till.ts';
import type { TillLog } from '../till/ports.ts';
import { CONFIG_FILE, type HostConfig } from './config.ts';
import type { GatewayRun } from './gateway-process.ts';
import { keepDevices } from './keep-devices.ts';
import { startTillProcess, type TillProcess } from './till-process.ts';

/** The version in package.json, which lies two folders up from here both in the sources and in the bundle's place. */
export const APP_VERSION = (createRequire(import.meta.url)('../../package.json') as { version: string })
  .version;

/** The real till of this machine: real devices, system clock, running once this resolves. */
export function openTill(options: {
  config: HostConfig;
  host: 'electron' | 'browser';
  log: TillLog;
  startGateway: (port: number) => GatewayRun;
  /** Left out: owner-only files in the data folder. */
  secrets?: SecretStore;
  /** Tells one set of the machine's network addresses from another. */
  network?: () => string;
  /** Where the configuration was read from, and where the choice of devices is kept. */
  configFile?: string | undefined;
}): Promise<TillProcess> {
  const { config, host, log, startGateway, secrets, network, configFile } = options;
  const devices = createLiveDevices(
    config.devices,
    (chosen) => createDevices(chosen, systemEffects),
    (changed) => watchDevices(systemDiscovery, systemEffects.clock, changed),
  );
  const file = configFile ?? join(config.dataDir, CONFIG_FILE);
  return startTillProcess({
    config,
    appVersion: APP_VERSION,
    log,
    startGateway,
    createTill: () =>
      createTill({
        dataDir: config.dataDir,
        effects: systemEffects,
        devices,
        deviceSetup: {
          config: () => devices.config,
          find: () => discover(systemDiscovery),
          async use(chosen) {
            await keepDevices(file, chosen);
            await devices.reopen(chosen);
          },
          printTestPage: (page) => devices.printTestPage(page),
          testDrawer: () => devices.testDrawer(),
        },
        logger: log,
        host,
        appVersion: APP_VERSION,
        walReserved: true,
        ...(secrets === undefined ? {} : { secrets }),
        ...(network === undefined ? {} : { network }),
      }),
  });
}
