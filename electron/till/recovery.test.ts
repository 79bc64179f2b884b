import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { outboxBatchSchema } from '../../shared/offline.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { RIGHT_CODE } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { RESUME_WITHIN_MS } from './recovery.ts';
import type { RedemptionStep, TillStep } from './steps.ts';

afterAll(removeTempFolders);

/**
 * Keeps the folder as it lies at one step, as a crash there would, and cuts the till that goes on off from gateway and
 * devices. What is opened then is that copy. The real SIGKILL at every step is in test/crash.
 */
async function diesAt(step: RedemptionStep, before: (desk: Desk) => void = () => {}): Promise<Desk> {
  let copy: string | null = null;
  const onStep = (now: TillStep) => {
    if (now !== step || copy !== null) return;
    copy = `${desk.dataDir}-crashed`;
    cpSync(desk.dataDir, copy, { recursive: true });
    desk.gateway.trouble.set('*', 'down');
    desk.devices.unplugged = true;
  };
  const desk = await openDesk({ onStep });
  await desk.signIn();
  before(desk);
  const { id } = await desk.begin().catch(() => ({ id: null }));
  if (id !== null) {
    const submitted = desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE });
    await desk.call(submitted).catch(() => undefined);
  }
  await desk.call(desk.till.stop());
  if (copy === null) throw new Error(`${step} was never reached`);
  const { clock, gateway, devices } = desk;
  gateway.trouble.clear();
  devices.unplugged = false;
  devices.printing = { ok: true };
  return openDesk({ clock, gateway, devices, dataDir: copy });
}

/** The same folder under a new till, stopped in good order. */
async function again(desk: Desk): Promise<Desk> {
  await desk.call(desk.till.stop());
  const { clock, gateway, devices, dataDir } = desk;
  return openDesk({ clock, gateway, devices, dataDir });
}

