import { afterAll, describe, expect, it } from 'vitest';
import { openDesk } from '../../test/fixtures/desk.ts';
import {
  CASHIER_ID,
  CUSTOMER_ID,
  MANAGER_ID,
  PIN,
  RIGHT_CODE,
  SUPERVISOR_ID,
} from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

type Desk = Awaited<ReturnType<typeof openDesk>>;
const signIn = ({ till }: Desk, pin: string, staffId = CASHIER_ID) =>
  till.invoke('session.signIn', { staffId, pin });

/** Five tries by default policy: four wrong ones, then the one that locks. */
async function lockOut(desk: Desk): Promise<void> {
  for (const triesLeft of [4, 3, 2, 1]) {
    await expect(signIn(desk, '0000')).rejects.toMatchObject({ code: 'pin_wrong', params: { triesLeft } });
  }
  await expect(signIn(desk, '0000')).rejects.toMatchObject({ code: 'pin_locked', params: { seconds: 300 } });
}

describe('signing in', () => {
  it('shows who is there, and ends with signing out', async () => {
    const desk = await openDesk();
    await signIn(desk, PIN);
    expect(desk.till.view().session).toEqual({ staffId: CASHIER_ID, name: 'Dewi', role: 'cashier' });
    await desk.till.invoke('session.signOut', {});
    expect(desk.till.view().session).toBeNull();
  });

  it('locks out after the last wrong PIN, the right one too, and nobody else', async () => {
    const desk = await openDesk();
    await lockOut(desk);
    await expect(signIn(desk, PIN)).rejects.toMatchObject({ code: 'pin_locked' });
    expect(desk.till.view().staff.map(({ lockedForMs }) => lockedForMs)).toEqual([300_000, null, null]);
    await signIn(desk, PIN, SUPERVISOR_ID);
    await desk.run(300_000);
    await signIn(desk, PIN);
    expect(desk.till.view().session?.staffId).toBe(CASHIER_ID);
  });

  it('is not made longer by a record that is followed with nobody there', async () => {
    const desk = await openDesk();
    await signIn(desk, PIN, MANAGER_ID);
    const idleMs = desk.gateway.policy.pin.idleLockSeconds * 1000;
    const ask = () => desk.till.invoke('audit.tail', { filter: {}, after: null }).catch(() => undefined);
    for (let turn = 0; turn < 10; turn += 1) {
      expect(desk.till.view().session?.staffId).toBe(MANAGER_ID);
      await ask();
      await desk.run(idleMs / 10 + 1);
    }
    expect(desk.till.view().session).toBeNull();
  });

  it('counts tries made at once one after the other', async () => {
    const desk = await openDesk();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => signIn(desk, '0000')));
    const codes = tries.map((one) => (one.status === 'rejected' ? one.reason.code : 'ok'));
    expect(codes.filter((code) => code === 'pin_wrong')).toHaveLength(4);
    expect(codes.filter((code) => code === 'pin_locked')).toHaveLength(16);
  });

  it('forgets wrong tries after a right one, and only then', async () => {
    let desk = await openDesk();
    for (let turn = 0; turn < 3; turn += 1) await expect(signIn(desk, '0000')).rejects.toThrow();
    desk = await desk.restart();
    await expect(signIn(desk, '0000')).rejects.toMatchObject({ params: { triesLeft: 1 } });
    await signIn(desk, PIN);
    await expect(signIn(desk, '0000')).rejects.toMatchObject({ params: { triesLeft: 4 } });
  });

  it('keeps the lock over a restart and over a clock that is set back, or forward while it runs', async () => {
    let desk = await openDesk();
    await lockOut(desk);
    desk.clock.setWall(desk.clock.now() + 86_400_000);
    await expect(signIn(desk, PIN)).rejects.toMatchObject({ code: 'pin_locked' });
    desk.clock.setWall(desk.clock.now() - 2 * 86_400_000);
    desk = await desk.restart();
    await desk.run(299_000);
    await expect(signIn(desk, PIN)).rejects.toMatchObject({ code: 'pin_locked' });
    await desk.run(5_000);
    await signIn(desk, PIN);
  });

  it('counts the time that a restart took', async () => {
    const desk = await openDesk();
    await lockOut(desk);
    await desk.call(desk.till.stop());
    await desk.clock.advance(301_000);
    const { clock, gateway, devices, dataDir } = desk;
    await signIn(await openDesk({ clock, gateway, devices, dataDir }), PIN);
  });

  it('knows nobody who is not on the list', async () => {
    const desk = await openDesk();
    await expect(signIn(desk, PIN, CUSTOMER_ID)).rejects.toMatchObject({ code: 'staff_unknown' });
  });

  it('signs out who was taken off the list', async () => {
    const desk = await openDesk();
    await signIn(desk, PIN);
    desk.gateway.staff.shift();
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    expect(desk.till.view()).toMatchObject({
      session: null,
      staff: [{ id: SUPERVISOR_ID }, { id: MANAGER_ID }],
    });
  });
});

describe('idling', () => {
  const IDLE_MS = 900_000;

  it('signs out after the time of the policy, counted from the last use', async () => {
    const desk = await openDesk();
    await signIn(desk, PIN);
    await desk.run(IDLE_MS - 1_000);
    await desk.till.invoke('settings.set', { theme: 'dark' });
    await desk.run(IDLE_MS - 1_000);
    expect(desk.till.view().session).not.toBeNull();
    await desk.run(1_000);
    expect(desk.till.view().session).toBeNull();
  });

  it('does not sign out under an open redemption', async () => {
    const desk = await openDesk();
    await signIn(desk, PIN);
    const { id } = await desk.begin();
    await desk.run(IDLE_MS + 1_000);
    expect(desk.till.view().session).not.toBeNull();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run(IDLE_MS + 1_000);
    expect(desk.till.view().session).toBeNull();
  });
});
