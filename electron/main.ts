import { join } from 'node:path';
import { app, dialog } from 'electron';
import { systemEffects } from '../shared/effects.ts';
import { type HostConfig, readHostConfig, tillFolder } from './host/config.ts';
import { runElectronApp } from './host/electron-app.ts';
import { startGatewayUnderElectron } from './host/electron-gateway.ts';
import { startTillUnderElectron } from './host/electron-till.ts';
import { keepGatewayRunning } from './host/gateway-process.ts';
import { createLog } from './host/log-file.ts';
import { type RemoteTill, startRemoteTill } from './host/remote-till.ts';

/**
 * Electron's entry. `SAKSI_DATA_DIR` names the folder for everything (else the system's place for the app's data),
 * `SAKSI_TILL_CONFIG` a configuration file in place of `till.json` in it. Until the app is ready nothing may wait: the
 * scheme and the sandbox are settled before.
 */
const folder = process.env.SAKSI_DATA_DIR ?? app.getPath('userData');
// The lock against a second instance, too, is per data folder.
app.setPath('userData', join(folder, 'screen'));
const dataDir = tillFolder(folder);
const bundle = join(app.getAppPath(), 'dist');
const log = createLog(dataDir);

try {
  const config = readHostConfig(dataDir, process.env.SAKSI_TILL_CONFIG);
  await runElectronApp({
    dataDir,
    rendererDir: join(bundle, 'renderer'),
    preload: join(bundle, 'electron', 'preload.cjs'),
    devTools: !app.isPackaged && process.env.SAKSI_DEVTOOLS === '1',
    log,
    startTill: ({ vaultKey }) => startParts(config, vaultKey),
  });
} catch (error) {
  log.fatal({ err: error }, 'Saksi did not start');
  dialog.showErrorBox('Saksi', error instanceof Error ? error.message : String(error));
  app.exit(1);
}

/** The embedded gateway, where this till has one, and the till, each in a process of its own. */
async function startParts(config: HostConfig, vaultKey: Uint8Array | null): Promise<RemoteTill> {
  const { gateway } = config;
  const beside =
    gateway.mode === 'embedded'
      ? keepGatewayRunning({
          ...systemEffects,
          log,
          start: () =>
            startGatewayUnderElectron({
              script: join(bundle, 'cloud', 'cli.js'),
              dataDir,
              port: gateway.port,
              log,
            }),
        })
      : null;
  try {
    const { till, stop } = await startRemoteTill({
      start: () => startTillUnderElectron({ script: join(bundle, 'electron', 'till.js'), folder, log }),
      vaultKey,
      ...systemEffects,
      log,
    });
    return {
      till,
      async stop() {
        await stop();
        await beside?.stop();
      },
    };
  } catch (error) {
    await beside?.stop();
    throw error;
  }
}
