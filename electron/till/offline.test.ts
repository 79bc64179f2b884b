import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
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
import { CUSTOMER_PHONE } from '../../test/fixtures/fake-offline.ts';
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

const HOUR_MS = 3_600_000;
/** Long enough for the line to be known as down. */
const NOTICED_MS = 12_000;
const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount: 50_000, drawer: true } as const;
const told = ({ gateway }: Desk) => [...gateway.offline.redemptions.values()];

async function restarted(desk: Desk): Promise<Desk> {
  const next = await desk.restart();
  await next.signIn();
  return next;
}

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
    expect(desk.gateway.held.size).toBe(0);
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
    expect(desk.gateway.held.size).toBe(0);
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

describe('a sealed code', () => {
  it('is taken once, over a restart and a newer bundle', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    const next = await restarted(desk);
    await beginOffline(next, 10_000);
    await expect(say(next, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_used' });
    expect(next.shown()).toMatchObject({ stage: 'awaiting_sealed', error: { code: 'sealed_code_used' } });
    await say(next, SEALED[1]);
    expect(next.shown().stage).toBe('done');
    expect(next.devices.pulses).toBe(2);
  });

  it('is never the own of whoever asked or is signed in', async () => {
    const desk = await openOfflineDesk();
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(SUPERVISOR_ID);
    const begun = await beginOffline(desk);
    expect(begun.sealed?.supervisors.map(({ id }) => id)).toEqual([MANAGER_ID]);
    await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_own' });
    await say(desk, SEALED[2], MANAGER_ID);
    expect(desk.shown().stage).toBe('done');
  });

  it('of somebody who has left or lost the role is none', async () => {
    const desk = await openOfflineDesk();
    await mendLine(desk);
    const gone = desk.gateway.staff.findIndex(({ id }) => id === SUPERVISOR_ID);
    desk.gateway.staff.splice(gone, 1);
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(1_000);
    await cutLine(desk);
    expect((await beginOffline(desk)).sealed?.supervisors.map(({ id }) => id)).toEqual([MANAGER_ID]);
    await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_unknown' });
  });

  it('that is not in the newest bundle is worth nothing, and one that is stands for the wish in hand', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    desk.gateway.offline.serial = 2;
    issueCodes(desk, ['QQQQ2222', 'QQQQ3333', 'QQQQ4444']);
    desk.gateway.trouble.clear();
    desk.till.wake();
    await desk.run(8_000);
    await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_wrong' });
    await say(desk, 'QQQQ2222');
    await desk.run(1_000);
    expect(told(desk)).toEqual([expect.objectContaining({ bundleSerial: 2 })]);
  });

  it('that is no sealed code costs no try; of another supervisor it does', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await expect(say(desk, '12345')).rejects.toMatchObject({ code: 'sealed_code_malformed' });
    expect(desk.shown().sealed?.triesLeft).toBe(5);
    await expect(say(desk, SEALED[2])).rejects.toMatchObject({
      code: 'sealed_code_wrong',
      params: { triesLeft: 4 },
    });
    expect(desk.shown()).toMatchObject({ stage: 'awaiting_sealed', sealed: { triesLeft: 4 } });
  });

  it('guessed too often locks the till, over a restart, a clock set forward, and twice as long again', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    const guess = (at: Desk) => say(at, 'WRNG0000');
    for (const triesLeft of [4, 3, 2, 1]) {
      await expect(guess(desk)).rejects.toMatchObject({ code: 'sealed_code_wrong', params: { triesLeft } });
    }
    await expect(guess(desk)).rejects.toMatchObject({ code: 'sealed_code_locked', params: { seconds: 300 } });
    await expect(say(desk, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_locked' });
    desk.clock.setWall(desk.clock.now() + 48 * HOUR_MS);
    const next = await restarted(desk);
    await expect(say(next, SEALED[0])).rejects.toMatchObject({ code: 'sealed_code_locked' });
    expect(next.shown().sealed?.lockedForMs).toBeGreaterThan(200_000);
    await next.run(301_000);
    for (let tries = 0; tries < 4; tries += 1) {
      await expect(guess(next)).rejects.toMatchObject({ code: 'sealed_code_wrong' });
    }
    await expect(guess(next)).rejects.toMatchObject({ params: { seconds: 600 } });
    await next.run(601_000);
    await say(next, SEALED[0]);
    expect(next.shown().stage).toBe('done');
  });

  it('counts a try although the program was killed while the code was checked', async () => {
    const desk = await openOfflineDesk();
    const { id } = await beginOffline(desk);
    void desk.till
      .invoke('redemption.submitSealed', { redemptionId: id, supervisorId: SUPERVISOR_ID, code: 'WRNG0000' })
      .catch(() => undefined);
    const copy = `${desk.dataDir}-killed`;
    cpSync(desk.dataDir, copy, { recursive: true });
    await desk.run();
    const { clock, gateway, devices } = desk;
    await desk.call(desk.till.stop());
    const next = await openDesk({ clock, gateway, devices, dataDir: copy });
    await next.run(NOTICED_MS);
    expect(next.shown().sealed?.triesLeft).toBe(4);
  });

  it('has an end that a clock set back does not move', async () => {
    const desk = await openOfflineDesk();
    await desk.clock.leap(8 * 24 * HOUR_MS);
    await desk.run();
    desk.clock.setWall(desk.clock.now() - 8 * 24 * HOUR_MS);
    await desk.signIn();
    await expect(beginOffline(desk)).rejects.toMatchObject({ code: 'sealed_expired' });
    const next = await restarted(desk);
    await expect(beginOffline(next)).rejects.toMatchObject({ code: 'sealed_expired' });
    expect(next.till.view().status.sealed?.codesLeft).toBe(0);
  });
});

