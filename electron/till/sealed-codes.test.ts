import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../test/fixtures/desk.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
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

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
/** Long enough for the line to be known as down. */
const NOTICED_MS = 12_000;
const told = ({ gateway }: Desk) => [...gateway.offline.redemptions.values()];

async function restarted(desk: Desk): Promise<Desk> {
  const next = await desk.restart();
  await next.signIn();
  return next;
}

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

describe('the answer that carries new codes', () => {
  it('is asked for again when it was lost, so that no supervisor holds codes that the till has not', async () => {
    const desk = await openDesk();
    issueCodes(desk);
    desk.gateway.trouble.set('/sealed-codes', 'lose_answer');
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(5_000);
    expect(desk.till.view().status.sealed).toBeNull();
    desk.gateway.trouble.clear();
    await desk.run(15_000);
    expect(desk.till.view().status.sealed).toMatchObject({ codesLeft: SEALED.length });
  });
});
