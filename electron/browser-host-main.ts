import { homedir } from 'node:os';
import { join } from 'node:path';
import { createBrowserHost } from './browser-host.ts';
import { readHostConfig, tillFolder } from './host/config.ts';
import { createLog } from './host/log-file.ts';
import { networkAddresses } from './host/network.ts';
import { startGatewayUnderNode } from './host/node-gateway.ts';
import { openTill } from './host/open-till.ts';

/**
 * The till without Electron, as a program: `node electron/browser-host-main.ts`. Reads `SAKSI_DATA_DIR` (else ~/.saksi),
 * `SAKSI_TILL_CONFIG` (else till/till.json in it) and `SAKSI_SCREEN_DIR` (the built screen, else dist/renderer). Once
 * ready it prints one line of JSON,
 * `{"event":"ready","url","browserHost":{"port","moved"},"posLink":{"url","tokenFile","moved"}}`; the url holds the
 * screen's token. SIGINT and SIGTERM stop it cleanly; a second one at once.
 */

/** How long stopping waits for the device job and the write in hand. */
const STOP_TIMEOUT_MS = 10_000;

const root = join(import.meta.dirname, '..');
const dataDir = tillFolder(process.env.SAKSI_DATA_DIR ?? join(homedir(), '.saksi'));
const log = createLog(dataDir);

try {
  await main();
} catch (error) {
  log.fatal({ err: error }, 'Saksi did not start');
  process.stderr.write(`saksi: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readHostConfig(dataDir, process.env.SAKSI_TILL_CONFIG);
  const running = await openTill({
    config,
    host: 'browser',
    log,
    network: networkAddresses,
    configFile: process.env.SAKSI_TILL_CONFIG,
    startGateway: (port) =>
      startGatewayUnderNode({ script: join(root, 'cloud', 'cli.ts'), dataDir, port, log }),
  });
  const screen = await createBrowserHost({
    till: running.till,
    port: config.browserHost.port,
    rendererDir: process.env.SAKSI_SCREEN_DIR ?? join(root, 'dist', 'renderer'),
    log,
  }).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  stopOnSignal(async () => {
    await screen.stop();
    await running.stop();
  });
  const { posLink, posToken } = running;
  const ready = {
    event: 'ready',
    url: screen.url,
    browserHost: { port: screen.port, moved: screen.moved },
    posLink: { url: posLink.url, tokenFile: posToken.file, moved: posLink.moved },
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => {
      log.error({ waitedMs: STOP_TIMEOUT_MS }, 'the till did not stop in time');
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the till did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
