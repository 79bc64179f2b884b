/**
 * Every check of the project in one run: unit and integration tests, the build, end-to-end tests, lint and types. Ends with
 * one line `N passed, N failed`, and with a non-zero exit when anything failed. What failed is said once more before that
 * line: a log of a run elsewhere is often kept by its end only.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

interface Count {
  passed: number;
  failed: number;
}

interface Ended {
  code: number;
  /** The last lines of the output; empty on a terminal, which shows the whole of it. */
  lastLines: string[];
}

interface RunOptions {
  env?: Record<string, string>;
  /** Gives way to whatever else runs; what it says is heard only where it fails. */
  gives?: boolean;
}

const LINES_REPEATED = 60;
const BESIDE: RunOptions = { gives: true };

const unitReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});
const endToEndReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
});

const scratch = mkdtempSync(join(tmpdir(), 'saksi-test-'));
const total: Count = { passed: 0, failed: 0 };
const toRepeat: string[] = [];

interface Step {
  name: string;
  run: () => Promise<Count>;
}

/** `beside`: what takes the time that is left over while the step waits, at a lower priority. */
const steps: (Step & { beside?: Step[] })[] = [
  {
    name: 'unit and integration tests',
    run: unit,
    beside: [
      { name: 'lint', run: () => check('biome', ['check', '--error-on-warnings', '.'], BESIDE) },
      { name: 'types', run: () => check('tsc', ['--noEmit'], BESIDE) },
    ],
  },
  { name: 'build', run: () => check('vite', ['build', '--logLevel', 'warn']) },
  {
    name: "build of the gateway's pages",
    run: () => check('vite', ['build', '--mode', 'setup-pages', '--logLevel', 'warn']),
  },
  {
    name: 'end-to-end tests of shops',
    // One at a time: a shop beside another gets too little of a small machine to answer in time.
    run: () => endToEnd('shop', 1),
    beside: [{ name: 'end-to-end tests of screens', run: () => endToEnd('screens', 2, BESIDE) }],
  },
];

try {
  for (const { beside = [], ...step } of steps) {
    const others = inTurn(beside);
    await runStep(step);
    await others;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (toRepeat.length > 0) process.stdout.write(`\n── what failed\n${toRepeat.join('\n')}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function inTurn(some: readonly Step[]): Promise<void> {
  for (const step of some) await runStep(step);
}

async function runStep(step: Step): Promise<void> {
  const started = performance.now();
  process.stdout.write(`\n── ${step.name}\n`);
  const count = await step.run();
  total.passed += count.passed;
  total.failed += count.failed;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`── ${step.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)\n`);
}

async function check(command: string, args: string[], how: RunOptions = {}): Promise<Count> {
  const ended = await run(command, args, how);
  if (ended.code === 0) return { passed: 1, failed: 0 };
  toRepeat.push(`${command} ${args.join(' ')}`, ...ended.lastLines);
  return { passed: 0, failed: 1 };
}

async function unit(): Promise<Count> {
  const file = join(scratch, 'unit.json');
  const ended = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file, unitReport);
  const tests = report?.testResults.flatMap((at) => at.assertionResults) ?? [];
  return judged(ended, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    names: tests.filter((test) => test.status === 'failed').map((test) => test.fullName),
  });
}

async function endToEnd(project: string, workers: number, how: RunOptions = {}): Promise<Count> {
  const file = join(scratch, `${project}.json`);
  const where = [`--project=${project}`, `--output=${join('test-results', project)}`];
  const args = ['test', ...where, `--workers=${workers}`, '--reporter=list,json'];
  const ended = await run('playwright', args, { ...how, env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file } });
  const stats = readReport(file, endToEndReport)?.stats;
  return judged(ended, {
    passed: stats?.expected ?? 0,
    failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0),
    names: [],
  });
}

/** A runner that failed without a failed test (a crash, a broken import) counts as one failure. */
function judged(ended: Ended, { passed, failed, names }: Count & { names: string[] }): Count {
  if (ended.code === 0 && failed === 0) return { passed, failed };
  toRepeat.push(...names.map((name) => `✗ ${name}`), ...ended.lastLines);
  return { passed, failed: Math.max(failed, 1) };
}

function readReport<T>(file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    process.stdout.write(`no report: ${String(error)}\n`);
    return null;
  }
}

function run(command: string, args: string[], { env = {}, gives = false }: RunOptions = {}): Promise<Ended> {
  const path = join('node_modules', '.bin', process.platform === 'win32' ? `${command}.cmd` : command);
  const output = process.stdout.isTTY && !gives ? 'inherit' : 'pipe';
  const lastLines: string[] = [];
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, NODE_COMPILE_CACHE: join(scratch, 'compiled'), ...env },
      shell: process.platform === 'win32',
    });
    if (gives && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      if (!gives) stream.pipe(process.stdout, { end: false });
      createInterface({ input: stream }).on('line', (line) => {
        lastLines.push(line);
        if (lastLines.length > LINES_REPEATED) lastLines.shift();
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, lastLines }));
  });
}