describe('after a crash', () => {
  it('with the grant taken at the gateway and not saved here, it is taken again and used once', async () => {
    const desk = await diesAt('grant_saved');
    await desk.run(1_000);
    expect(desk.shown()).toMatchObject({ stage: 'done', settlement: 'confirmed' });
    expect([
      desk.devices.pulses,
      desk.devices.slips.length,
      desk.gateway.redemptions.captured.length,
    ]).toEqual([1, 1, 1]);
  });

  it('with the grant consumed the drawer is never opened again, and the slip that never began is printed', async () => {
    const desk = await diesAt('grant_consumed');
    await desk.run(1_000);
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'confirmed',
      drawer: { state: 'unconfirmed', error: { code: 'drawer_not_confirmed' } },
      slip: { state: 'printed' },
    });
    expect([
      desk.devices.pulses,
      desk.devices.slips.length,
      desk.gateway.redemptions.captured.length,
    ]).toEqual([0, 1, 1]);
  });

  it('with the slip on its way it counts as failed and its reprint as a copy', async () => {
    const desk = await diesAt('slip_printing', ({ devices }) => {
      devices.printing = { ok: false, failure: 'printer_unplugged', sent: 'some', detail: '' };
    });
    await desk.run(1_000);
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'confirmed',
      slip: { state: 'failed', error: { code: 'slip_cut_off' } },
    });
    await desk.signIn();
    await desk.call(desk.till.invoke('redemption.reprint', { redemptionId: desk.shown().id }));
    expect(desk.devices.slips).toEqual([expect.stringContaining('SALINAN')]);
    expect(desk.devices.pulses).toBe(1);
  });

  it('goes on waiting for the code that the customer has', async () => {
    const before = await openDesk();
    await before.signIn();
    const { id } = await before.begin();
    const desk = await again(before);
    await desk.run();
    expect(desk.shown()).toMatchObject({ id, stage: 'awaiting_code', code: { triesLeft: 5 } });
    expect(desk.gateway.redemptions.held.size).toBe(1);
  });

  it('asks the gateway again for a fresh wish, by the same key', async () => {
    const desk = await diesAt('request_sent');
    await desk.run(1_000);
    expect(desk.shown()).toMatchObject({ stage: 'awaiting_code', code: { triesLeft: 5 } });
    expect(desk.gateway.only().status).toBe('awaiting_code');
  });

  it('sends nobody a code for a wish that has grown old', async () => {
    const before = await openDesk();
    await before.signIn();
    before.gateway.trouble.set('/redemptions', 'hang');
    before.till
      .invoke('redemption.start', {
        customerId: before.gateway.customer.id,
        asset: 'deposit',
        amount: 5,
        drawer: false,
      })
      .catch(() => undefined);
    await before.run(10);
    // The folder as a crash leaves it: opened by nobody, with the wish in it.
    const { clock, gateway, devices, dataDir } = before;
    const copy = `${dataDir}-copy`;
    cpSync(dataDir, copy, { recursive: true });
    await before.call(before.till.stop());
    gateway.trouble.clear();
    clock.setWall(clock.now() + RESUME_WITHIN_MS + 1);
    const desk = await openDesk({ clock, gateway, devices, dataDir: copy });
    await desk.run(1_000);
    expect(gateway.redemptions.held.size).toBe(0);
    expect(desk.till.view().redemption).toBeNull();
    await desk.signIn();
    expect((await desk.begin()).stage).toBe('awaiting_code');
  });

  it('waits, and shows what is open, while the line is down', async () => {
    const before = await openDesk();
    await before.signIn();
    await before.begin();
    before.gateway.trouble.set('*', 'down');
    const desk = await again(before);
    await desk.run(5_000);
    expect(desk.shown()).toMatchObject({ stage: 'awaiting_code', code: null });
    expect(desk.till.view().status.gateway.state).toBe('offline');
    desk.gateway.trouble.clear();
    await desk.run(10_000);
    expect(desk.till.view().status.gateway.state).toBe('online');
    expect(desk.shown().code).not.toBeNull();
  });

  it('sends a capture that was queued, once', async () => {
    const before = await openDesk();
    await before.signIn();
    const { id } = await before.begin();
    before.gateway.trouble.set('/outbox', 'down');
    await before.call(before.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await before.run();
    expect(before.shown()).toMatchObject({ stage: 'done', settlement: 'queued' });
    before.gateway.trouble.clear();
    const desk = await again(before);
    await desk.run(5_000);
    expect(desk.shown()).toMatchObject({ stage: 'done', settlement: 'confirmed' });
    expect(desk.gateway.redemptions.captured).toHaveLength(1);
    const { requests } = desk.gateway;
    const batches = requests.filter(({ path }) => path.endsWith('/outbox')).map(({ body }) => body);
    const keys = batches.flatMap((body) => outboxBatchSchema.parse(body).items.map((item) => item.id));
    expect(new Set(keys).size).toBe(1);
  });
});

describe('what the gateway holds for this till', () => {
  const unknown = {
    saleRef: 'S-ELSEWHERE',
    asset: 'deposit',
    amount: 7,
    drawer: false,
    key: 'another-key',
    text: '',
  } as const;

  it('is cancelled when it was never verified', async () => {
    const desk = await openDesk();
    desk.gateway.redemptions.hold(unknown);
    desk.gateway.cut();
    await desk.run(5_000);
    expect(desk.gateway.only().status).toBe('released');
  });

  it('is left to a person when it was verified and this till knows nothing of it', async () => {
    const desk = await openDesk();
    const { redemption } = desk.gateway.redemptions.hold(unknown);
    desk.gateway.change(redemption.id, 'code_accepted', false);
    for (let turn = 0; turn < 2; turn += 1) {
      desk.gateway.cut();
      await desk.run(5_000);
    }
    expect(desk.gateway.only().status).toBe('authorised');
    expect(desk.till.view().status.outbox).toMatchObject({ pending: 0, attention: 1 });
    expect(desk.devices.pulses).toBe(0);
  });
});

describe('a second till on the same folder', () => {
  it('says that another has it, moves nothing, and takes over when that one ends', async () => {
    const desk = await openDesk();
    const { clock, gateway, devices, dataDir } = desk;
    const second = await openDesk({ clock, gateway, devices, dataDir });
    expect(second.till.view()).toMatchObject({
      till: null,
      trouble: [{ kind: 'database_locked', stopsMoney: true, error: { code: 'database_locked' } }],
    });
    await expect(second.begin()).rejects.toMatchObject({ code: 'database_locked' });
    await desk.call(desk.till.stop());
    await second.run(6_000);
    expect(second.till.view()).toMatchObject({ till: { name: 'Kasir 1' }, trouble: [] });
  });
});
