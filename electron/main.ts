import { join } from 'node:path';
import { app, dialog } from 'electron';
import { readHostConfig, tillFolder } from './host/config.ts';
import { runElectronApp } from './host/electron-app.ts';
import { startGatewayUnderElectron } from './host/electron-gateway.ts';
import { createLog } from './host/log-file.ts';
import { openTill } from './host/open-till.ts';

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
    startTill: (secrets) =>
      openTill({
        config,
        host: 'electron',
        log,
        secrets,
        startGateway: (port) =>
          startGatewayUnderElectron({ script: join(bundle, 'cloud', 'cli.js'), dataDir, port, log }),
      }),
  });
} catch (error) {
  log.fatal({ err: error }, 'Saksi did not start');
  dialog.showErrorBox('Saksi', error instanceof Error ? error.message : String(error));
  app.exit(1);
}
