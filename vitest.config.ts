import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/fixtures/longest-first.ts';

/**
 * Tests that put other modules in the place of the true ones, which whoever imported those before would still have; and the
 * simulated shop, which leaves Node's own functions changed.
 */
const OF_THEIR_OWN = [
  'cloud/db/pglite.test.ts',
  'electron/preload.test.ts',
  'electron/main.test.ts',
  'electron/host/electron-app.test.ts',
  'electron/till/trouble.test.ts',
  'test/sim-shop/sim.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/fixtures/postgres-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // One more than a small machine has cores: much of what the longest files do is waiting for processes and locks.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{electron,renderer,shared,cloud,scripts,test}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, ...OF_THEIR_OWN],
          // A process for each file would import the same modules two hundred times: half of what the short files cost.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'own', include: OF_THEIR_OWN } },
    ],
    setupFiles: ['test/fixtures/cheap-hashes.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxConcurrency: 2,
  },
});
