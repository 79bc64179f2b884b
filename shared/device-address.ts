import { DEFAULT_BAUD_RATE, type TransportConfig } from './device-config.ts';

/** `192.168.1.50`, `printer.shop:9101`, or a port that no list shows (`COM7`, `/dev/…`); null for anything else. */
export function typedTransport(text: string): TransportConfig | null {
  const port = portTransport(text.trim());
  return port ?? tcpTransport(text.trim());
}

function portTransport(path: string): TransportConfig | null {
  if (/^\/dev\/usb\/lp\d+$/.test(path)) return { kind: 'usb', path };
  if (!/^(\/[^\s]{1,259}|COM\d{1,3})$/i.test(path)) return null;
  return { kind: 'serial', path, baudRate: DEFAULT_BAUD_RATE };
}

function tcpTransport(text: string): TransportConfig | null {
  const match = /^([a-z0-9][a-z0-9.-]{0,252})(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(match?.[2] ?? 9100);
  if (match?.[1] === undefined || port < 1 || port > 65_535) return null;
  return { kind: 'tcp', host: match[1], port };
}
