/** The technician's command as it is run, against the virtual printer on a terminal and on TCP. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { DATABASE_FILE } from '../electron/store/store.ts';
import { systemClock } from '../shared/effects.ts';
import { removeTempFolders, tempFolder } from '../test/fixtures/temp-folder.ts';
import { VirtualMpop } from '../test/sim/mpop/mpop.ts';
import { slipText } from '../test/sim/mpop/paper.ts';
import { connectPty, hasSocat } from '../test/sim/mpop/pty.ts';
import { listenTcp } from '../test/sim/mpop/server.ts';

afterAll(removeTempFolders);

function devices(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'devices.ts'), ...args],
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** A data folder whose till was paired, as far as anybody else can see. */
function pairedFolder(): string {
  const folder = tempFolder();
  mkdirSync(join(folder, 'till'));
  const db = new Database(join(folder, 'till', DATABASE_FILE));
  db.exec('CREATE TABLE identity (id INTEGER); INSERT INTO identity VALUES (1)');
  db.close();
  return folder;
}

test('list: one line of JSON', async () => {
  const { code, stdout } = await devices('list', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('devices');
});

test('probe over TCP: the language that answers, and the status in words', async () => {
  const mpop = new VirtualMpop({ clock: systemClock });
  const server = await listenTcp(mpop, 0);
  mpop.openCover();
  const { code, stdout } = await devices('probe', `127.0.0.1:${server.port}`);
  expect(code).toBe(0);
  expect(stdout).toContain('answers in StarPRNT');
  expect(stdout).toContain('cover open');
  expect(mpop.drawerPulses).toHaveLength(0);
  await server.close();
  const gone = await devices('probe', `127.0.0.1:${server.port}`, '--json');
  expect(gone.code).toBe(1);
  expect(JSON.parse(gone.stdout)).toMatchObject({ language: null });
});

test('probe of a printer that speaks ESC/POS alone', async () => {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      if (bytes.includes(Buffer.from([0x10, 0x04, 0x01]))) socket.write(Uint8Array.of(0x12));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { stdout } = await devices('probe', `127.0.0.1:${address.port}`, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ language: 'esc-pos', words: ['answers in ESC/POS', 'on line'] });
  server.close();
});

test.skipIf(!hasSocat())('test: prints and opens the drawer of a till that belongs to no shop', async () => {
  const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400 });
  const pty = await connectPty(mpop);
  const args = ['test', pty.path, '--drawer', '--json', '--data'];
  const free = await devices(...args, tempFolder());
  expect(JSON.parse(free.stdout)).toEqual({ printed: 'printed', drawer: 'opened' });
  expect(slipText(mpop.slips[0]?.elements ?? []).join('\n')).toContain('TEST PAGE');
  expect(mpop.drawerPulses).toHaveLength(1);

  const paired = await devices(...args, pairedFolder());
  expect(paired.code).toBe(2);
  expect(JSON.parse(paired.stdout)).toEqual({ refused: 'drawer_test_refused' });
  const broken = tempFolder();
  mkdirSync(join(broken, 'till'));
  writeFileSync(join(broken, 'till', DATABASE_FILE), 'not a database');
  expect((await devices(...args, broken)).code).toBe(2);
  expect(mpop.slips).toHaveLength(1);
  expect(mpop.drawerPulses).toHaveLength(1);
  await pty.close();
});

test('what is neither a path nor an address is refused', async () => {
  const { code, stderr } = await devices('probe', 'http://printer');
  expect(code).toBe(1);
  expect(stderr).toContain('neither a path nor an address');
});