describe('the limits', () => {
  it('hold for a customer and for the till in 24 hours that no clock shortens', async () => {
    const desk = await openOfflineDesk();
    await expect(beginOffline(desk, 200_001)).rejects.toMatchObject({
      code: 'offline_limit',
      params: { limit: 'code', left: 200_000 },
    });
    await beginOffline(desk, 150_000);
    await say(desk, SEALED[0]);
    const refusal = { code: 'offline_limit', params: { limit: 'customer', left: 50_000 } };
    await expect(beginOffline(desk, 50_001)).rejects.toMatchObject(refusal);
    desk.clock.setWall(desk.clock.now() + 25 * HOUR_MS);
    await expect(beginOffline(desk, 50_001)).rejects.toMatchObject(refusal);
    const next = await restarted(desk);
    await expect(beginOffline(next, 50_001)).rejects.toMatchObject(refusal);
    await next.clock.leap(24 * HOUR_MS);
    await next.run();
    await next.signIn();
    expect((await beginOffline(next, 50_001)).stage).toBe('awaiting_sealed');
  });

  it('are the ones that the gateway signed with the codes', async () => {
    const desk = await openDesk();
    desk.gateway.policy.offline.limits.perTill.deposit = 60_000;
    issueCodes(desk);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(2_000);
    await desk.signIn();
    await cutLine(desk);
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    await expect(beginOffline(desk)).rejects.toMatchObject({ params: { limit: 'till', left: 10_000 } });
  });
});

