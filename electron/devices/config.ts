import { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import { Devices } from './devices.ts';
import { type DrawerPolarity, PRINTER_LANGUAGES, type PrinterLanguage } from './dialect.ts';
import { dialectOf } from './dialects.ts';
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

const languageSchema = z.enum(PRINTER_LANGUAGES).default('star-prnt');

export const deviceConfigSchema = z.object({
  printer: z.object({
    transport: transportSchema,
    language: languageSchema,
    /** Characters of font A on a line: 32 on 58 mm paper (mPOP), 48 on 80 mm, 42 on some ESC/POS printers. */
    columns: z.union([z.literal(32), z.literal(42), z.literal(48)]).default(32),
    drawerPolarity: polaritySchema,
  }),
  drawer: z
    .discriminatedUnion('via', [
      z.object({ via: z.literal('printer') }),
      /** A drawer on another printer. */
      z.object({
        via: z.literal('device'),
        transport: transportSchema,
        language: languageSchema,
        drawerPolarity: polaritySchema,
      }),
      z.object({ via: z.literal('none') }),
    ])
    .default({ via: 'printer' }),
  /** In units of 10 ms, 1..127. */
  drawerPulse: z
    .object({ onTime: z.number().int().min(1).max(127), offTime: z.number().int().min(1).max(127) })
    .default(DEFAULT_DRAWER_PULSE),
  /** The connector that the drawer's cable is in; connector 2 of a Star printer has times of its own. */
  drawerConnector: z.union([z.literal(1), z.literal(2)]).default(1),
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
  const session = (transport: TransportConfig, polarity: DrawerPolarity, language: PrinterLanguage) => {
    const made = make(transport, effects);
    if (made === null) return null;
    const dialect = dialectOf(language);
    const heartbeat = dialect.heartbeatOverTcp || made.describe.kind !== 'tcp';
    return new PrinterSession(
      made,
      { polarity, heartbeat, dialect },
      effects,
      options.limits ?? PRINTER_LIMITS,
    );
  };
  const printer = session(config.printer.transport, config.printer.drawerPolarity, config.printer.language);
  const { drawer } = config;
  return new Devices({
    printer,
    drawer:
      drawer.via === 'printer'
        ? printer
        : drawer.via === 'device'
          ? session(drawer.transport, drawer.drawerPolarity, drawer.language)
          : null,
    columns: config.printer.columns,
    drawerPulse: config.drawerPulse,
    drawerConnector: config.drawerConnector,
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
