import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { amountSchema } from '../../shared/money.ts';
import type { Desk } from '../../test/fixtures/desk.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import {
  CASHIER_ID,
  CUSTOMER_ID,
  MANAGER_ID,
  RIGHT_CODE,
  SUPERVISOR_ID,
} from '../../test/fixtures/fake-gateway.ts';
import {
  beginOffline,
  cutLine,
  issueCodes,
  mendLine,
  openOfflineDesk,
  SEALED,
  say,
} from '../../test/fixtures/offline-desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import type { RedemptionStep, TillStep } from './steps.ts';

afterAll(removeTempFolders);

/** Long enough for the line to be known as down. */
const NOTICED_MS = 12_000;
const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount: 50_000, drawer: true } as const;
const told = ({ gateway }: Desk) => [...gateway.offline.redemptions.values()];

describe('spending without a line', () => {
  it('goes on where others refuse: offline loyalty wanted (erpnext#14885)', async () => {
    const desk = await openOfflineDesk();
    expect(desk.till.view().status).toMatchObject({
      gateway: { state: 'offline' },
      sealed: { codesLeft: 3 },
      cache: { customers: 1 },
    });
    const begun = await beginOffline(desk);
    expect(begun).toMatchObject({
      stage: 'awaiting_sealed',
      availableAfter: 450_000,
      sealed: {
        supervisors: [
          { id: SUPERVISOR_ID, name: 'Siti', codesLeft: 2 },
          { id: MANAGER_ID, name: 'Hendra', codesLeft: 1 },
        ],
        triesLeft: 5,
        lockedForMs: null,
        available: 500_000,
        left: { customer: 200_000, till: 1_000_000 },
      },
    });
    await say(desk, 'k7qm-3xw9');
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'queued',
      drawer: { state: 'opened' },
      slip: { state: 'printed' },
    });
    expect(desk.devices.pulses).toBe(1);
    expect(desk.devices.slips).toEqual([expect.stringContaining('OFFLINE')]);
    expect(desk.devices.slips[0]).toContain('Siti');
    expect(told(desk)).toEqual([]);

    await mendLine(desk);
    expect(desk.shown().settlement).toBe('confirmed');
    expect(told(desk)).toEqual([
      expect.objectContaining({
        id: begun.id,
        supervisorId: SUPERVISOR_ID,
        customerId: CUSTOMER_ID,
        staffId: CASHIER_ID,
        amount: 50_000,
        bundleSerial: 1,
        drawer: true,
        slip: 'printed',
        believed: expect.objectContaining({ available: 500_000 }),
      }),
    ]);
    expect(desk.gateway.redemptions.held.size).toBe(0);
  });

  it('is told apart among the latest ones, also once it is confirmed', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    await mendLine(desk);
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run(1_000);
    expect(desk.till.view().recent).toMatchObject([
      { id, offline: false, settlement: 'confirmed' },
      { offline: true, settlement: 'confirmed' },
    ]);
  });

  it('is refused while policy has it off, and where no codes are held', async () => {
    const desk = await openDesk();
    await desk.signIn();
    await cutLine(desk);
    await expect(desk.call(desk.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: 'offline_not_allowed',
    });
    expect(desk.till.view()).toMatchObject({ redemption: null, status: { sealed: null } });
  });

  it('takes over a wish that never left, although nobody knew that the line was down', async () => {
    const desk = await openDesk();
    issueCodes(desk);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(2_000);
    await desk.signIn();
    desk.gateway.trouble.set('/redemptions', 'down');
    expect((await beginOffline(desk)).stage).toBe('awaiting_sealed');
    expect(desk.gateway.redemptions.held.size).toBe(0);
  });

  it('leaves a wish whose answer was lost to the gateway, and takes no code for it', async () => {
    const desk = await openDesk();
    issueCodes(desk);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(2_000);
    await desk.signIn();
    desk.gateway.trouble.set('/redemptions', 'lose_answer');
    await expect(desk.call(desk.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
  });

  it('may be given up when the line is back, and started anew in the ordinary way', async () => {
    const desk = await openOfflineDesk();
    const { id } = await beginOffline(desk);
    await mendLine(desk);
    expect(desk.shown().stage).toBe('awaiting_sealed');
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    expect((await desk.begin()).stage).toBe('awaiting_code');
    await desk.call(
      desk.till.invoke('redemption.submitCode', { redemptionId: desk.shown().id, code: RIGHT_CODE }),
    );
    await desk.run(1_000);
    expect(desk.shown().settlement).toBe('confirmed');
    expect(told(desk)).toEqual([]);
  });

  it('shows a terminal the same way with its own word', async () => {
    const desk = await openOfflineDesk();
    const create = {
      customer: { memberNo: 'M-1001' },
      asset: 'deposit',
      amount: amountSchema.parse(50_000),
      saleRef: 'INV/7',
      drawer: false,
      capture: 'manual',
    } as const;
    const made = await desk.call(desk.till.pos.start('terminal-key-7', create));
    expect(made).toMatchObject({ status: 'awaiting_sealed', customer: { name: 'Ayu Pratiwi' } });
    expect((await desk.till.pos.start('terminal-key-7', create)).id).toBe(made.id);
    await say(desk, SEALED[0]);
    expect(desk.till.pos.get(made.id).status).toBe('authorised');
    await desk.till.pos.capture(made.id, 'terminal-key-8');
    expect(desk.till.pos.get(made.id).status).toBe('capturing');
    await mendLine(desk);
    expect(desk.till.pos.get(made.id).status).toBe('captured');
    expect(told(desk)).toHaveLength(1);
  });

  it('that the terminal takes back tells the gateway nothing, and the code stays used', async () => {
    const desk = await openOfflineDesk();
    const create = {
      customer: { phone: '0812-3456-7801' },
      asset: 'deposit',
      amount: amountSchema.parse(50_000),
      saleRef: 'INV/8',
      drawer: false,
      capture: 'manual',
    } as const;
    const made = await desk.call(desk.till.pos.start('terminal-key-9', create));
    await say(desk, SEALED[0]);
    await desk.till.pos.cancel(made.id, 'terminal-key-10');
    expect(desk.till.pos.get(made.id).status).toBe('cancelled');
    expect((await beginOffline(desk)).sealed?.available).toBe(500_000);
    await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_used' });
    await mendLine(desk);
    expect(told(desk)).toEqual([]);
  });
});

