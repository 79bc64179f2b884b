import { type DeviceConfig, deviceConfigSchema, type FoundDevice } from '../../shared/device-config.ts';
import { type DevState, managing } from './state-kit.ts';

const MPOP: FoundDevice = {
  kind: 'serial',
  address: '/dev/ttyACM0',
  vendor: 'Star Micronics',
  product: 'mPOP',
  serialNumber: '2390118060100123',
  vendorId: '0519',
  productId: '0003',
  bluetooth: false,
  identity: '0519:0003:2390118060100123',
  language: 'star-prnt',
};
const EPSON: FoundDevice = {
  ...MPOP,
  kind: 'usb',
  address: '/dev/usb/lp0',
  vendor: 'EPSON',
  product: 'TM-T20II',
  serialNumber: 'X7',
  vendorId: '04b8',
  productId: '0e15',
  identity: '04b8:0e15:X7',
  language: 'esc-pos',
};
const QUEUE: FoundDevice = {
  ...EPSON,
  kind: 'queue',
  address: 'Kasir',
  vendor: '',
  product: 'usb://Star/mC-Print3?serial=9',
  serialNumber: '',
  identity: 'queue:Kasir',
};
const config = (transport: object, rest: object = {}): DeviceConfig =>
  deviceConfigSchema.parse({ printer: { transport }, ...rest });
const NONE = config({ kind: 'none' });
const CHOSEN = config({ kind: 'serial', path: MPOP.address, identity: MPOP.identity });

const choosing = (rest: Partial<DevState>): DevState =>
  managing({
    page: 'devices',
    devices: NONE,
    found: { devices: [MPOP, EPSON, QUEUE], problems: [] },
    ...rest,
  });

/** The set-up of printer and drawer. */
export const DEVICE_STATES = {
  devices: choosing({ devices: CHOSEN }),
  devices_none: choosing({ found: { devices: [], problems: [] } }),
  devices_problem: choosing({
    found: { devices: [EPSON], problems: [{ source: 'serial', detail: 'udevadm: not found' }] },
  }),
  devices_two: choosing({
    devices: config(
      { kind: 'queue', name: 'Kasir' },
      { drawer: { via: 'device', transport: { kind: 'tcp', host: '192.168.1.50', port: 9100 } } },
    ),
  }),
  devices_second: choosing({
    devices: config(
      { kind: 'serial', path: MPOP.address, identity: MPOP.identity },
      { fallbackPrinter: { transport: { kind: 'usb', path: EPSON.address, identity: EPSON.identity } } },
    ),
  }),
  devices_first_run: {
    ...choosing({ devices: CHOSEN }),
    view: (base) => ({ ...base, till: null, session: null, staff: [] }),
  },
} as const satisfies Record<string, DevState>;
