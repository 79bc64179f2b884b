import {
  DEFAULT_BAUD_RATE,
  type DeviceConfig,
  type FoundDevice,
  type TransportConfig,
} from '../../../shared/device-config.ts';

/** What the list of found devices chooses at present. */
export type Target = 'printer' | 'fallback' | 'drawer';

/** How a found device is reached from now on: by what it is, where that is known. */
export function transportOf(found: FoundDevice): TransportConfig {
  if (found.kind === 'queue') return { kind: 'queue', name: found.address };
  const identity = found.identity === null ? {} : { identity: found.identity };
  if (found.kind === 'usb') return { kind: 'usb', path: found.address, ...identity };
  return { kind: 'serial', path: found.address, baudRate: DEFAULT_BAUD_RATE, ...identity };
}

/** The draft with another device for the target; its language follows the guess where there is one. */
export function choose(
  draft: DeviceConfig,
  target: Target,
  transport: TransportConfig,
  guess: DeviceConfig['printer']['language'] | null,
): DeviceConfig {
  if (target === 'drawer') {
    const before = draft.drawer.via === 'device' ? draft.drawer : null;
    const drawerPolarity = before?.drawerPolarity ?? 'high_is_open';
    const language = guess ?? before?.language ?? 'star-prnt';
    return { ...draft, drawer: { via: 'device', transport, language, drawerPolarity } };
  }
  const before = printerOf(draft, target) ?? { ...draft.printer, drawerPolarity: 'high_is_open' };
  return withPrinter(draft, target, { ...before, transport, language: guess ?? before.language });
}

type Printer = DeviceConfig['printer'];

/** The printer that the target stands for; null where there is no second one. */
export function printerOf(draft: DeviceConfig, target: Target): Printer | null {
  return target === 'fallback' ? (draft.fallbackPrinter ?? null) : draft.printer;
}

/** The draft with this printer for the target; null takes the second one away. */
export function withPrinter(draft: DeviceConfig, target: Target, printer: Printer | null): DeviceConfig {
  const { fallbackPrinter, ...rest } = draft;
  if (target !== 'fallback') return printer === null ? draft : { ...draft, printer };
  return printer === null ? rest : { ...rest, fallbackPrinter: printer };
}

/** What the list shows as chosen. */
export function transportFor(draft: DeviceConfig, target: Target): TransportConfig {
  if (target === 'drawer' && draft.drawer.via === 'device') return draft.drawer.transport;
  return printerOf(draft, target)?.transport ?? { kind: 'none' };
}

export function isSame(found: FoundDevice, transport: TransportConfig): boolean {
  if (transport.kind !== found.kind) return false;
  if (transport.kind === 'queue') return transport.name === found.address;
  const known = transport.kind === 'serial' || transport.kind === 'usb' ? transport : null;
  return known?.identity === undefined ? known?.path === found.address : known.identity === found.identity;
}

export function labelOf(transport: TransportConfig): string {
  switch (transport.kind) {
    case 'serial':
    case 'usb':
      return transport.path;
    case 'tcp':
      return `${transport.host}:${transport.port}`;
    case 'queue':
      return transport.name;
    case 'none':
      return '';
  }
}

type Polarity = DeviceConfig['printer']['drawerPolarity'];
export type Reading = 'open' | 'closed' | 'none' | 'absent';

/**
 * Which way the drawer's switch reads, from what the till showed by `current` while the drawer was closed and while it
 * was open. Null where the two are the same: there is no switch, or it is not heard.
 */
export function learnPolarity(current: Polarity, whenClosed: Reading, whenOpen: Reading): Polarity | null {
  if (whenClosed === 'closed' && whenOpen === 'open') return current;
  if (whenClosed === 'open' && whenOpen === 'closed') {
    return current === 'high_is_open' ? 'low_is_open' : 'high_is_open';
  }
  return null;
}

/** The draft with this polarity, where its drawer is. */
export function withPolarity(draft: DeviceConfig, drawerPolarity: Polarity): DeviceConfig {
  if (draft.drawer.via === 'device') return { ...draft, drawer: { ...draft.drawer, drawerPolarity } };
  return { ...draft, printer: { ...draft.printer, drawerPolarity } };
}

export function polarityOf(draft: DeviceConfig): Polarity {
  return draft.drawer.via === 'device' ? draft.drawer.drawerPolarity : draft.printer.drawerPolarity;
}