describe('after a crash without a line', () => {
  /** The folder as it lies at one step; the till that goes on is cut off from its devices. */
  async function diesAt(step: RedemptionStep): Promise<Desk> {
    let copy: string | null = null;
    let desk: Desk | null = null;
    const onStep = (now: TillStep) => {
      if (now !== step || copy !== null || desk === null) return;
      copy = `${desk.dataDir}-crashed`;
      cpSync(desk.dataDir, copy, { recursive: true });
      desk.devices.unplugged = true;
    };
    desk = await openOfflineDesk({ onStep });
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    const { clock, gateway, devices } = desk;
    await desk.call(desk.till.stop());
    if (copy === null) throw new Error(`${step} was never reached`);
    devices.unplugged = false;
    return openDesk({ clock, gateway, devices, dataDir: copy });
  }

  it.each([
    ['grant_saved', 0],
    ['grant_consumed', 1],
    ['drawer_written', 1],
    ['slip_sent', 1],
    ['slip_confirmed', 1],
    ['capture_queued', 1],
  ] as const)('at %s the code is used at most once and the money told exactly once', async (step, spent) => {
    const desk = await diesAt(step);
    await desk.run(NOTICED_MS);
    await desk.signIn();
    if (spent === 0) {
      expect(desk.shown().stage).toBe('awaiting_sealed');
      await say(desk, SEALED[0]);
    } else {
      expect(desk.shown()).toMatchObject({ stage: 'done', settlement: 'queued' });
      await beginOffline(desk, 10_000);
      await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_used' });
    }
    expect(desk.devices.pulses).toBeLessThanOrEqual(1);
    await mendLine(desk);
    expect(told(desk)).toHaveLength(1);
    expect(desk.gateway.offline.told).toBe(1);
  });

  it('of the line the answer that was lost is asked for again, and nothing is doubled (odoo#152259)', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    desk.gateway.trouble.clear();
    desk.gateway.trouble.set('/v1/outbox', 'lose_answer');
    await desk.run(10_000);
    await mendLine(desk);
    expect(desk.gateway.offline.told).toBeGreaterThan(1);
    expect(told(desk)).toHaveLength(1);
    expect(desk.shown().settlement).toBe('confirmed');
  });
});