describe('the balance without a line', () => {
  it('is the cached one less what was spent since, until the gateway has booked it and told the new one', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk, 150_000);
    await say(desk, SEALED[0]);
    const search = () => desk.call(desk.till.invoke('customers.search', { q: 'ayu' }));
    const available = async () => (await search()).customers[0]?.balances[0]?.available;
    expect(await available()).toBe(350_000);
    // Still not booked, and the gateway's own answer does not hold it.
    desk.gateway.trouble.clear();
    desk.gateway.trouble.set('/v1/outbox', 'down');
    await desk.run(20_000);
    expect((await search()).ageMs).toBeNull();
    expect(await available()).toBe(350_000);
    await mendLine(desk);
    desk.gateway.customer.balances[0] = { asset: 'deposit', available: 350_000, reserved: 0 };
    expect(await available()).toBe(350_000);
    await cutLine(desk);
    expect(await available()).toBe(350_000);
  });

  it('is found by phone, member number and name, with its age, and is refused when it is too old', async () => {
    const desk = await openOfflineDesk();
    await desk.clock.leap(HOUR_MS / 2);
    await desk.run();
    await desk.signIn();
    for (const q of ['0812-3456-7801', 'M-1001', 'AYU p']) {
      const { customers, ageMs } = await desk.till.invoke('customers.search', { q });
      expect(customers.map(({ id }) => id)).toEqual([CUSTOMER_ID]);
      expect(ageMs).toBeGreaterThanOrEqual(HOUR_MS / 2);
    }
    expect(await desk.till.invoke('customers.search', { q: '0812-3456-7802' })).toMatchObject({
      customers: [],
    });
    await desk.clock.leap(73 * HOUR_MS);
    await desk.run();
    await desk.signIn();
    await expect(beginOffline(desk)).rejects.toMatchObject({ code: 'offline_balance_unknown' });
  });

  it('of nobody who was ever read is unknown; above it nothing is spent', async () => {
    const desk = await openOfflineDesk();
    const stranger = { ...wish, customerId: SUPERVISOR_ID };
    await expect(desk.till.invoke('redemption.start', stranger)).rejects.toMatchObject({
      code: 'offline_balance_unknown',
    });
    await expect(beginOffline(desk, 500_001)).rejects.toMatchObject({
      code: 'amount_above_balance',
      params: { available: 500_000 },
    });
  });

  it('grows younger with every sign that nothing has changed', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    await desk.run(60_000);
    desk.gateway.ping();
    await desk.run();
    expect(desk.till.view().status.cache.ageMs).toBeLessThan(15_000);
    desk.gateway.customer = { ...desk.gateway.customer, name: 'Bunga Citra' };
    desk.gateway.offline.walletCursor = 2;
    desk.gateway.offline.wallets = [
      { customer: desk.gateway.customer, phoneTag: null },
      { customer: desk.gateway.customer, phoneTag: null },
    ];
    desk.gateway.ping();
    await desk.run(1_000);
    await desk.signIn();
    await cutLine(desk);
    const { customers } = await desk.till.invoke('customers.search', { q: 'bunga' });
    expect(customers).toHaveLength(1);
    expect((await desk.till.invoke('customers.search', { q: 'ayu pratiwi' })).customers).toEqual([]);
  });

  it('shows no name and no number to whoever steals the disk', async () => {
    const desk = await openOfflineDesk();
    await desk.call(desk.till.stop());
    const files = readdirSync(desk.dataDir).filter((name) => name.startsWith('till.sqlite'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const bytes = readFileSync(join(desk.dataDir, name), 'latin1');
      for (const secret of ['Ayu Pratiwi', 'M-1001', '7801', CUSTOMER_PHONE]) {
        expect(bytes.includes(secret), `${secret} in ${name}`).toBe(false);
      }
    }
  });

  it('is read anew where the key of the cache was lost', async () => {
    const desk = await openOfflineDesk();
    await desk.call(desk.till.stop());
    const { clock, gateway, devices, dataDir } = desk;
    cpSync(join(dataDir, 'till-key.secret'), join(dataDir, 'cache-key.secret'), { force: true });
    const next = await openDesk({ clock, gateway, devices, dataDir });
    expect(next.till.view().status.cache).toEqual({ customers: 0, ageMs: null });
    await mendLine(next);
    expect(next.till.view().status.cache.customers).toBe(1);
  });
});

