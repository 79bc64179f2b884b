import { isDeepStrictEqual } from 'node:util';
import { type DeviceConfig, deviceConfigSchema, type TransportConfig } from '../../shared/device-config.ts';
import type { Effects } from '../../shared/effects.ts';
import { Devices } from './devices.ts';
import type { DrawerPolarity, PrinterLanguage } from './dialect.ts';
import { dialectOf } from './dialects.ts';
import { createDeviceFinder, type DeviceFinder } from './find-device.ts';
import { createLocatedTransport } from './located.ts';
import { createQueueTransport, queuePlatformOf } from './print-queue.ts';
import { PRINTER_LIMITS, type PrinterLimits, PrinterSession } from './printer.ts';
import { runProgram } from './run-program.ts';
import { createSerialTransport } from './serial.ts';
import { systemDiscovery } from './system-discovery.ts';
import { createTcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';
import { createUsbPrinterTransport } from './usb-printer.ts';

export { type DeviceConfig, deviceConfigSchema, type TransportConfig };

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
    const heartbeat = !made.oneWay && (dialect.heartbeatOverTcp || made.describe.kind !== 'tcp');
    return new PrinterSession(
      made,
      { polarity, heartbeat, dialect },
      effects,
      options.limits ?? PRINTER_LIMITS,
    );
  };
  const printer = session(config.printer.transport, config.printer.drawerPolarity, config.printer.language);
  const { drawer, fallbackPrinter } = config;
  const second =
    fallbackPrinter === undefined
      ? null
      : session(fallbackPrinter.transport, fallbackPrinter.drawerPolarity, fallbackPrinter.language);
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
          ? // One port has one session: a drawer may hang on the second printer.
            isDeepStrictEqual(drawer.transport, fallbackPrinter?.transport)
            ? second
            : session(drawer.transport, drawer.drawerPolarity, drawer.language)
          : null,
    columns: config.printer.columns,
    drawerPulse: config.drawerPulse,
    drawerConnector: config.drawerConnector,
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
