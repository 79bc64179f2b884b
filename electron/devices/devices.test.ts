import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Effects } from '../../shared/effects.ts';
import type { GrantAction } from '../../shared/grants.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { connectVirtual } from '../../test/sim/mpop/virtual-cable.ts';
import { createDevices, deviceConfigSchema } from './config.ts';
import type { Devices } from './devices.ts';
import type { SlipDocument } from './slip.ts';
import type { Transport } from './transport.ts';
import { issueUsePermit, UsePermit } from './use-permit.ts';
import { createVirtualPair } from './virtual.ts';

const SLIP: SlipDocument = { elements: [{ kind: 'text', text: 'Toko Maju' }] };

let clock: FakeClock;
let effects: Effects;

beforeEach(() => {
  clock = new FakeClock();
  effects = { clock, random: { bytes: (count) => new Uint8Array(count), jitter: () => 0.5 } };
});

function permit(...actions: GrantAction[]): UsePermit {
  return issueUsePermit({ grantId: 'g', actions, saleRef: 'S-1' });
}

/** A shop whose configured ports are virtual cables, by port number. */
function shop(mpops: Record<number, VirtualMpop>, config: object): Devices {
  return createDevices(deviceConfigSchema.parse(config), effects, {
    createTransport: (wanted): Transport | null => {
      if (wanted.kind !== 'tcp') return null;
      const { host, device } = createVirtualPair({ clock, label: `port ${wanted.port}` });
      const mpop = mpops[wanted.port];
      if (mpop === undefined) device.unplug();
      else connectVirtual(mpop, device);
      return host;
    },
  });
}

const printerAt = (port: number) => ({ transport: { kind: 'tcp', host: 'p', port } });

async function outcome<T>(promise: Promise<T>, ms = 5000): Promise<T | { code: string }> {
  let result: T | { code: string } = { code: 'still pending' };
  void promise.then(
    (value) => {
      result = value;
    },
    (error: { code: string }) => {
      result = { code: error.code };
    },
  );
  await clock.advance(ms);
  return result;
}

describe('no permit, no device', () => {
  let mpop: VirtualMpop;
  let devices: Devices;

  beforeEach(async () => {
    mpop = new VirtualMpop({ clock });
    devices = shop({ 1: mpop }, { printer: printerAt(1) });
    devices.start();
    await clock.advance(100);
  });

  test('a permit moves what it names, once', async () => {
    const both = permit('drawer.open', 'slip.print');
    expect(await outcome(devices.openDrawer(both))).toEqual({ sent: true, confirmed: true });
    expect(await outcome(devices.printSlip(both, SLIP))).toEqual({ ok: true });
    expect(await outcome(devices.openDrawer(both))).toEqual({ code: 'grant_already_used' });
    expect(await outcome(devices.printSlip(both, SLIP))).toEqual({ code: 'grant_already_used' });
    expect(mpop.drawerPulses).toHaveLength(1);
    expect(mpop.slips).toHaveLength(1);
  });

  test('two calls at once open the drawer once', async () => {
    const once = permit('drawer.open');
    const [first, second] = await Promise.all([
      outcome(devices.openDrawer(once), 0).then(() => clock.advance(3000)),
      outcome(devices.openDrawer(once), 0),
    ]);
    expect(first).toBeUndefined();
    expect(second).toEqual({ code: 'grant_already_used' });
    expect(mpop.drawerPulses).toHaveLength(1);
  });

  test('a permit for one does not move the other', async () => {
    expect(await outcome(devices.openDrawer(permit('slip.print')))).toEqual({
      code: 'grant_action_not_allowed',
    });
    expect(await outcome(devices.printSlip(permit('drawer.open'), SLIP))).toEqual({
      code: 'grant_action_not_allowed',
    });
    expect(mpop.drawerPulses).toHaveLength(0);
    expect(mpop.slips).toHaveLength(0);
  });

  test('a permit cannot be made up, copied or changed', async () => {
    const real = permit('drawer.open');
    const forgeries = [
      { grantId: 'g', saleRef: 'S-1' },
      Object.create(UsePermit.prototype),
      structuredClone(real),
      Object.assign(Object.create(Object.getPrototypeOf(real)), real),
    ] as UsePermit[];
    for (const forged of forgeries) {
      expect(await outcome(devices.openDrawer(forged), 0)).toEqual({ code: 'grant_action_not_allowed' });
    }
    expect(
      () => new (UsePermit as unknown as new (key: symbol, terms: object) => UsePermit)(Symbol('issued'), {}),
    ).toThrow('grant_action_not_allowed');
    const actions: GrantAction[] = ['slip.print'];
    const narrow = issueUsePermit({ grantId: 'g', actions, saleRef: 'S-1' });
    actions.push('drawer.open');
    expect(await outcome(devices.openDrawer(narrow), 0)).toEqual({ code: 'grant_action_not_allowed' });
    expect(mpop.drawerPulses).toHaveLength(0);
  });

  test('what never left does not use the permit up; what may have left does', async () => {
    const slip = permit('slip.print');
    mpop.removePaper();
    await clock.advance(10);
    expect(await outcome(devices.printSlip(slip, SLIP))).toMatchObject({
      failure: 'printer_paper_out',
      sent: 'none',
    });
    mpop.refill();
    await clock.advance(10);
    expect(await outcome(devices.printSlip(slip, SLIP))).toEqual({ ok: true });

    const other = permit('slip.print');
    await expect(devices.printSlip(other, { elements: [{ kind: 'barcode', data: 'ş' }] })).rejects.toThrow(
      'barcode',
    );
    expect(await outcome(devices.printSlip(other, SLIP))).toEqual({ ok: true });

    const drawer = permit('drawer.open');
    mpop.unplug();
    expect(await outcome(devices.openDrawer(drawer), 10)).toEqual({ code: 'drawer_absent' });
    mpop.plug();
    await clock.advance(5000);
    mpop.jamDrawer(true);
    expect(await outcome(devices.openDrawer(drawer))).toEqual({ sent: true, confirmed: false });
    expect(await outcome(devices.openDrawer(drawer))).toEqual({ code: 'grant_already_used' });
  });

  test('nobody but the store issues permits', () => {
    const root = join(import.meta.dirname, '../..');
    const folders = ['electron', 'shared', 'cloud', 'renderer', 'scripts', 'test'];
    const callers = folders
      .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|js)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => /issueUsePermit/.test(readFileSync(path, 'utf8')))
      .map((path) => relative(root, path))
      .filter((path) => !/\.test\.tsx?$/.test(path) && !path.startsWith('electron/store/'));
    expect(callers).toEqual(['electron/devices/use-permit.ts']);
  });
});

