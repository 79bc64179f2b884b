import { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import { Devices } from './devices.ts';
import { createDeviceFinder, type DeviceFinder } from './find-device.ts';
import { createLocatedTransport } from './located.ts';
import { createQueueTransport, queuePlatformOf } from './print-queue.ts';
import { PRINTER_LIMITS, type PrinterLimits, PrinterSession } from './printer.ts';
import { runProgram } from './run-program.ts';
import { createSerialTransport, DEFAULT_BAUD_RATE } from './serial.ts';
import { DEFAULT_DRAWER_PULSE } from './starprnt/commands.ts';
import { systemDiscovery } from './system-discovery.ts';
import { createTcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';
import { createUsbPrinterTransport } from './usb-printer.ts';

/** Which device it is, wherever it is plugged in: see `identityOf` in discovery.ts. Left out: the path alone counts. */
const identity = z.string().min(1).max(200).optional();

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const queueName = z.string().regex(/^[^\u0000-\u001f\u007f]{1,220}$/);

const transportSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('serial'),
    path: z.string().min(1).max(260),
    baudRate: z.number().int().min(1200).max(1_000_000).default(DEFAULT_BAUD_RATE),
    identity,
  }),
  /** A printer of the USB printer class, as Linux shows it: /dev/usb/lp0. */
  z.object({ kind: z.literal('usb'), path: z.string().min(1).max(260), identity }),
  /** A print queue of the operating system: prints, and tells nothing back. */
  z.object({ kind: z.literal('queue'), name: queueName }),
  z.object({
    kind: z.literal('tcp'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535).default(9100),
  }),
  z.object({ kind: z.literal('none') }),
]);
export type TransportConfig = z.infer<typeof transportSchema>;

/** Whether the drawer's switch reads high or low when it is open; differs by drawer. The mPOP's reads high. */
const polaritySchema = z.enum(['high_is_open', 'low_is_open']).default('high_is_open');

export const deviceConfigSchema = z.object({
  printer: z.object({
    transport: transportSchema,
    /** Characters of font A on a line: 32 on 58 mm paper (mPOP), 48 on 80 mm. */
    columns: z.union([z.literal(32), z.literal(48)]).default(32),
    drawerPolarity: polaritySchema,
  }),
  drawer: z
    .discriminatedUnion('via', [
      z.object({ via: z.literal('printer') }),
      /** A drawer on another StarPRNT device. */
      z.object({ via: z.literal('device'), transport: transportSchema, drawerPolarity: polaritySchema }),
      z.object({ via: z.literal('none') }),
    ])
    .default({ via: 'printer' }),
  /** In units of 10 ms, 1..127. */
  drawerPulse: z
    .object({ onTime: z.number().int().min(1).max(127), offTime: z.number().int().min(1).max(127) })
    .default(DEFAULT_DRAWER_PULSE),
});
export type DeviceConfig = z.infer<typeof deviceConfigSchema>;

/** Makes the devices of a checked configuration; nothing is opened before start(). */
export function createDevices(
  config: DeviceConfig,
  effects: Effects,
  options: {
    limits?: PrinterLimits;
    /** Another maker of transports, for a shop without real ports. */
    createTransport?: (config: TransportConfig, effects: Effects) => Transport | null;
  } = {},
): Devices {
  const make = options.createTransport ?? createTransport;
  const session = (transport: TransportConfig, polarity: 'high_is_open' | 'low_is_open') => {
    const made = make(transport, effects);
    if (made === null) return null;
    const heartbeat = made.describe.kind !== 'tcp' && !made.oneWay;
    return new PrinterSession(made, { polarity, heartbeat }, effects, options.limits ?? PRINTER_LIMITS);
  };
  const printer = session(config.printer.transport, config.printer.drawerPolarity);
  const { drawer } = config;
  return new Devices({
    printer,
    drawer:
      drawer.via === 'printer'
        ? printer
        : drawer.via === 'device'
          ? session(drawer.transport, drawer.drawerPolarity)
          : null,
    columns: config.printer.columns,
    drawerPulse: config.drawerPulse,
  });
}

/** One search for all devices that are known by what they are. */
const findHere = createDeviceFinder(systemDiscovery);

export function createTransport(
  config: TransportConfig,
  { clock }: Effects,
  find: DeviceFinder = findHere,
): Transport | null {
  switch (config.kind) {
    case 'serial': {
      const { path, baudRate, identity } = config;
      const make = (at: string) => createSerialTransport({ path: at, baudRate, clock });
      if (identity === undefined) return make(path);
      return createLocatedTransport({
        kind: 'serial',
        label: path,
        locate: () => find('serial', identity, path),
        make,
      });
    }
    case 'usb': {
      const { path, identity } = config;
      const make = (at: string) => createUsbPrinterTransport({ path: at, clock });
      if (identity === undefined) return make(path);
      return createLocatedTransport({
        kind: 'usb',
        label: path,
        locate: () => find('usb', identity, path),
        make,
      });
    }
    case 'tcp':
      return createTcpTransport({ host: config.host, port: config.port, clock });
    case 'queue':
      return createQueueTransport({
        name: config.name,
        platform: queuePlatformOf(process.platform),
        run: runProgram,
      });
    case 'none':
      return null;
  }
}
