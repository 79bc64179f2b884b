import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/fixtures/longest-first.ts';

export default defineConfig({
  test: {
    include: ['{electron,renderer,shared,cloud,scripts,test}/**/*.test.{ts,tsx}'],
    setupFiles: ['test/fixtures/cheap-hashes.ts'],
    globalSetup: ['test/fixtures/postgres-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // One more than a small machine has cores: much of what the longest files do is waiting for processes and locks.
    maxWorkers: 3,
    maxConcurrency: 2,
  },
});
