import { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import { Devices } from './devices.ts';
import { PRINTER_LIMITS, type PrinterLimits, PrinterSession } from './printer.ts';
import { createSerialTransport, DEFAULT_BAUD_RATE } from './serial.ts';
import { DEFAULT_DRAWER_PULSE } from './starprnt/commands.ts';
import { createTcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';

const transportSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('serial'),
    path: z.string().min(1).max(260),
    baudRate: z.number().int().min(1200).max(1_000_000).default(DEFAULT_BAUD_RATE),
  }),
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

const printerSchema = z.object({
  transport: transportSchema,
  /** Characters of font A on a line: 32 on 58 mm paper (mPOP), 48 on 80 mm. */
  columns: z.union([z.literal(32), z.literal(48)]).default(32),
  drawerPolarity: polaritySchema,
});

export const deviceConfigSchema = z.object({
  printer: printerSchema,
  /** Where a slip prints of which nothing left for `printer`, once that one has been away for a while. */
  fallbackPrinter: printerSchema.optional(),
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
    const heartbeat = made.describe.kind !== 'tcp';
    return new PrinterSession(made, { polarity, heartbeat }, effects, options.limits ?? PRINTER_LIMITS);
  };
  const printer = session(config.printer.transport, config.printer.drawerPolarity);
  const { drawer, fallbackPrinter } = config;
  const second =
    fallbackPrinter === undefined ? null : session(fallbackPrinter.transport, fallbackPrinter.drawerPolarity);
  return new Devices({
    printer,
    fallback:
      second === null || fallbackPrinter === undefined
        ? null
        : { session: second, columns: fallbackPrinter.columns },
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

export function createTransport(config: TransportConfig, { clock }: Effects): Transport | null {
  switch (config.kind) {
    case 'serial':
      return createSerialTransport({ path: config.path, baudRate: config.baudRate, clock });
    case 'tcp':
      return createTcpTransport({ host: config.host, port: config.port, clock });
    case 'none':
      return null;
  }
}
