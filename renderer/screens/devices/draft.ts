import {
  DEFAULT_BAUD_RATE,
  type DeviceConfig,
  type FoundDevice,
  type TransportConfig,
} from '../../../shared/device-config.ts';

/** What the list of found devices chooses at present. */
export type Target = 'printer' | 'drawer';

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
  return { ...draft, printer: { ...draft.printer, transport, language: guess ?? draft.printer.language } };
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
