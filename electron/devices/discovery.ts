import { z } from 'zod';
import type { Discovered, FoundDevice } from '../../shared/device-config.ts';
import { guessLanguage } from './languages.ts';
import type { RunProgram } from './run-program.ts';
import { LIST_QUEUES, runPowerShell } from './windows-printing.ts';

/** One serial port as `SerialPort.list` tells of it. */
export interface SerialPortInfo {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly pnpId?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  /** Windows. */
  readonly friendlyName?: string | undefined;
}

/** What of the machine is looked at. */
export interface DiscoverySystem {
  readonly platform: NodeJS.Platform;
  /** `/sys` and `/dev`, or a test's own. */
  readonly sys: string;
  readonly dev: string;
  listSerial(): Promise<readonly SerialPortInfo[]>;
  /** The names in a folder; none where there is no such folder. */
  names(folder: string): Promise<readonly string[]>;
  /** A small file's text, trimmed; empty where there is none. */
  text(path: string): Promise<string>;
  readonly run: RunProgram;
}

const ASK_MS = 3_000;

/** All printers that this machine shows. Network printers are not searched for: their address is typed in. */
export async function discover(system: DiscoverySystem): Promise<Discovered> {
  const sources = { serial: serialDevices, usb: usbPrinters, queue: printQueues };
  const problems: { source: FoundDevice['kind']; detail: string }[] = [];
  const found = await Promise.all(
    (['usb', 'serial', 'queue'] as const).map((source) =>
      sources[source](system).catch((error: unknown) => {
        problems.push({ source, detail: error instanceof Error ? error.message : String(error) });
        return [];
      }),
    ),
  );
  return { devices: found.flat(), problems };
}

export async function serialDevices(system: DiscoverySystem): Promise<FoundDevice[]> {
  const ports = await system.listSerial();
  return ports.filter(isPlugged).map((port) => {
    const vendorId = (port.vendorId ?? '').toLowerCase();
    const productId = (port.productId ?? '').toLowerCase();
    const vendor = port.manufacturer ?? '';
    const product = port.friendlyName ?? port.pnpId ?? '';
    const serialNumber = port.serialNumber ?? '';
    return {
      kind: 'serial',
      address: port.path,
      vendor,
      product,
      serialNumber,
      vendorId,
      productId,
      bluetooth: isBluetooth(port),
      identity: identityOf({ vendorId, productId, serialNumber }) ?? bluetoothIdentity(port),
      language: guessLanguage({ vendorId, productId, words: `${vendor} ${product} ${port.path}` }),
    };
  });
}

/** Linux only: elsewhere such printers are reached by a queue. */
export async function usbPrinters({
  platform,
  sys,
  dev,
  names,
  text,
}: DiscoverySystem): Promise<FoundDevice[]> {
  if (platform !== 'linux') return [];
  const folder = `${sys}/class/usbmisc`;
  const printers = (await names(folder)).filter((name) => /^lp\d+$/.test(name));
  return Promise.all(
    printers.map(async (name) => {
      // `device` is a link to the interface; the folder above it is the device. Joined by hand, since path.join would
      // resolve the two dots before the link.
      const read = (file: string) => text(`${folder}/${name}/device/${file}`);
      const [vendorId, productId, serialNumber, vendor, product, ieee1284] = await Promise.all([
        read('../idVendor'),
        read('../idProduct'),
        read('../serial'),
        read('../manufacturer'),
        read('../product'),
        read('ieee1284_id'),
      ]);
      return {
        kind: 'usb' as const,
        address: `${dev}/usb/${name}`,
        vendor,
        product,
        serialNumber,
        vendorId,
        productId,
        bluetooth: false,
        identity: identityOf({ vendorId, productId, serialNumber }),
        language: guessLanguage({ vendorId, productId, words: `${vendor} ${product} ${ieee1284}` }),
      };
    }),
  );
}

async function printQueues(system: DiscoverySystem): Promise<FoundDevice[]> {
  const queues = system.platform === 'win32' ? await windowsQueues(system) : await cupsQueues(system);
  return queues.map(({ name, words }) => ({
    kind: 'queue',
    address: name,
    vendor: '',
    product: words,
    serialNumber: '',
    vendorId: '',
    productId: '',
    bluetooth: false,
    identity: `queue:${name}`,
    language: guessLanguage({ vendorId: '', productId: '', words: `${name} ${words}` }),
  }));
}

interface Queue {
  readonly name: string;
  readonly words: string;
}

async function cupsQueues({ run }: DiscoverySystem): Promise<Queue[]> {
  const [listed, uris] = await Promise.all([
    run('lpstat', ['-e'], { timeoutMs: ASK_MS }),
    run('lpstat', ['-v'], { timeoutMs: ASK_MS }),
  ]);
  if (listed.code === null && /ENOENT/.test(listed.stderr)) return []; // a machine without CUPS has no queues
  if (listed.code !== 0 && uris.code !== 0) {
    // So says CUPS of a machine on which no queue was ever made.
    if (/no destinations added/i.test(listed.stderr + uris.stderr)) return [];
    throw new Error(listed.stderr.trim() || 'lpstat failed');
  }
  const byName = new Map<string, string>();
  for (const name of listed.stdout.split('\n')) if (name.trim() !== '') byName.set(name.trim(), '');
  for (const [, name = '', uri = ''] of uris.stdout.matchAll(/^device for (.+?): (.+)$/gm))
    byName.set(name, uri);
  return [...byName].map(([name, words]) => ({ name, words }));
}

const windowsQueueSchema = z.array(
  z.object({ Name: z.string(), PortName: z.string().nullish(), DriverName: z.string().nullish() }),
);

async function windowsQueues({ run }: DiscoverySystem): Promise<Queue[]> {
  const answer = await runPowerShell(run, LIST_QUEUES, {});
  if (answer.code !== 0) throw new Error(answer.stderr.trim() || 'Get-Printer failed');
  if (answer.stdout.trim() === '') return [];
  return windowsQueueSchema.parse(JSON.parse(answer.stdout)).map(({ Name, PortName, DriverName }) => ({
    name: Name,
    words: `${DriverName ?? ''} ${PortName ?? ''}`.trim(),
  }));
}

/**
 * `vendor:product:serial`, such as `0519:0003:2390118060100123`; without a serial number `vendor:product:`, which two of
 * a kind share. Null for what is no USB device.
 */
export function identityOf(device: {
  vendorId: string;
  productId: string;
  serialNumber: string;
}): string | null {
  const { vendorId, productId, serialNumber } = device;
  return vendorId === '' || productId === '' ? null : `${vendorId}:${productId}:${serialNumber}`;
}

/** The built-in ports of a PC are listed whether anything is there or not; what has no sign of a device is left out. */
function isPlugged(port: SerialPortInfo): boolean {
  return !/^\/dev\/ttyS\d+$/.test(port.path) || port.pnpId !== undefined || port.vendorId !== undefined;
}

/** The serial port profile of a paired Bluetooth device, as each system shows it. */
function isBluetooth({ path, pnpId = '' }: SerialPortInfo): boolean {
  return /^\/dev\/rfcomm\d+$/.test(path) || /^BTHENUM\\/i.test(pnpId) || /bluetooth/i.test(path);
}

/** Windows keeps the device's address in the port's id; an incoming port has zeros there and belongs to no device. */
function bluetoothIdentity({ pnpId = '' }: SerialPortInfo): string | null {
  const address = /^BTHENUM\\.*&([0-9a-f]{12})_/i.exec(pnpId)?.[1]?.toLowerCase();
  return address === undefined || /^0+$/.test(address) ? null : `bt:${address}`;
}
