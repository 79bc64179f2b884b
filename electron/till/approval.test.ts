import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { DEFAULT_SLIP_DESIGN } from '../../shared/slip-design.ts';
import {
  approvalOf,
  asked,
  DISCOUNT,
  moved,
  startApproval,
  VOID,
} from '../../test/fixtures/approval-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { settle } from '../../test/fixtures/fake-clock.ts';
import { CASHIER_ID, RIGHT_CODE, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import type { PrintResult } from '../devices/print-job.ts';

afterAll(removeTempFolders);

const cancel = ({ till }: Desk, approvalId: string) => till.invoke('approval.cancel', { approvalId });

describe('asking for a yes', () => {
  it('shows who was asked, the time left and the next step, counted down', async () => {
    const { desk, seen } = await asked();
    expect(seen()).toMatchObject({
      stage: 'pending',
      startedBy: 'cashier',
      kindName: { en: 'Void' },
      amount: 75_000,
      reason: 'Salah barang',
      saleRef: 'INV/7',
      requestedBy: 'Dewi',
      needed: 1,
      asked: [{ name: 'Siti', decision: null }, { name: 'Hendra' }],
      drawer: { state: 'not_needed' },
      slip: { state: 'not_needed' },
      error: null,
    });
    const before = seen().expiresInMs ?? 0;
    await desk.run(10_000);
    expect(seen().expiresInMs).toBe(before - 10_000);
    expect(moved(desk)).toEqual([0, 0]);
  });

  it('opens the drawer and prints with the event of the yes, once', async () => {
    const { desk, gatewayId, seen } = await asked();
    const held = desk.gateway.approvals.decide(gatewayId, 'quorum');
    desk.gateway.approvals.tell(held);
    await desk.run();
    expect(seen()).toMatchObject({
      stage: 'approved',
      drawer: { state: 'opened' },
      slip: { state: 'printed' },
    });
    expect(seen().asked).toMatchObject([{ decision: 'approve' }, { decision: null }]);
    desk.gateway.approvals.tell(held);
    await desk.run();
    expect(moved(desk)).toEqual([1, 1]);
    const [slip] = desk.devices.slips;
    for (const told of [
      'BATAL TRANSAKSI',
      'Batal transaksi',
      '75.000',
      'Salah barang',
      'INV/7',
      'Dewi',
      'Siti',
    ]) {
      expect(slip).toContain(told);
    }
  });

  it('prints the logo that the store has when it prints, and the lines that it had at the yes', async () => {
    const { desk, gatewayId } = await asked();
    const logo =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
    desk.gateway.policy = {
      ...desk.gateway.policy,
      version: 2,
      slipDesign: { ...DEFAULT_SLIP_DESIGN, logo, header: ['NPWP 01.234'] },
    };
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(200);
    desk.gateway.approvals.tell(desk.gateway.approvals.decide(gatewayId, 'quorum'));
    await desk.run();
    const [slip] = desk.devices.slips;
    expect(slip).toContain(`"png":"${logo}"`);
    expect(slip).toContain('NPWP 01.234');
  });

  it('needs neither a request nor a timer between the event and the drawer', async () => {
    const { desk, gatewayId } = await asked();
    const requests = desk.gateway.requests.length;
    const at = desk.clock.monotonic();
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    for (let turn = 0; turn < 50 && desk.devices.pulses === 0; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(desk.devices.pulses).toBe(1);
    expect([desk.gateway.requests.length, desk.clock.monotonic()]).toEqual([requests, at]);
  });

  it('is done with the yes where nothing is to move', async () => {
    const { desk, gatewayId, seen } = await asked(DISCOUNT);
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen()).toMatchObject({
      stage: 'approved',
      drawer: { state: 'not_needed' },
      slip: { state: 'not_needed' },
    });
    expect(moved(desk)).toEqual([0, 0]);
  });

  it('acts at once where policy asks nobody', async () => {
    const { desk, seen } = await asked(VOID, ({ gateway }) => {
      const kind = gateway.policy.approvals.kinds.find(({ key }) => key === 'void');
      if (kind !== undefined) kind.freeBelowAmount = 100_000;
    });
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'approved', free: true, asked: [] });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('shows a no, and its reason when that comes later', async () => {
    const { desk, gatewayId, seen } = await asked();
    const held = desk.gateway.approvals.decide(gatewayId, 'reject');
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'rejected', rejection: { name: 'Siti', reason: null } });
    held.approval = { ...held.approval, rejection: { name: 'Siti', reason: 'barang sudah dipakai' } };
    desk.gateway.approvals.tell(held);
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'rejected', rejection: { reason: 'barang sudah dipakai' } });
    expect(moved(desk)).toEqual([0, 0]);
  });

  it('shows that it lapsed', async () => {
    const { desk, gatewayId, seen } = await asked();
    desk.gateway.approvals.decide(gatewayId, 'lapse');
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'expired', error: null });
  });

  it('goes on beside a redemption and after signing out', async () => {
    const { desk, gatewayId, approvalId, seen } = await asked();
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run(500);
    expect(desk.shown().stage).toBe('done');
    await desk.till.invoke('session.signOut', {});
    desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen().stage).toBe('approved');
    expect(moved(desk)).toEqual([2, 2]);
    await expect(desk.till.invoke('approval.dismiss', { approvalId })).rejects.toMatchObject({
      code: 'not_signed_in',
    });
  });

  it('takes as many as policy lets be open, and no more', async () => {
    const { desk, approvalId } = await asked(DISCOUNT, ({ gateway }) => {
      gateway.policy.approvals.openMax = 2;
    });
    await startApproval(desk);
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'approval_too_many_open' });
    expect(desk.gateway.approvals.held.size).toBe(2);
    await cancel(desk, approvalId);
    await startApproval(desk);
    expect(desk.till.view().approvals.map(({ stage }) => stage)).toEqual(['pending', 'pending', 'cancelled']);
  });

  it.each([
    [{ ...VOID, kind: 'lend_money' }, 'approval_kind_unknown'],
    [{ ...VOID, amount: null }, 'approval_incomplete'],
    [{ ...VOID, basisPoints: 5 }, 'approval_incomplete'],
    [{ ...VOID, reason: { key: 'promotion', text: null } }, 'approval_incomplete'],
    [{ ...VOID, reason: { key: null, text: null } }, 'approval_incomplete'],
    [{ ...VOID, amount: 0 }, 'amount_invalid'],
    [{ ...VOID, amount: 1.5 }, 'amount_invalid'],
    [{ ...VOID, staffId: SUPERVISOR_ID }, 'bad_request'],
  ])('refuses %o', async (wish, code) => {
    const desk = await openDesk();
    await desk.signIn();
    await expect(startApproval(desk, wish as typeof VOID)).rejects.toMatchObject({ code });
    expect([desk.gateway.approvals.held.size, desk.till.view().approvals]).toEqual([0, []]);
  });

  it('needs somebody signed in, and the line', async () => {
    const desk = await openDesk();
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'not_signed_in' });
    await desk.signIn();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    await desk.run();
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'gateway_unreachable' });
    expect(desk.till.view().approvals).toEqual([]);
  });

  it("shows the gateway's refusal on the request", async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.gateway.refuse.set('/v1/approvals', new SaksiError('approval_nobody'));
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'approval_nobody' });
    expect(desk.till.view().approvals).toMatchObject([
      { stage: 'failed', error: { code: 'approval_nobody' } },
    ]);
  });

  it('lists what may be asked for, by policy', async () => {
    const desk = await openDesk();
    const [first] = desk.gateway.policy.approvals.kinds;
    if (first !== undefined) first.enabled = false;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    const keys = desk.till.view().approvalKinds.map(({ key }) => key);
    expect(keys).toEqual(desk.gateway.policy.approvals.kinds.slice(1).map(({ key }) => key));
  });
});

