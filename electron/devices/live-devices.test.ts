import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type DeviceConfig, deviceConfigSchema } from '../../shared/device-config.ts';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { listenTcp } from '../../test/sim/mpop/server.ts';
import { keepDevices } from '../host/keep-devices.ts';
import { createDevices, createTransport } from './config.ts';
import { createLiveDevices } from './live-devices.ts';

afterAll(removeTempFolders);

const NONE = deviceConfigSchema.parse({ printer: { transport: { kind: 'none' } } });
const at = (port: number): DeviceConfig =>
  deviceConfigSchema.parse({ printer: { transport: { kind: 'tcp', host: '127.0.0.1', port } } });

test('from no printer to one and to another, while whoever listens goes on listening', async () => {
  const mpops = [new VirtualMpop({ clock: systemClock }), new VirtualMpop({ clock: systemClock })];
  const servers = await Promise.all(mpops.map((mpop) => listenTcp(mpop, 0)));
  const [first, second] = servers;
  if (first === undefined || second === undefined) throw new Error('no servers');
  const order: string[] = [];
  const live = createLiveDevices(
    NONE,
    (config) =>
      createDevices(config, systemEffects, {
        createTransport(chosen, effects) {
          const made = createTransport(chosen, effects);
          made?.onClose(({ why }) => order.push(`${made.describe.label} ${why}`));
          return made;
        },
      }),
    () => () => undefined,
  );
  const labels: string[] = [];
  live.onChange(({ printer }) => labels.push(`${printer.label} ${printer.link}`));
  live.start();
  expect(await live.printTestPage({ look: { language: 'en' }, time: '12 Nov 2026 14.05' })).toMatchObject({
    ok: false,
    failure: 'printer_absent',
  });

  for (const { port } of [first, second]) {
    await live.reopen(at(port));
    await expect.poll(() => live.state.printer.link, { timeout: 5_000 }).toBe('ready');
    expect(await live.printTestPage({ look: { language: 'en' }, time: '12 Nov 2026 14.05' })).toEqual({
      ok: true,
    });
    expect(labels).toContain(`127.0.0.1:${port} ready`);
  }
  expect(mpops.map(({ slips }) => slips.length)).toEqual([1, 1]);
  expect(live.config).toEqual(at(second.port));
  // The one before has let go of its port.
  expect(order).toEqual([`127.0.0.1:${first.port} asked`]);
  await live.stop();
  await Promise.all(servers.map((server) => server.close()));
});

test('something was plugged in: a link that waits looks at once, and only while started', async () => {
  let plugged: () => void = () => undefined;
  const mpop = new VirtualMpop({ clock: systemClock });
  const server = await listenTcp(mpop, 0);
  const { port } = server;
  await server.close();
  // Nothing but a nudge ends the wait of this till.
  const clock = {
    ...systemClock,
    schedule: (ms: number, fn: () => void) => systemClock.schedule(ms < 3_000 && ms > 100 ? 600_000 : ms, fn),
  };
  const live = createLiveDevices(
    at(port),
    (config) => createDevices(config, { ...systemEffects, clock }),
    (changed) => {
      plugged = changed;
      return () => {
        plugged = () => undefined;
      };
    },
  );
  live.start();
  await expect.poll(() => live.state.printer.link, { timeout: 5_000 }).toBe('waiting');
  const again = await listenTcp(mpop, port);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(live.state.printer.link).toBe('waiting');
  plugged();
  await expect.poll(() => live.state.printer.link, { timeout: 5_000 }).toBe('ready');
  await live.stop();
  await again.close();
});

test('a choice is kept beside what else is in the file', async () => {
  const file = join(tempFolder(), 'till.json');
  await keepDevices(file, at(9100));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ devices: at(9100) });
  writeFileSync(file, JSON.stringify({ posLink: { port: 1 }, devices: NONE }));
  await keepDevices(file, at(9101));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ posLink: { port: 1 }, devices: at(9101) });
  writeFileSync(file, '{ half');
  await expect(keepDevices(file, NONE)).rejects.toThrow();
  expect(readFileSync(file, 'utf8')).toBe('{ half');
});
