import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { connectPty, hasSocat } from '../../test/sim/mpop/pty.ts';
import { createTransport } from './config.ts';
import { type DiscoverySystem, discover, type SerialPortInfo } from './discovery.ts';
import { createDeviceFinder } from './find-device.ts';
import { watchDevices } from './hot-plug.ts';
import { guessLanguage } from './languages.ts';
import { PrinterSession } from './printer.ts';
import type { Ran } from './run-program.ts';
import { systemDiscovery } from './system-discovery.ts';

afterAll(removeTempFolders);

const MPOP: SerialPortInfo = {
  path: '/dev/ttyACM0',
  vendorId: '0519',
  productId: '0003',
  manufacturer: 'Star Micronics',
  serialNumber: 'A1',
};
const said = (stdout: string): Ran => ({ code: 0, stdout, stderr: '' });

function machine(over: Partial<DiscoverySystem> = {}): DiscoverySystem {
  return {
    ...systemDiscovery,
    platform: 'linux',
    sys: '/nowhere/sys',
    dev: '/nowhere/dev',
    listSerial: async () => [],
    run: async () => ({ code: null, stdout: '', stderr: 'spawn lpstat ENOENT' }),
    ...over,
  };
}

/** /sys of a machine with one USB printer, links as the kernel lays them. */
function sysWithPrinter(): string {
  const sys = tempFolder();
  const device = join(sys, 'devices/usb1/1-2');
  mkdirSync(join(device, '1-2:1.0'), { recursive: true });
  const about = {
    idVendor: '04b8',
    idProduct: '0e15',
    serial: 'X7',
    manufacturer: 'EPSON',
    product: 'TM-T20II',
  };
  for (const [file, text] of Object.entries(about)) writeFileSync(join(device, file), `${text}\n`);
  mkdirSync(join(sys, 'class/usbmisc/lp1'), { recursive: true });
  symlinkSync(join(device, '1-2:1.0'), join(sys, 'class/usbmisc/lp1/device'));
  return sys;
}

describe('what is found', () => {
  test('serial ports, USB printers and queues in one list, each with its identity and a guess of the language', async () => {
    const run: DiscoverySystem['run'] = async (_, [flag]) =>
      said(flag === '-e' ? 'Kasir\nDapur\n' : 'device for Kasir: usb://Star/mC-Print3?serial=9\n');
    const sys = sysWithPrinter();
    const listSerial = async () => [MPOP, { path: '/dev/ttyS0' }, { path: '/dev/rfcomm0' }];
    const { devices, problems } = await discover(machine({ run, sys, listSerial }));
    expect(problems).toEqual([]);
    expect(
      devices.map(({ kind, address, identity, language }) => [kind, address, identity, language]),
    ).toEqual([
      ['usb', '/nowhere/dev/usb/lp1', '04b8:0e15:X7', 'esc-pos'],
      ['serial', '/dev/ttyACM0', '0519:0003:A1', 'star-prnt'],
      ['serial', '/dev/rfcomm0', null, null],
      ['queue', 'Kasir', 'queue:Kasir', 'star-prnt'],
      ['queue', 'Dapur', 'queue:Dapur', null],
    ]);
    expect(devices.map(({ bluetooth }) => bluetooth)).toEqual([false, false, true, false, false]);
  });

  test('a way of looking that fails takes no other with it', async () => {
    const listSerial = () => Promise.reject(new Error('udevadm is missing'));
    const found = await discover(machine({ listSerial, sys: sysWithPrinter() }));
    expect(found.devices).toHaveLength(1);
    expect(found.problems).toEqual([{ source: 'serial', detail: 'udevadm is missing' }]);
  });

  test('Windows: queues by Get-Printer, a Bluetooth port by the address in its id', async () => {
    const list = [{ Name: 'EPSON TM-T82', PortName: 'USB001', DriverName: 'Generic / Text Only' }];
    const pnpId =
      'BTHENUM\\{00001101-0000-1000-8000-00805F9B34FB}_LOCALMFG&0002\\7&1&0&0011625ACC01_C00000000';
    const system = machine({
      platform: 'win32',
      run: async () => said(JSON.stringify(list)),
      listSerial: async () => [{ path: 'COM5', pnpId }],
    });
    const { devices } = await discover(system);
    expect(devices).toMatchObject([
      { kind: 'serial', address: 'COM5', bluetooth: true, identity: 'bt:0011625acc01' },
      { kind: 'queue', address: 'EPSON TM-T82', language: 'esc-pos' },
    ]);
  });

  test.each([
    ['0519', 'Star TSP654II', 'star-line'],
    ['0519', 'mPOP', 'star-prnt'],
    ['04b8', '', 'esc-pos'],
    ['', 'POS-58', 'esc-pos'],
    ['1a86', 'USB Serial', null],
  ] as const)('language of %s %s', (vendorId, words, language) => {
    expect(guessLanguage({ vendorId, productId: '', words })).toBe(language);
  });
});