describe('a bundle that is not to be trusted', () => {
  it.each([
    ['another till', { aud: CASHIER_ID }, 'audience'],
    ['another gateway', { iss: CASHIER_ID }, 'issuer'],
    ['another store', { storeId: CASHIER_ID }, 'store'],
    ['before the one in use', { serial: 1 }, 'serial'],
    ['limits that make no sense', { limits: {} }, 'claims'],
  ])('for %s is not taken, and the one before stays', async (_, claims, part) => {
    const desk = await openDesk();
    desk.gateway.offline.serial = 5;
    issueCodes(desk);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(1_000);
    desk.gateway.offline.serial = 6;
    desk.gateway.offline.tamper = (bundle) => Object.assign(bundle, claims);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(1_000);
    expect(desk.till.view().status).toMatchObject({
      sealed: { codesLeft: 3 },
      gateway: { error: { code: 'sealed_untrusted', params: { part } } },
    });
    desk.gateway.offline.tamper = () => {};
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(1_000);
    expect(desk.till.view().status.gateway.error).toBeNull();
    await desk.signIn();
    await cutLine(desk);
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    await mendLine(desk);
    expect(told(desk)).toEqual([expect.objectContaining({ bundleSerial: 6 })]);
  });

  it('that was taken away leaves nothing to spend on', async () => {
    const desk = await openOfflineDesk();
    await mendLine(desk);
    desk.gateway.offline.codes = null;
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(1_000);
    await cutLine(desk);
    await expect(beginOffline(desk)).rejects.toMatchObject({ code: 'offline_not_allowed' });
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

describe('the countersigned head', () => {
  const oldCopy = { trouble: [{ kind: 'old_copy', stopsMoney: true }] };

  it('is asked for when the line comes up, and every ten minutes', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    expect(desk.gateway.offline.heads).toHaveLength(1);
    await desk.signIn();
    await desk.clock.leap(11 * 60_000);
    await desk.run(60_000);
    expect(desk.gateway.offline.heads.length).toBeGreaterThan(1);
    expect(desk.till.view().trouble).toEqual([]);
  });

  it('finds a restored old copy of the disk, and no money moves, also after a restart', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const copy = `${desk.dataDir}-old`;
    cpSync(desk.dataDir, copy, { recursive: true });
    await desk.signIn();
    await desk.begin();
    await desk.restart().then(async (next) => {
      await next.run(5_000);
      await next.call(next.till.stop());
    });
    const { clock, gateway, devices } = desk;
    const old = await openDesk({ clock, gateway, devices, dataDir: copy });
    await old.run(5_000);
    expect(old.till.view()).toMatchObject(oldCopy);
    await old.signIn();
    await expect(old.call(old.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: expect.stringMatching(/^audit_head_/),
    });
    gateway.trouble.set('*', 'down');
    const again = await old.restart();
    expect(again.till.view()).toMatchObject(oldCopy);
  });

  it('that this till did not hear of is looked for in its own chain', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const lost = desk.gateway.offline.heads.length;
    desk.gateway.trouble.set('/v1/audit-head', 'lose_answer');
    await desk.signIn();
    await desk.clock.leap(11 * 60_000);
    await desk.run(60_000);
    expect(desk.gateway.offline.heads.length).toBeGreaterThan(lost);
    desk.gateway.trouble.clear();
    await desk.signIn();
    await desk.run(60_000);
    expect(desk.till.view().trouble).toEqual([]);
  });
});

describe('the comparison of both sides', () => {
  const day = { from: 0, to: 4_000_000_000_000 };
  const empty = { count: 0, sum: 0 };

  it('is for managers, and agrees when the gateway has booked what this till settled', async () => {
    const desk = await openOfflineDesk();
    const { id } = await beginOffline(desk);
    await say(desk, SEALED[0]);
    await mendLine(desk);
    await expect(desk.till.invoke('report.reconcile', day)).rejects.toMatchObject({
      code: 'role_not_allowed',
    });
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(MANAGER_ID);
    const report = async () => (await desk.call(desk.till.invoke('report.reconcile', day))).report;
    const saleRef = desk.till.view().recent[0]?.saleRef;
    expect(await report()).toMatchObject({ agrees: false, missingAtGateway: [saleRef], unsent: 0 });
    desk.gateway.offline.reconciliation = {
      ...desk.gateway.offline.reconciliation,
      gateway: {
        ...desk.gateway.offline.reconciliation.gateway,
        offline: { deposit: { count: 1, sum: 50_000 }, points: empty },
      },
      keys: [id],
    };
    expect(await report()).toMatchObject({
      agrees: true,
      missingAtGateway: [],
      missingAtTill: [],
      till: { offline: { deposit: { count: 1, sum: 50_000 } }, captured: { deposit: empty } },
      chain: { ok: true, countersignedSeq: expect.any(Number) },
    });
    desk.gateway.offline.reconciliation.keys.push('019b0000-0000-7000-8000-00000000abcd');
    expect(await report()).toMatchObject({
      agrees: false,
      missingAtTill: ['019b0000-0000-7000-8000-00000000abcd'],
    });
  });

  it('takes what was not sent yet for no difference', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    desk.gateway.offline.refuseRedemption = new SaksiError('not_ready');
    await mendLine(desk);
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(MANAGER_ID);
    const { report } = await desk.call(desk.till.invoke('report.reconcile', day));
    expect(report).toMatchObject({ agrees: true, unsent: 1, till: { offline: { deposit: { count: 1 } } } });
  });
});
