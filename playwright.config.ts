import { defineConfig } from '@playwright/test';
import { SCREENS_PROJECT } from './renderer/dev/tools/dev-test.ts';
import { findBrowser } from './test/fixtures/find-browser.ts';

const executablePath = findBrowser();

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  globalSetup: './renderer/dev/tools/dev-site-setup.ts',
  // One at a time: a shop beside the screens gets too little of a small machine to answer in time. See scripts/test.ts.
  workers: 1,
  projects: [
    // A whole shop each: processes, a database, a printer.
    { name: 'shop', testMatch: 'test/e2e/**/*.e2e.ts', fullyParallel: false, timeout: 120_000 },
    { name: SCREENS_PROJECT, testMatch: 'renderer/dev/**/*.e2e.ts', fullyParallel: true },
  ],
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    viewport: { width: 1366, height: 768 },
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      // No sandbox: in CI the browser runs as root. The rest keeps it off the network.
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
