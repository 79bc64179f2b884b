/** The operating system's print queue, with programs of the test in place of lp, lpstat and powershell.exe. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { createQueueTransport } from './print-queue.ts';
import { PRINTER_LIMITS, PrinterSession } from './printer.ts';
import { runProgram } from './run-program.ts';
import { encodeSlip } from './starprnt/encode.ts';
import { createTcpTransport } from './tcp.ts';
import { PRINT_RAW } from './windows-printing.ts';

const SLIP = encodeSlip({ elements: [{ kind: 'text', text: 'Toko Maju' }] }, 32);
const folder = tempFolder();
const path = process.env.PATH;

beforeAll(() => {
  process.env.PATH = `${folder}${delimiter}${path}`;
  program(
    'lpstat',
    `[ "$2" = gone ] && { echo "lpstat: Invalid destination name" >&2; exit 1; }
echo "printer $2 is idle.  enabled since Thu"`,
  );
  program(
    'lp',
    `[ "$2" = full ] && { echo "lp: No space left" >&2; exit 1; }
[ "$2" = stuck ] && exec sleep 30
printf '%s\\n' "$@" > ${folder}/lp.args; cat > ${folder}/lp.bytes
echo "request id is $2-12 (0 file(s))"`,
  );
  program('powershell.exe', `printf '%s\\n' "$@" > ${folder}/ps.args; cat > ${folder}/ps.input; echo 7`);
});
afterAll(() => {
  process.env.PATH = path;
  removeTempFolders();
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

async function started(name: string, limits = PRINTER_LIMITS): Promise<PrinterSession> {
  const transport = createQueueTransport({ name, platform: 'cups', run: runProgram });
  const session = new PrinterSession(
    transport,
    { polarity: 'high_is_open', heartbeat: false },
    systemEffects,
    limits,
  );
  session.start();
  await expect.poll(() => session.snapshot.link, { timeout: 5_000 }).not.toBe('opening');
  return session;
}

describe.skipIf(process.platform === 'win32')('a queue of CUPS', () => {
  test('takes a slip as one raw job, and is never taken for printed', async () => {
    const session = await started('Kasir 1; rm -rf');
    expect(session.snapshot).toMatchObject({ link: 'mute', status: null });
    expect(session.snapshot.detail).toContain('is idle');
    expect(await session.print(SLIP)).toEqual({
      ok: false,
      failure: 'printer_unconfirmed',
      sent: 'all',
      detail: 'request id is Kasir 1; rm -rf-12 (0 file(s))',
    });
    expect(readFileSync(join(folder, 'lp.args'), 'utf8').split('\n').slice(0, 4)).toEqual([
      '-d',
      'Kasir 1; rm -rf',
      '-o',
      'raw',
    ]);
    expect([...readFileSync(join(folder, 'lp.bytes'))]).toEqual(SLIP.chunks.flatMap((chunk) => [...chunk]));
    await session.stop();
  });

  test('one that is not there is absent, in the words of the system', async () => {
    const session = await started('gone');
    expect(await session.print(SLIP)).toEqual({
      ok: false,
      failure: 'printer_absent',
      sent: 'none',
      detail: 'open_failed: lpstat: Invalid destination name',
    });
    await session.stop();
  });

  test('one that refuses has nothing of the slip; one that does not answer may have all of it', async () => {
    const full = await started('full');
    expect(await full.print(SLIP)).toMatchObject({ failure: 'printer_error', sent: 'none' });
    const stuck = await started('stuck', { ...PRINTER_LIMITS, printMs: 100 });
    expect(await stuck.print(SLIP)).toMatchObject({ failure: 'printer_timeout', sent: 'all' });
    await Promise.all([full.stop(), stuck.stop()]);
  });

  test('odoo#32967: a device that does not answer holds up no other', async () => {
    const stuck = await started('stuck', { ...PRINTER_LIMITS, printMs: 600_000 });
    const order: string[] = [];
    const waiting = stuck.print(SLIP).then(() => order.push('stuck'));
    const unreachable = createTcpTransport({ host: '192.0.2.1', port: 9100, clock: systemClock });
    const opening = unreachable.open().catch(() => order.push('unreachable'));
    const good = await started('good');
    expect(await good.print(SLIP)).toMatchObject({ failure: 'printer_unconfirmed' });
    order.push('good');
    await opening;
    expect(order.indexOf('good')).toBeGreaterThanOrEqual(0);
    expect(order).not.toContain('stuck');
    await Promise.all([stuck.stop(), good.stop()]);
    void waiting;
  });
});

test.skipIf(process.platform === 'win32')(
  'a queue of Windows: its name and the bytes travel as data, never as script',
  async () => {
    const name = `\\\\server\\Kasir"; Remove-Item '$(x)`;
    const transport = createQueueTransport({ name, platform: 'windows', run: runProgram });
    await transport.open();
    await transport.write(Uint8Array.of(0x1b, 0x40), 1_000);
    expect(JSON.parse(readFileSync(join(folder, 'ps.input'), 'utf8'))).toEqual({
      script: PRINT_RAW,
      args: { queue: name, data: 'G0A=' },
    });
    const args = readFileSync(join(folder, 'ps.args'), 'utf8');
    expect(args).not.toContain('Kasir');
    const encoded = args.trim().split('\n').at(-1) ?? '';
    expect(Buffer.from(encoded, 'base64').toString('utf16le')).toContain('ConvertFrom-Json');
    expect(transport.words?.()).toBe('job 7');
  },
);
