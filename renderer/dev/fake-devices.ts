import type { BridgeInput, BridgeOutput, TillView } from '../../shared/bridge.ts';
import { type DeviceConfig, deviceConfigSchema } from '../../shared/device-config.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { DevState } from './states.ts';

type Methods = 'devices.get' | 'devices.find' | 'devices.save' | 'devices.testPrint' | 'devices.testDrawer';
type Handlers = { [M in Methods]: (input: BridgeInput<M>) => BridgeOutput<M> };

/** Printer and drawer of the scripted till: whatever is chosen works. */
export function fakeDevices(options: {
  state: DevState;
  view(): TillView;
  set(change: Partial<TillView>): void;
}): Handlers {
  const { state, view, set } = options;
  let config: DeviceConfig =
    state.devices ?? deviceConfigSchema.parse({ printer: { transport: { kind: 'none' } } });
  return {
    'devices.get': () => ({ config }),
    'devices.find': () => state.found ?? { devices: [], problems: [] },
    'devices.save': (input) => {
      config = deviceConfigSchema.parse(input.config);
      const { kind } = config.printer.transport;
      const printer = kind === 'none' ? 'none' : kind === 'queue' ? 'no_status' : 'ready';
      set({
        status: {
          ...view().status,
          printer: { state: printer, label: '' },
          drawer: { state: config.drawer.via === 'none' ? 'none' : 'closed' },
        },
      });
      return {};
    },
    'devices.testPrint': () => {
      if (config.printer.transport.kind === 'none') throw new SaksiError('printer_absent');
      return {};
    },
    'devices.testDrawer': () => ({ confirmed: true }),
  };
}
