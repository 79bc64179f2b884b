import { afterEach, expect, test } from 'vitest';
import { deviceConfigSchema } from '../../shared/device-config.ts';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';
import { listenTcp, type TcpServer } from '../../test/sim/mpop/server.ts';
import { createDevices, createTransport } from './config.ts';
import type { Devices } from './devices.ts';
import type { SlipDocument } from './slip.ts';
import { issueUsePermit } from './use-permit.ts';

const SLIP: SlipDocument = { elements: [{ kind: 'text', text: 'Toko Maju' }] };
const servers: TcpServer[] = [];
let devices: Devices;

afterEach(async () => {
  await devices.stop();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A till with two printers, and its drawer at the second one. */
async function twoPrinters() {
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async () => {
      const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: null, bytesPerSecond: null });
      const server = await listenTcp(mpop, 0);
      servers.push(server);
      return { mpop, transport: { kind: 'tcp', host: '127.0.0.1', port: server.port } as const };
    }),
  );
  if (first === undefined || second === undefined) throw new Error('no printers');
  const opened: string[] = [];
  devices = createDevices(
    deviceConfigSchema.parse({
      printer: { transport: first.transport },
      fallbackPrinter: { transport: second.transport, columns: 48 },
      drawer: { via: 'device', transport: second.transport },
    }),
    systemEffects,
    {
      createTransport(config, effects) {
        const made = createTransport(config, effects);
        if (made !== null) opened.push(made.describe.label);
        return made;
      },
    },
  );
  devices.start();
  await expect
    .poll(() => [devices.state.printer.link, devices.state.fallback?.link])
    .toEqual(['ready', 'ready']);
  return { first: first.mpop, second: second.mpop, opened };
}

const permit = () => issueUsePermit({ grantId: 'g', actions: ['drawer.open', 'slip.print'], saleRef: 's' });

test('what is for the second printer prints there alone, in its width; its drawer shares the connection', async () => {
  const { first, second, opened } = await twoPrinters();
  const leave = permit();
  expect(await devices.openDrawer(leave)).toEqual({ sent: true, confirmed: true });
  expect(await devices.printSlip(leave, { elements: [{ kind: 'rule' }] }, 'fallback')).toEqual({ ok: true });
  expect([first.slips.length, second.slips.length]).toEqual([0, 1]);
  expect(slipText(second.slips[0]?.elements ?? [])[0]).toHaveLength(48);
  expect([first.drawerPulses.length, second.drawerPulses.length]).toEqual([0, 1]);
  expect(opened).toHaveLength(2);
});

test('told that a slip is about to leave, whoever cannot write that down holds it back', async () => {
  const { first } = await twoPrinters();
  const leave = permit();
  const full = new Error('disk full');
  const refuse = () => {
    throw full;
  };
  await expect(devices.printSlip(leave, SLIP, 'printer', refuse)).rejects.toBe(full);
  expect([first.slips.length, first.uncut.length]).toEqual([0, 0]);
  // Nothing left, so the leave stands, and the printer is free for the next.
  const order: string[] = [];
  const printed = devices.printSlip(leave, SLIP, 'printer', () =>
    order.push(`leaving ${first.slips.length}`),
  );
  expect(await printed).toEqual({ ok: true });
  expect(order).toEqual(['leaving 0']);
  expect(first.slips).toHaveLength(1);
});