describe('which devices there are', () => {
  test('a dead printer does not delay the drawer on another device', async () => {
    const till = new VirtualMpop({ clock });
    const devices = shop(
      { 2: till },
      { printer: printerAt(1), drawer: { via: 'device', transport: { kind: 'tcp', host: 'd', port: 2 } } },
    );
    devices.start();
    await clock.advance(100);
    const slip = outcome(devices.printSlip(permit('slip.print'), SLIP), 0);
    expect(await outcome(devices.openDrawer(permit('drawer.open')), 50)).toEqual({
      sent: true,
      confirmed: true,
    });
    expect(await slip).toMatchObject({ failure: 'printer_absent' });
    expect(devices.state).toMatchObject({
      printer: { link: 'waiting' },
      drawer: { link: 'ready', position: 'open' },
    });
    await devices.stop();
  });

  test('none at all: absent, at once', async () => {
    const devices = shop({}, { printer: { transport: { kind: 'none' } } });
    devices.start();
    expect(await outcome(devices.openDrawer(permit('drawer.open')), 0)).toEqual({ code: 'drawer_absent' });
    expect(await outcome(devices.printSlip(permit('slip.print'), SLIP), 0)).toMatchObject({
      failure: 'printer_absent',
      sent: 'none',
    });
    expect(devices.state.printer.link).toBe('not_configured');
  });

  test('the state tells of paper, cover and drawer as they change', async () => {
    const mpop = new VirtualMpop({ clock });
    const devices = shop({ 1: mpop }, { printer: printerAt(1) });
    devices.start();
    await clock.advance(100);
    const papers: string[] = [];
    devices.onChange((state) => papers.push(`${state.printer.paper} ${state.printer.obstacle}`));
    mpop.setPaperMm(300);
    mpop.removePaper();
    mpop.openCover();
    await clock.advance(10);
    expect(papers).toEqual(['near_end null', 'out printer_paper_out', 'out printer_cover_open']);
    expect(devices.state.printer).toMatchObject({ coverOpen: true, label: 'port 1' });
  });

  test('the configuration is checked, and its defaults are an mPOP', () => {
    const config = deviceConfigSchema.parse({ printer: { transport: { kind: 'serial', path: 'COM3' } } });
    expect(config).toEqual({
      printer: {
        transport: { kind: 'serial', path: 'COM3', baudRate: 115_200 },
        language: 'star-prnt',
        columns: 32,
        drawerPolarity: 'high_is_open',
      },
      drawer: { via: 'printer' },
      drawerPulse: { onTime: 20, offTime: 20 },
      drawerConnector: 1,
    });
    for (const wrong of [
      { printer: { transport: { kind: 'serial', path: '' } } },
      { printer: { transport: { kind: 'tcp', host: 'p', port: 0 } } },
      { printer: { transport: { kind: 'none' }, columns: 40 } },
      { printer: { transport: { kind: 'none' } }, drawerPulse: { onTime: 128, offTime: 20 } },
    ]) {
      expect(deviceConfigSchema.safeParse(wrong).success).toBe(false);
    }
  });
});
