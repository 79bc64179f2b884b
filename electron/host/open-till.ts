import { createRequire } from 'node:module';
import { systemEffects } from '../../shared/effects.ts';
import { createDevices } from '../devices/config.ts';
import type { SecretStore } from '../store/secrets.ts';
import { createTill } from '../till/create-till.ts';
import type { TillLog } from '../till/ports.ts';
import type { HostConfig } from './config.ts';
import type { GatewayRun } from './gateway-process.ts';
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
}): Promise<TillProcess> {
  const { config, host, log, startGateway, secrets, network } = options;
  return startTillProcess({
    config,
    appVersion: APP_VERSION,
    log,
    startGateway,
    createTill: () =>
      createTill({
        dataDir: config.dataDir,
        effects: systemEffects,
        devices: createDevices(config.devices, systemEffects),
        logger: log,
        host,
        appVersion: APP_VERSION,
        walReserved: true,
        ...(secrets === undefined ? {} : { secrets }),
        ...(network === undefined ? {} : { network }),
      }),
  });
}
