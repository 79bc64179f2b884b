import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../shared/policy.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID, SUPERVISOR_ID, signJws, TILL_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

describe('the policy', () => {
  const save = (desk: Desk, pin: string, version = desk.gateway.policy.version) => {
    const { version: _, ...policy } = structuredClone(desk.gateway.policy);
    policy.approvals.openMax = 9;
    return desk.call(desk.till.invoke('policy.save', { pin, baseVersion: version, policy }));
  };

  it('is read and changed by a manager, with the PIN once more', async () => {
    const desk = await openDesk();
    await desk.signIn(MANAGER_ID);
    const { policy } = await desk.call(desk.till.invoke('policy.get', {}));
    expect(policy).toEqual(desk.gateway.policy);
    await expect(save(desk, '0000')).rejects.toMatchObject({ code: 'pin_wrong' });
    expect((await save(desk, '1357')).policy).toMatchObject({ version: 2, approvals: { openMax: 9 } });
    await expect(save(desk, '1357', 1)).rejects.toMatchObject({ code: 'policy_conflict' });
  });

  it.each([CASHIER_ID, SUPERVISOR_ID])('is not for others', async (staffId) => {
    const desk = await openDesk();
    await desk.signIn(staffId);
    await expect(desk.till.invoke('policy.get', {})).rejects.toMatchObject({ code: 'role_not_allowed' });
    await expect(save(desk, '1357')).rejects.toMatchObject({ code: 'role_not_allowed' });
    expect(desk.gateway.policy.version).toBe(1);
  });

  const told = async (desk: Desk) => {
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(200);
    return desk.till.view();
  };
  const openMax = (desk: Desk, version: number, value: number) => {
    desk.gateway.policy = structuredClone(desk.gateway.policy);
    desk.gateway.policy.version = version;
    desk.gateway.policy.approvals.openMax = value;
  };
  const kinds = (desk: Desk) => desk.till.view().approvalKinds.length;
  const forger = generateKeyPairSync('ed25519').privateKey;
  /** Another policy than the one in use, so that taking it would show. */
  const poorer = (desk: Desk) => {
    desk.gateway.policy = structuredClone(desk.gateway.policy);
    desk.gateway.policy.approvals.kinds.length = 1;
  };

  it('is gone by as signed, whatever stands beside it', async () => {
    const desk = await openDesk();
    const signed = desk.gateway.signedPolicy(desk.gateway.policy);
    poorer(desk);
    desk.gateway.signPolicy = () => signed;
    expect((await told(desk)).status.gateway.error).toBeNull();
    expect(kinds(desk)).toBe(7);
  });

  it.each([
    ['signature', (desk: Desk, policy: Policy) => desk.gateway.signedPolicy(policy, {}, forger)],
    ['store', (desk: Desk, policy: Policy) => desk.gateway.signedPolicy(policy, { storeId: TILL_ID })],
    ['issuer', (desk: Desk, policy: Policy) => desk.gateway.signedPolicy(policy, { iss: TILL_ID })],
    ['claims', (desk: Desk, policy: Policy) => desk.gateway.signedPolicy(policy, { policy: { version: 3 } })],
    ['header', (desk: Desk, policy: Policy) => signJws(desk.gateway.signingKey, { policy }, 'key-1')],
    ['shape', () => 'not.signed'],
    ['version', (desk: Desk, policy: Policy) => desk.gateway.signedPolicy({ ...policy, version: 4 })],
  ])('with a wrong %s is not taken: the one before stays, and everybody can see why', async (part, sign) => {
    const desk = await openDesk();
    openMax(desk, 5, 5);
    await told(desk);
    poorer(desk);
    desk.gateway.signPolicy = (policy) => sign(desk, policy);
    const view = await told(desk);
    expect(view.status.gateway).toMatchObject({
      state: 'online',
      error: { code: 'policy_untrusted', params: { part } },
    });
    expect(kinds(desk)).toBe(7);
    await told(desk);
    expect(desk.log.filter(({ message }) => message === 'policy not taken')).toHaveLength(1);
    const after = await desk.restart();
    expect(after.till.view().approvalKinds).toHaveLength(7);
    desk.gateway.signPolicy = (policy) => desk.gateway.signedPolicy({ ...policy, version: 6 });
    expect((await told(after)).status.gateway.error).toBeNull();
    expect(kinds(after)).toBe(1);
  });

  it('without a signature is taken only before the first signed one', async () => {
    const desk = await openDesk();
    poorer(desk);
    desk.gateway.signPolicy = null;
    expect((await told(desk)).status.gateway.error).toMatchObject({ params: { part: 'missing' } });
    expect(kinds(desk)).toBe(7);
  });

  it('that is older than one saved from here is not taken', async () => {
    const desk = await openDesk();
    const before = desk.gateway.signedPolicy(desk.gateway.policy);
    await desk.signIn(MANAGER_ID);
    await save(desk, '1357');
    desk.gateway.signPolicy = () => before;
    expect((await told(desk)).status.gateway.error).toMatchObject({ params: { part: 'version' } });
    await expect(desk.call(desk.till.invoke('policy.get', {}))).rejects.toMatchObject({
      code: 'policy_untrusted',
    });
  });
});
