import { defineConfig } from '@playwright/test';
import { findBrowser } from './test/fixtures/find-browser.ts';

const executablePath = findBrowser();

export default defineConfig({
  testDir: '.',
  testMatch: ['test/e2e/**/*.e2e.ts', 'renderer/dev/**/*.e2e.ts'],
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
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
