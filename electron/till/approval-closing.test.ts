import { afterAll, describe, expect, it } from 'vitest';
import { asked, DISCOUNT, moved, startApproval, VOID } from '../../test/fixtures/approval-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { settle } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

const cancel = ({ till }: Desk, approvalId: string) => till.invoke('approval.cancel', { approvalId });

describe('giving up', () => {
  it('tells the gateway, and moves nothing though a yes comes all the same', async () => {
    const { desk, approvalId, gatewayId, seen } = await asked();
    const held = desk.gateway.approvals.decide(gatewayId, 'quorum', { tell: false });
    await cancel(desk, approvalId);
    desk.gateway.approvals.tell(held);
    await desk.run(1_000);
    expect(seen()).toMatchObject({ stage: 'cancelled', error: null });
    expect(moved(desk)).toEqual([0, 0]);
    expect(desk.till.view().status.outbox).toMatchObject({ pending: 0, attention: 0 });
  });

  it('without a line waits in the outbox; twice is once', async () => {
    const { desk, approvalId, gatewayId } = await asked();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    await desk.run();
    await cancel(desk, approvalId);
    await cancel(desk, approvalId);
    await desk.run(1_000);
    expect(desk.till.view().status.outbox.pending).toBe(1);
    desk.gateway.trouble.clear();
    await desk.run(40_000);
    expect(desk.gateway.approvals.cancelled).toEqual([gatewayId]);
    expect(desk.till.view().status.outbox.pending).toBe(0);
  });

  it('while the gateway is being asked gives up what it then made', async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.gateway.onAnswer = (path) => {
      const [one] = desk.till.view().approvals;
      if (path === '/v1/approvals' && one?.stage === 'requesting') void cancel(desk, one.id);
    };
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'approval_state' });
    await desk.run(1_000);
    expect(desk.gateway.approvals.only().status).toBe('cancelled');
    expect(desk.till.view().approvals).toMatchObject([{ stage: 'cancelled' }]);
  });

  it('is too late after the decision; what is finished can be taken off the screen', async () => {
    const { desk, approvalId, gatewayId } = await asked();
    const dismiss = () => desk.till.invoke('approval.dismiss', { approvalId });
    await expect(dismiss()).rejects.toMatchObject({ code: 'approval_state' });
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    await expect(cancel(desk, approvalId)).rejects.toMatchObject({
      code: 'approval_state',
      params: { status: 'approved' },
    });
    await dismiss();
    expect(desk.till.view().approvals).toEqual([]);
  });
});

describe('an approval code, said at the till', () => {
  const coded = () =>
    asked(VOID, ({ gateway }) => {
      gateway.policy.approvals.answer = 'code';
    });
  const submit = (desk: Desk, approvalId: string, code: string) =>
    desk.call(desk.till.invoke('approval.submitCode', { approvalId, code }));

  it('that is right acts', async () => {
    const { desk, approvalId, seen } = await coded();
    expect(seen().code).toEqual({ digits: 6, triesLeft: 5 });
    await submit(desk, approvalId, desk.gateway.approvals.rightCode);
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'approved', code: null });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('that is right acts once though the event of it comes first', async () => {
    const { desk, approvalId, gatewayId, seen } = await coded();
    desk.gateway.onAnswer = async (path) => {
      const held = desk.gateway.approvals.held.get(gatewayId);
      if (!path.endsWith('/code') || held === undefined) return;
      desk.gateway.approvals.tell(held);
      await settle();
    };
    await submit(desk, approvalId, desk.gateway.approvals.rightCode);
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'approved', error: null });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('that is wrong counts, to the last one', async () => {
    const { desk, approvalId, seen } = await coded();
    for (let left = 4; left > 0; left -= 1) {
      await expect(submit(desk, approvalId, '000000')).rejects.toMatchObject({ code: 'approval_code_wrong' });
      expect(seen()).toMatchObject({
        stage: 'pending',
        code: { triesLeft: left },
        error: { params: { triesLeft: left } },
      });
    }
    await expect(submit(desk, approvalId, '000000')).rejects.toMatchObject({ params: { triesLeft: 0 } });
    await desk.run(500);
    expect(seen().stage).toBe('expired');
    expect(moved(desk)).toEqual([0, 0]);
  });

  it('is not expected where a phone answers', async () => {
    const { desk, approvalId } = await asked();
    await expect(submit(desk, approvalId, '123456')).rejects.toMatchObject({
      code: 'approval_code_not_expected',
    });
  });
});

describe('devices that fail', () => {
  it('leave it approved, and the slip prints later as the original, then as a copy', async () => {
    const { desk, approvalId, gatewayId, seen } = await asked();
    desk.devices.unplugged = true;
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen()).toMatchObject({
      stage: 'approved',
      drawer: { state: 'failed', error: { code: 'drawer_absent' } },
      slip: { state: 'waiting', error: { code: 'printer_absent' }, copiesLeft: 3 },
    });
    desk.devices.unplugged = false;
    const reprint = () => desk.call(desk.till.invoke('approval.reprint', { approvalId }));
    await reprint();
    await reprint();
    expect(desk.devices.slips.map((slip) => slip.includes('SALINAN'))).toEqual([false, true]);
    expect([desk.devices.pulses, seen().slip.copiesLeft]).toEqual([0, 2]);
    await reprint();
    await reprint();
    await expect(reprint()).rejects.toMatchObject({ code: 'copies_exhausted' });
  });

  it('have no slip to print again where none was allowed', async () => {
    const { desk, approvalId, gatewayId } = await asked(DISCOUNT);
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    await expect(desk.call(desk.till.invoke('approval.reprint', { approvalId }))).rejects.toMatchObject({
      code: 'grant_action_not_allowed',
    });
  });
});
