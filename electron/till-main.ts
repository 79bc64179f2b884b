import { join } from 'node:path';
import { systemRandom } from '../shared/effects.ts';
import { readHostConfig, tillFolder } from './host/config.ts';
import { createLog } from './host/log-file.ts';
import { networkAddresses } from './host/network.ts';
import { openTill } from './host/open-till.ts';
import { createSealedSecretStore } from './host/sealed-secrets.ts';
import { serveTill } from './host/serve-till.ts';
import type { Channel, FromTill, ToTill } from './host/till-channel.ts';
import { createFileSecretStore } from './store/secrets.ts';

/**
 * The till's core as a process of its own, started by Electron's main process (or by a test under Node): it speaks
 * `till-channel.ts` with whoever started it and ends with them. `SAKSI_DATA_DIR` and `SAKSI_TILL_CONFIG` as for the program.
 */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const folder = process.env.SAKSI_DATA_DIR;
if (folder === undefined) throw new Error('SAKSI_DATA_DIR is not set');
const dataDir = tillFolder(folder);
const log = createLog(dataDir);

serveTill(
  parentChannel(),
  (vaultKey) => {
    const secrets = createFileSecretStore(join(dataDir, 'secrets'));
    return openTill({
      // The embedded gateway is the main process's to run.
      config: { ...readHostConfig(dataDir, process.env.SAKSI_TILL_CONFIG), gateway: { mode: 'remote' } },
      host: 'electron',
      log,
      secrets: vaultKey === null ? secrets : createSealedSecretStore(secrets, vaultKey, systemRandom),
      network: networkAddresses,
      configFile: process.env.SAKSI_TILL_CONFIG,
      startGateway: () => {
        throw new Error('no gateway is run from here');
      },
    });
  },
  (code) => process.exit(code),
  log,
);

function parentChannel(): Channel<ToTill, FromTill> {
  const { parentPort } = process as unknown as { parentPort?: ParentPort };
  if (parentPort !== undefined) {
    return {
      post: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data as ToTill)),
    };
  }
  // Whoever started us is gone, however they went: nothing is left running without a screen.
  process.on('disconnect', () => process.exit(1));
  return {
    post: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToTill)),
  };
}
