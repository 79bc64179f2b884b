/**
 * Every check of the project in one run: lint, types, unit and integration tests, the build, end-to-end tests. Ends with
 * one line `N passed, N failed`, and with a non-zero exit when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  passed: number;
  failed: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'saksi-test-'));
const total: Count = { passed: 0, failed: 0 };

const steps: { name: string; run: () => Promise<Count> }[] = [
  { name: 'lint', run: () => check('biome', ['check', '--error-on-warnings', '.']) },
  { name: 'types', run: () => check('tsc', ['--noEmit']) },
  { name: 'unit and integration tests', run: unit },
  { name: 'build', run: () => check('vite', ['build', '--logLevel', 'warn']) },
  // One at a time: a shop beside another gets too little of a small machine to answer in time.
  { name: 'end-to-end tests of shops', run: () => endToEnd('shop', 1) },
  { name: 'end-to-end tests of screens', run: () => endToEnd('screens', 2) },
];

try {
  for (const step of steps) {
    const started = performance.now();
    process.stdout.write(`\n── ${step.name}\n`);
    const count = await step.run();
    total.passed += count.passed;
    total.failed += count.failed;
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`── ${step.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function check(command: string, args: string[]): Promise<Count> {
  const ok = (await run(command, args)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

async function unit(): Promise<Count> {
  const file = join(scratch, 'unit.json');
  const code = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file) as { numPassedTests: number; numFailedTests: number } | null;
  return atLeastOneFailure(code, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
  });
}

async function endToEnd(project: string, workers: number): Promise<Count> {
  const file = join(scratch, `${project}.json`);
  const args = [`--project=${project}`, `--workers=${workers}`, '--reporter=list,json'];
  const code = await run('playwright', ['test', ...args], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const report = readReport(file) as {
    stats: { expected: number; unexpected: number; flaky: number };
  } | null;
  return atLeastOneFailure(code, {
    passed: report?.stats.expected ?? 0,
    failed: (report?.stats.unexpected ?? 0) + (report?.stats.flaky ?? 0),
  });
}

/** A runner that failed without a failed test (a crash, a broken import) counts as one failure. */
function atLeastOneFailure(code: number, count: Count): Count {
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    process.stdout.write(`no report: ${String(error)}\n`);
    return null;
  }
}

function run(command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const path = join('node_modules', '.bin', process.platform === 'win32' ? `${command}.cmd` : command);
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(scratch, 'compiled'), ...env },
      shell: process.platform === 'win32',
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
