import { generateKeyPairSync } from 'node:crypto';
import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import {
  approvalOf,
  asked,
  DISCOUNT,
  moved,
  startApproval,
  VOID,
} from '../../test/fixtures/approval-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { RIGHT_CODE, signJws } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { openStore } from '../store/store.ts';
import { APPROVAL_STEPS, type ApprovalStep, type TillStep } from './steps.ts';

afterAll(removeTempFolders);

const forger = generateKeyPairSync('ed25519').privateKey;
const claimsOf = (jws: string) =>
  JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as object;
const changed = (changes: Record<string, unknown>) => ({
  claims: (claims: Record<string, unknown>) => {
    Object.assign(claims, changes);
  },
});
const FOREIGN = '019b0000-0000-7000-8000-000000009999';

describe('a grant that is not for this request moves nothing', () => {
  it.each([
    [
      'signed by another key',
      { jws: (jws: string) => signJws(forger, claimsOf(jws), 'key-1') },
      'grant_invalid',
    ],
    ['cut short', { jws: (jws: string) => jws.slice(0, -6) }, 'grant_invalid'],
    ['for a redemption', changed({ kind: 'redemption' }), 'grant_invalid'],
    ['for another till', changed({ aud: FOREIGN }), 'grant_foreign'],
    ['of another gateway', changed({ iss: FOREIGN }), 'grant_foreign'],
    ['that is past', changed({ exp: 1 }), 'grant_expired'],
    ['for another request', changed({ approvalId: FOREIGN }), 'grant_mismatch'],
    ['for another kind', changed({ approvalKind: 'refund' }), 'grant_mismatch'],
    ['for another amount', changed({ amount: 75_001 }), 'grant_mismatch'],
    ['for no amount', changed({ amount: null }), 'grant_mismatch'],
    ['for a percentage', changed({ basisPoints: 100 }), 'grant_mismatch'],
    ['for another sale', changed({ saleRef: 'INV/8' }), 'grant_mismatch'],
    ['for no sale', changed({ saleRef: null }), 'grant_mismatch'],
    ['in another currency', changed({ currency: 'TRY' }), 'grant_mismatch'],
    ['asked for by somebody else', changed({ requestedBy: FOREIGN }), 'grant_mismatch'],
    [
      'decided by whoever asked',
      {
        claims: (claims: Record<string, unknown>) => {
          claims.deciders = [claims.requestedBy];
        },
      },
      'grant_mismatch',
    ],
    ['decided twice by one person', changed({ deciders: [FOREIGN, FOREIGN] }), 'grant_mismatch'],
  ])('%s', async (_, tamper, code) => {
    const { desk, gatewayId, seen } = await asked();
    desk.gateway.tamper = tamper;
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run(500);
    expect(seen()).toMatchObject({ stage: 'failed', error: { code } });
    expect(moved(desk)).toEqual([0, 0]);
    // The right one, later, finds that this request is over.
    desk.gateway.tamper = {};
    desk.gateway.cut();
    await desk.run(10_000);
    expect([seen().stage, ...moved(desk)]).toEqual(['failed', 0, 0]);
    expect(JSON.stringify([desk.log, desk.till.view()])).not.toContain('eyJ');
  });

  it('used for an earlier request', async () => {
    const { desk, gatewayId } = await asked();
    const { jti } = desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    const { approvalId } = await startApproval(desk);
    desk.gateway.tamper = changed({ jti });
    desk.gateway.approvals.decide([...desk.gateway.approvals.held.keys()].at(-1) ?? '', 'quorum');
    await desk.run();
    expect(approvalOf(desk, approvalId)).toMatchObject({
      stage: 'failed',
      error: { code: 'grant_already_used' },
    });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('used for a redemption, and a redemption by the grant of an approval', async () => {
    const { desk, gatewayId, seen } = await asked();
    const { id } = await desk.begin();
    const submit = (redemptionId: string) =>
      desk.call(desk.till.invoke('redemption.submitCode', { redemptionId, code: RIGHT_CODE }));
    await submit(id);
    await desk.run(200);
    desk.gateway.tamper = changed({ jti: [...desk.gateway.redemptions.held.values()][0]?.jti });
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'failed', error: { code: 'grant_already_used' } });
    desk.gateway.tamper = {};
    await startApproval(desk, DISCOUNT);
    const { jti } = desk.gateway.approvals.decide(
      [...desk.gateway.approvals.held.keys()].at(-1) ?? '',
      'quorum',
    );
    await desk.run();
    const next = await desk.begin();
    desk.gateway.tamper = changed({ jti });
    await expect(submit(next.id)).rejects.toMatchObject({ code: 'grant_already_used' });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('without leave for the drawer opens none', async () => {
    const { desk, gatewayId, seen } = await asked();
    desk.gateway.tamper = changed({ actions: ['slip.print'] });
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'approved', drawer: { state: 'not_needed' } });
    expect(moved(desk)).toEqual([0, 1]);
  });
});

/** The folder as it lies at one step, under a new till; the one that goes on is cut off from gateway and devices. */
async function diesAt(step: ApprovalStep, meanwhile: (desk: Desk) => void = () => {}): Promise<Desk> {
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
  await startApproval(desk, VOID).catch(() => undefined);
  const yes = () => {
    for (const { approval } of desk.gateway.approvals.held.values()) {
      if (approval.status === 'pending') desk.gateway.approvals.decide(approval.id, 'quorum');
    }
  };
  yes();
  await desk.run(200);
  await desk.call(desk.till.stop());
  if (copy === null) throw new Error(`${step} was never reached`);
  const { clock, gateway, devices } = desk;
  const before = moved(desk);
  gateway.trouble.clear();
  devices.unplugged = false;
  meanwhile(desk);
  const after = await openDesk({ clock, gateway, devices, dataDir: copy });
  await after.run(5_000);
  yes();
  await after.run(5_000);
  expect(before[0]).toBeLessThanOrEqual(1);
  return after;
}

describe('after a crash', () => {
  it.each(APPROVAL_STEPS)('at %s the drawer opens at most once, and the chain holds', async (step) => {
    const desk = await diesAt(step);
    expect(desk.till.view().approvals).toMatchObject([{ stage: 'approved' }]);
    const sure = step !== 'approval_grant_consumed';
    expect(desk.devices.pulses).toBe(sure ? 1 : 0);
    await desk.call(desk.till.stop());
    const store = openStore(desk.dataDir, systemEffects);
    expect(store.audit.verifyChain()).toMatchObject({ ok: true });
    store.close();
  });

  it('with the grant used and no byte sent the drawer stays shut, the slip is printed, and both are said', async () => {
    const desk = await diesAt('approval_grant_consumed');
    expect(desk.till.view().approvals).toMatchObject([
      {
        stage: 'approved',
        drawer: { state: 'unconfirmed', error: { code: 'drawer_not_confirmed' } },
        slip: { state: 'printed' },
      },
    ]);
    expect(moved(desk)).toEqual([0, 1]);
  });

  it('with a grant that was not used and is past nothing moves', async () => {
    const desk = await diesAt('approval_grant_received', ({ gateway, clock }) => {
      for (const held of gateway.approvals.held.values()) held.grantEndsAt = clock.now();
    });
    expect(desk.till.view().approvals).toMatchObject([{ stage: 'failed', error: { code: 'grant_expired' } }]);
    expect(moved(desk)).toEqual([0, 0]);
  });
});
