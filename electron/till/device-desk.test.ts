import { expect, test } from 'vitest';
import { type DeviceConfig, deviceConfigSchema } from '../../shared/device-config.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { PrintResult } from '../devices/print-job.ts';
import type { Core } from './core.ts';
import { createDeviceDesk } from './device-desk.ts';
import type { DeviceSetup } from './ports.ts';
import type { Sessions } from './session.ts';

const NONE = deviceConfigSchema.parse({ printer: { transport: { kind: 'none' } } });

function deskOf(who: 'nobody' | 'cashier' | 'manager', paired: boolean, over: Partial<DeviceSetup> = {}) {
  const done: string[] = [];
  const setup: DeviceSetup = {
    config: () => NONE,
    find: async () => ({ devices: [], problems: [] }),
    use: async () => void done.push('use'),
    printTestPage: async (): Promise<PrintResult> => {
      done.push('print');
      return { ok: true };
    },
    testDrawer: async () => {
      done.push('drawer');
      return { confirmed: true };
    },
    ...over,
  };
  const printing = new Set<string>();
  const core = {
    identity: paired ? { tillName: 'Kasir 1' } : null,
    context: null,
    effects: { clock: { now: () => 0 } },
    desk: { printing },
    changed: () => undefined,
    store: { settings: { screen: () => null }, audit: { record: (kind: string) => done.push(kind) } },
  } as unknown as Core;
  const sessions = {
    require: () => {
      if (who === 'nobody') throw Object.assign(new Error(), { code: 'not_signed_in' satisfies ErrorCode });
      return { staffId: 's', role: who };
    },
  } as unknown as Sessions;
  return { desk: createDeviceDesk(core, sessions, setup), done, printing };
}
const save = (desk: ReturnType<typeof deskOf>['desk'], config: DeviceConfig = NONE) =>
  desk['devices.save']({ config });

test('a manager sets up; each step is on the chain before it happens', async () => {
  const { desk, done } = deskOf('manager', true);
  await save(desk);
  await desk['devices.testPrint']();
  expect(done).toEqual(['devices.configured', 'use', 'printer.tested', 'print']);
});

test.each([
  ['cashier', 'role_not_allowed'],
  ['nobody', 'not_signed_in'],
] as const)('%s at a paired till: nothing is told, kept or moved', async (who, code) => {
  const { desk, done } = deskOf(who, true);
  await expect(desk['devices.get']()).rejects.toMatchObject({ code });
  await expect(desk['devices.find']()).rejects.toMatchObject({ code });
  await expect(save(desk)).rejects.toMatchObject({ code });
  await expect(desk['devices.testPrint']()).rejects.toMatchObject({ code });
  await expect(desk['devices.testDrawer']()).rejects.toMatchObject({ code });
  expect(done).toEqual([]);
});

test('no grant, no drawer: at a paired till not even a manager tries it from here', async () => {
  const { desk, done } = deskOf('manager', true);
  await expect(desk['devices.testDrawer']()).rejects.toMatchObject({ code: 'drawer_test_refused' });
  expect(done).toEqual([]);
});

test('before the pairing anybody sets up and tries the drawer, on the chain', async () => {
  const { desk, done } = deskOf('nobody', false);
  await save(desk);
  expect(await desk['devices.testDrawer']()).toEqual({ confirmed: true });
  expect(done).toEqual(['devices.configured', 'use', 'drawer.tested', 'drawer']);
});

test('not while a slip is being printed; what could not be kept is told and is on the chain', async () => {
  const busy = deskOf('manager', true);
  busy.printing.add('r');
  await expect(save(busy.desk)).rejects.toMatchObject({ code: 'not_ready' });
  expect(busy.done).toEqual([]);
  const full = deskOf('manager', true, { use: () => Promise.reject(new Error('ENOSPC')) });
  await expect(save(full.desk)).rejects.toMatchObject({ code: 'devices_not_kept' });
  expect(full.done).toEqual(['devices.configured', 'devices.not_kept']);
});

test('a page that the printer does not confirm is no success', async () => {
  const { desk } = deskOf('manager', true, {
    printTestPage: async () => ({ ok: false, failure: 'printer_unconfirmed', sent: 'all', detail: '' }),
  });
  await expect(desk['devices.testPrint']()).rejects.toMatchObject({ code: 'printer_unconfirmed' });
});