describe('where a device is now', () => {
  test('by its serial number; of two without one, only the one that is where it was', async () => {
    const twin = { ...MPOP, serialNumber: undefined };
    let ports: SerialPortInfo[] = [{ ...MPOP, path: 'COM7' }];
    const find = createDeviceFinder(machine({ platform: 'win32', listSerial: async () => ports }));
    expect(await find('serial', '0519:0003:A1', 'COM3')).toBe('COM7');
    expect(await find('serial', '0519:0003:B2', 'COM7')).toBeNull();
    ports = [
      { ...twin, path: 'COM1' },
      { ...twin, path: 'COM2' },
    ];
    expect(await find('serial', '0519:0003:', 'COM2')).toBe('COM2');
    expect(await find('serial', '0519:0003:', 'COM3')).toBeNull();
  });

  test.skipIf(!hasSocat())(
    'thermal-printer-cordova-plugin#63: unplugged and back under another name, it goes on without a restart',
    async () => {
      const mpop = new VirtualMpop({ clock: systemClock });
      const first = await connectPty(mpop);
      let path = first.path;
      const dev = tempFolder();
      const system = machine({ dev, listSerial: async () => [{ ...MPOP, path }] });
      const config = { kind: 'serial', path, baudRate: 115_200, identity: '0519:0003:A1' } as const;
      const transport = createTransport(config, systemEffects, createDeviceFinder(system));
      if (transport === null) throw new Error('no transport');
      const session = new PrinterSession(
        transport,
        { polarity: 'high_is_open', heartbeat: true },
        systemEffects,
      );
      session.start();
      await expect.poll(() => session.snapshot.link, { timeout: 5_000 }).toBe('ready');
      await first.close();
      await expect.poll(() => session.snapshot.link, { timeout: 5_000 }).not.toBe('ready');
      const second = await connectPty(mpop);
      path = second.path;
      writeFileSync(join(dev, 'ttyACM1'), '');
      await expect.poll(() => session.snapshot.link, { timeout: 15_000 }).toBe('ready');
      expect(second.path).not.toBe(first.path);
      expect(session.label).toBe(second.path);
      await session.stop();
      await second.close();
    },
    30_000,
  );
});

test.skipIf(process.platform !== 'linux')(
  'hot-plug: ports and printers that come and go, and nothing else',
  async () => {
    const dev = tempFolder();
    let changes = 0;
    const stop = watchDevices(machine({ dev }), systemClock, () => {
      changes += 1;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    writeFileSync(join(dev, 'null'), 'x');
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(changes).toBe(0);
    writeFileSync(join(dev, 'ttyACM0'), '');
    await expect.poll(() => changes, { timeout: 5_000 }).toBe(1);
    mkdirSync(join(dev, 'usb'));
    writeFileSync(join(dev, 'usb/lp0'), '');
    await expect.poll(() => changes, { timeout: 5_000 }).toBe(2);
    writeFileSync(join(dev, 'usb/lp1'), '');
    await expect.poll(() => changes, { timeout: 5_000 }).toBe(3);
    stop();
    rmSync(join(dev, 'usb/lp1'));
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(changes).toBe(3);
  },
);
