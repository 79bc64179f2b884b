import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../../shared/effects.ts';
import { MemoryLog } from '../../test/fixtures/fake-till.ts';
import { keepGatewayRunning } from './gateway-process.ts';
import { startGatewayUnderNode } from './node-gateway.ts';

let folder: string;
let log: MemoryLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saksi-gateway-'));
  log = new MemoryLog();
});
afterEach(() => rm(folder, { recursive: true }));

const starts = async () => (await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n');

it('starts the program on its port, again when it dies, and ends it when told to', async () => {
  const script = join(folder, 'gateway.mjs');
  await writeFile(
    script,
    `import { appendFileSync } from 'node:fs';
     appendFileSync(process.env.SAKSI_DATA_DIR + '/starts', process.pid + ' ' + process.env.PORT + '\\n');
     setInterval(() => {}, 1000);`,
  );
  const gateway = keepGatewayRunning({
    start: () => startGatewayUnderNode({ script, dataDir: join(folder, 'till'), port: 1234, log }),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  await expect.poll(starts, { timeout: 10_000 }).toHaveLength(1);
  const [first = ''] = await starts();
  expect(first).toMatch(/ 1234$/);
  process.kill(Number.parseInt(first, 10), 'SIGKILL');
  await expect.poll(starts, { timeout: 10_000 }).toHaveLength(2);
  const second = Number.parseInt((await starts())[1] ?? '', 10);
  await gateway.stop();
  expect(() => process.kill(second, 0)).toThrow('ESRCH');
});

it('says so when there is no such program', async () => {
  const gateway = keepGatewayRunning({
    start: () => startGatewayUnderNode({ script: join(folder, 'none.mjs'), dataDir: folder, port: 1, log }),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  await expect.poll(() => log.levels(), { timeout: 10_000 }).toContain('error');
  expect(JSON.stringify(log.lines)).toContain('none.mjs');
  await gateway.stop();
});

it('lets the gateway know when the till is killed', async () => {
  const script = join(folder, 'gateway.mjs');
  await writeFile(
    script,
    `import { writeFileSync } from 'node:fs';
     const note = (name) => writeFileSync(process.env.SAKSI_DATA_DIR + '/' + name, '');
     process.on('disconnect', () => { note('gone'); process.exit(); });
     note('starts');
     setInterval(() => {}, 1000);`,
  );
  const till = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { startGatewayUnderNode } from ${JSON.stringify(new URL('./node-gateway.ts', import.meta.url).href)};
     const log = { info() {}, warn() {}, error() {} };
     startGatewayUnderNode({ script: ${JSON.stringify(script)}, dataDir: ${JSON.stringify(join(folder, 'till'))}, port: 1, log });`,
  ]);
  await expect.poll(() => existsSync(join(folder, 'starts')), { timeout: 15_000 }).toBe(true);
  expect(existsSync(join(folder, 'gone'))).toBe(false);
  till.kill('SIGKILL');
  await expect.poll(() => existsSync(join(folder, 'gone')), { timeout: 15_000 }).toBe(true);
});
