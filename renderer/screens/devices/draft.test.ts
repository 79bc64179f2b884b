import { describe, expect, test } from 'vitest';
import { typedTransport } from '../../../shared/device-address.ts';
import { deviceConfigSchema, type FoundDevice } from '../../../shared/device-config.ts';
import {
  choose,
  isSame,
  learnPolarity,
  polarityOf,
  printerOf,
  transportFor,
  transportOf,
  withPolarity,
  withPrinter,
} from './draft.ts';

const EMPTY = deviceConfigSchema.parse({ printer: { transport: { kind: 'none' } } });
const MPOP: FoundDevice = {
  kind: 'serial',
  address: 'COM3',
  vendor: 'Star',
  product: 'mPOP',
  serialNumber: 'A1',
  vendorId: '0519',
  productId: '0003',
  bluetooth: false,
  identity: '0519:0003:A1',
  language: 'star-prnt',
};

test('a chosen device is kept by its identity, and is the same wherever it is plugged in', () => {
  const draft = choose(EMPTY, 'printer', transportOf(MPOP), 'esc-pos');
  expect(deviceConfigSchema.parse(draft)).toEqual(draft);
  expect(draft.printer).toMatchObject({ transport: { identity: '0519:0003:A1' }, language: 'esc-pos' });
  expect(isSame({ ...MPOP, address: 'COM9' }, draft.printer.transport)).toBe(true);
  expect(isSame({ ...MPOP, identity: '0519:0003:B2' }, draft.printer.transport)).toBe(false);
});

test('a second printer is chosen and taken away again, and the first stays as it is', () => {
  expect(printerOf(EMPTY, 'fallback')).toBeNull();
  const draft = choose(EMPTY, 'fallback', transportOf(MPOP), 'esc-pos');
  expect(deviceConfigSchema.parse(draft)).toEqual(draft);
  expect(draft.printer).toEqual(EMPTY.printer);
  expect(draft.fallbackPrinter).toMatchObject({ transport: transportOf(MPOP), language: 'esc-pos' });
  expect(transportFor(draft, 'fallback')).toEqual(transportOf(MPOP));
  expect(withPrinter(draft, 'fallback', null)).toEqual(EMPTY);
});

test('without an identity the path counts', () => {
  const plain = { ...MPOP, identity: null };
  expect(isSame(plain, transportOf(plain))).toBe(true);
  expect(isSame({ ...plain, address: 'COM9' }, transportOf(plain))).toBe(false);
});

test.each([
  ['192.168.1.50', { kind: 'tcp', host: '192.168.1.50', port: 9100 }],
  [' printer.shop:9101 ', { kind: 'tcp', host: 'printer.shop', port: 9101 }],
  ['192.168.1.50:0', null],
  ['192.168.1.50:70000', null],
  ['http://printer', null],
  ['COM7', { kind: 'serial', path: 'COM7', baudRate: 115_200 }],
  ['/dev/usb/lp0', { kind: 'usb', path: '/dev/usb/lp0' }],
  ['', null],
])('address %j', (text, transport) => {
  expect(typedTransport(text)).toEqual(transport);
});

describe("which way the drawer's switch reads", () => {
  test.each([
    ['high_is_open', 'closed', 'open', 'high_is_open'],
    ['high_is_open', 'open', 'closed', 'low_is_open'],
    ['low_is_open', 'open', 'closed', 'high_is_open'],
    ['high_is_open', 'open', 'open', null],
    ['high_is_open', 'absent', 'open', null],
  ] as const)('by %s: closed reads %s, open reads %s', (current, closed, open, learnt) => {
    expect(learnPolarity(current, closed, open)).toBe(learnt);
  });

  test('is kept where the drawer is', () => {
    const other = choose(EMPTY, 'drawer', transportOf(MPOP), null);
    expect(polarityOf(withPolarity(other, 'low_is_open'))).toBe('low_is_open');
    expect(withPolarity(other, 'low_is_open').printer.drawerPolarity).toBe('high_is_open');
    expect(withPolarity(EMPTY, 'low_is_open').printer.drawerPolarity).toBe('low_is_open');
  });
});

test.each(['/etc/passwd', '/dev/sda', '/dev/usb/lp0/../../sda', '/dev/usb/lp0\n'])(
  'no file but a printer is taken for one: %j',
  (path) => {
    const printer = { transport: { kind: 'usb', path } };
    expect(deviceConfigSchema.safeParse({ printer }).success).toBe(false);
  },
);