describe('news that comes in the wrong order or not at all', () => {
  it('before the answer to the creation is kept for it', async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.gateway.onAnswer = async (path) => {
      if (path !== '/v1/approvals') return;
      const [gatewayId = ''] = desk.gateway.approvals.held.keys();
      // The answer says pending and is still on its way; the event passes it.
      desk.gateway.approvals.decide(gatewayId, 'quorum');
      await settle();
      expect(desk.till.view().approvals).toMatchObject([{ stage: 'requesting' }]);
    };
    const { approvalId } = await startApproval(desk);
    await desk.run();
    expect(approvalOf(desk, approvalId).stage).toBe('approved');
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('again while the devices are at work changes nothing', async () => {
    const { desk, gatewayId, seen } = await asked();
    let printed = (_: PrintResult) => {};
    desk.devices.printing = new Promise((resolve) => {
      printed = resolve;
    });
    const held = desk.gateway.approvals.decide(gatewayId, 'quorum');
    await desk.run();
    expect(seen().stage).toBe('acting');
    desk.gateway.approvals.tell(held);
    desk.gateway.cut();
    await desk.run(10_000);
    expect(seen()).toMatchObject({ stage: 'acting', error: null });
    printed({ ok: true });
    await desk.run();
    expect(seen()).toMatchObject({ stage: 'approved', error: null });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('of a yes without its grant fetches it', async () => {
    const { desk, gatewayId, seen } = await asked();
    const held = desk.gateway.approvals.decide(gatewayId, 'quorum', { tell: false });
    const approval = desk.gateway.approvals.snapshot(held);
    desk.gateway.push({ type: 'approval.changed', approval, grant: null });
    await desk.run(500);
    expect(seen().stage).toBe('approved');
    expect(moved(desk)).toEqual([1, 1]);
  });

  it.each([
    ['quorum', 'approved', [1, 1]],
    ['reject', 'rejected', [0, 0]],
    ['lapse', 'expired', [0, 0]],
  ] as const)('missed: %s is learnt when the line is back', async (event, stage, devices) => {
    const { desk, gatewayId, seen } = await asked();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    await desk.run();
    desk.gateway.approvals.decide(gatewayId, event, { tell: false });
    desk.gateway.trouble.clear();
    await desk.run(20_000);
    expect(seen().stage).toBe(stage);
    expect(moved(desk)).toEqual([...devices]);
  });

  it('missed for longer than the grant lasts moves nothing', async () => {
    const { desk, gatewayId, seen } = await asked();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    desk.gateway.approvals.decide(gatewayId, 'quorum', { tell: false });
    await desk.run(desk.gateway.policy.approvals.grantTtlSeconds * 1000);
    desk.gateway.trouble.clear();
    await desk.run(20_000);
    expect(seen()).toMatchObject({ stage: 'failed', error: { code: 'grant_expired' } });
    expect(moved(desk)).toEqual([0, 0]);
  });

  it('that is old says nothing new', async () => {
    const { desk, gatewayId, seen } = await asked();
    const held = desk.gateway.approvals.held.get(gatewayId);
    if (held === undefined) throw new Error('not held');
    const old = desk.gateway.approvals.answer(held);
    await desk.run(30_000);
    held.approval = { ...held.approval, asked: held.approval.asked.slice(0, 1) };
    desk.gateway.approvals.tell(held);
    await desk.run();
    const left = seen().expiresInMs ?? 0;
    desk.gateway.push({ type: 'approval.changed', ...old });
    await desk.run();
    expect(seen().asked).toHaveLength(1);
    expect(seen().expiresInMs).toBe(left - 50);
  });

  it('of a request that this till never made is given up at the gateway', async () => {
    const desk = await openDesk();
    const held = desk.gateway.approvals.hold('a-lost-key', { ...VOID, staffId: CASHIER_ID });
    desk.gateway.cut();
    await desk.run(5_000);
    expect(desk.gateway.approvals.cancelled).toEqual([held.approval.id]);
    desk.gateway.approvals.tell(held);
    await desk.run();
    expect(desk.till.view().approvals).toEqual([]);
  });

  it('is made once where two of the till’s errands come upon one wish, and stays asked', async () => {
    const { desk, approvalId } = await asked();
    await cancel(desk, approvalId);
    desk.gateway.trouble.set('/approvals', 'hang');
    const first = desk.till.invoke('approval.start', VOID);
    first.catch(() => undefined);
    await desk.run(0);
    await cancel(desk, desk.till.view().approvals.find(({ stage }) => stage === 'requesting')?.id ?? '');
    // The line breaks and comes back: reconciling waits for its turn, and behind it the next wish does.
    desk.gateway.cut();
    await desk.run(2_000);
    desk.gateway.trouble.clear();
    const second = desk.till.invoke('approval.start', DISCOUNT);
    await expect(desk.call(first)).rejects.toMatchObject({ code: 'approval_state' });
    const { approvalId: id } = await desk.call(second);
    await desk.run(20_000);
    expect(approvalOf(desk, id).stage).toBe('pending');
    const statuses = [...desk.gateway.approvals.held.values()].map(({ approval }) => approval.status);
    expect(statuses.at(-1)).toBe('pending');
    expect(statuses.slice(0, -1).every((status) => status === 'cancelled')).toBe(true);
  });

  it('whose creation got no answer: the wish fails here and is given up there', async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.gateway.trouble.set('/v1/approvals', 'lose_answer');
    await expect(startApproval(desk)).rejects.toMatchObject({ code: 'gateway_unreachable' });
    desk.gateway.trouble.clear();
    await desk.run(5_000);
    expect(desk.till.view().approvals).toMatchObject([{ stage: 'failed' }]);
    expect(desk.gateway.approvals.only().status).toBe('cancelled');
  });
});
