import type { VirtualDeviceEnd } from '../../../electron/devices/virtual.ts';
import type { VirtualMpop } from './mpop.ts';

/** Connects the simulator to the device's end of a virtual pair; its unplug() and plug() pull that cable. */
export function connectVirtual(mpop: VirtualMpop, device: VirtualDeviceEnd): void {
  let attached: ReturnType<VirtualMpop['attach']> = null;
  device.onReceive((bytes) => attached?.receive(bytes));
  device.onConnection((connected) => {
    attached?.detach();
    attached = connected
      ? mpop.attach({ send: (bytes) => device.send(bytes), close: () => device.unplug() })
      : null;
  });
  mpop.onChange(() => {
    if (mpop.state.plugged) device.plug();
    else device.unplug();
  });
}
