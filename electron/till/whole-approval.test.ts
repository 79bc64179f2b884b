import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalView, BridgeInput } from '../../shared/bridge.ts';
import { amountSchema } from '../../shared/money.ts';
import { memoryDatabase } from '../../test/fixtures/postgres.ts';
import { openShop, openTill, type Shop, type ShopTill, SILENT_MESSAGING } from '../../test/fixtures/shop.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';

let shop: Shop;
let desk: ShopTill;

beforeAll(async () => {
  shop = await openShop({ database: await memoryDatabase(), approvalMessaging: SILENT_MESSAGING });
  desk = await openTill();
  await desk.till.invoke('pairing.pair', {
    gatewayUrl: shop.gatewayUrl,
    pairingCode: await shop.pairingCode('Kasir Depan'),
  });
  await signIn('cashier');
}, 120_000);

afterAll(async () => {
  await desk?.stop();
  await shop?.close();
  removeTempFolders();
});

function person(role: 'cashier' | 'supervisor' | 'manager') {
  const found = shop.demo.staff.find((one) => one.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
}

async function signIn(role: Parameters<typeof person>[0]): Promise<void> {
  const { id, pin } = person(role);
  await desk.till.invoke('session.signIn', { staffId: id, pin });
}

type Wish = BridgeInput<'approval.start'>;
const VOID: Wish = {
  kind: 'void',
  amount: amountSchema.parse(75_000),
  basisPoints: null,
  reason: { key: null, text: 'Salah scan' },
  note: '',
  saleRef: 'INV/2026-7',
};

async function ask(wish: Wish = VOID) {
  const { approvalId } = await desk.till.invoke('approval.start', wish);
  const row = await shop.gateway.services.engine.kysely
    .selectFrom('approvals')
    .select('id')
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  const target = { approvalId: row?.id ?? '' };
  return {
    approvalId,
    decide: (decision: 'approve' | 'reject', role: Parameters<typeof person>[0] = 'supervisor') =>
      shop.gateway.services.approvals.decide({ target, staffId: person(role).id, decision, via: 'tap' }),
  };
}

async function shownAs(approvalId: string, stage: ApprovalView['stage']): Promise<ApprovalView> {
  const find = () => desk.till.view().approvals.find(({ id }) => id === approvalId);
  await desk.until(() => find()?.stage === stage, `an approval ${stage}`);
  const found = find();
  if (found === undefined) throw new Error('not on the screen');
  return found;
}

describe('an approval on real parts', () => {
  it('goes from the request over the yes to the open drawer and the slip', async () => {
    const { approvalId, decide } = await ask();
    expect(desk.till.view().approvals[0]).toMatchObject({
      stage: 'pending',
      asked: expect.arrayContaining([expect.objectContaining({ name: 'Siti Rahma', decision: null })]),
      expiresInMs: expect.any(Number),
      nextStepInMs: expect.any(Number),
    });
    expect(await decide('approve')).toMatchObject({ outcome: 'decided' });
    expect(await shownAs(approvalId, 'approved')).toMatchObject({
      drawer: { state: 'opened' },
      slip: { state: 'printed' },
      error: null,
    });
    expect(desk.mpop.drawerPulses).toHaveLength(1);
    expect(desk.mpop.errors).toEqual([]);
    const text = slipText(desk.mpop.slips[0]?.elements ?? []).join('\n');
    for (const told of [
      'BATAL TRANSAKSI',
      'Batal transaksi',
      '75.000',
      'Salah scan',
      'INV/2026-7',
      'Dewi',
      'Siti',
    ]) {
      expect(text).toContain(told);
    }
    expect(await decide('reject')).toMatchObject({ approval: { status: 'approved' } });
    expect((await shownAs(approvalId, 'approved')).rejection).toBeNull();
    expect(desk.mpop.drawerPulses).toHaveLength(1);
    expect(JSON.stringify([desk.log, desk.till.view()])).not.toContain('eyJ');
  });

  it('is not decided by whoever asked, and a no comes with its reason', async () => {
    await signIn('supervisor');
    const { approvalId, decide } = await ask();
    expect(await decide('approve', 'supervisor')).toMatchObject({ outcome: 'own_request' });
    await signIn('cashier');
    await desk.till.invoke('approval.cancel', { approvalId });
    const second = await ask({ ...VOID, kind: 'refund' });
    await second.decide('reject');
    await shownAs(second.approvalId, 'rejected');
    await shop.gateway.services.approvals.attachReason(person('supervisor').id, 'struk belum ada');
    await desk.until(
      ({ approvals }) => approvals[0]?.rejection?.reason === 'struk belum ada',
      'the reason of the no',
    );
    expect(desk.mpop.drawerPulses).toHaveLength(1);
  });

  it('given up at the till is given up at the gateway, and a yes comes too late', async () => {
    const { approvalId, decide } = await ask();
    await desk.till.invoke('approval.cancel', { approvalId });
    await desk.until(({ status }) => status.outbox.pending === 0, 'an empty outbox');
    expect(await decide('approve')).toMatchObject({ outcome: 'cancelled' });
    expect(await shownAs(approvalId, 'cancelled')).toMatchObject({ error: null });
    expect(desk.mpop.drawerPulses).toHaveLength(1);
  });

  it('decided while the till was off is acted on once when it is back', async () => {
    const { approvalId, decide } = await ask();
    await desk.stop();
    await decide('approve');
    const pulses = desk.mpop.drawerPulses.length;
    desk = await openTill({ dataDir: desk.dataDir, mpop: desk.mpop });
    await shownAs(approvalId, 'approved');
    expect(desk.mpop.drawerPulses).toHaveLength(pulses + 1);
    await desk.stop();
    desk = await openTill({ dataDir: desk.dataDir, mpop: desk.mpop });
    await desk.until(({ status }) => status.gateway.state === 'online', 'the line');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(desk.mpop.drawerPulses).toHaveLength(pulses + 1);
  });

  it('needs nobody below what the manager set, by the policy as the gateway signed it', async () => {
    await signIn('manager');
    const { policy } = await desk.till.invoke('policy.get', {});
    const { version: baseVersion, ...changed } = structuredClone(policy);
    for (const kind of changed.approvals.kinds) if (kind.key === 'cash_out') kind.freeBelowAmount = 50_000;
    const pin = person('manager').pin;
    await expect(
      desk.till.invoke('policy.save', { pin: '0000', baseVersion, policy: changed }),
    ).rejects.toMatchObject({ code: 'pin_wrong' });
    // One person alone does not weaken the rules.
    await expect(
      desk.till.invoke('policy.save', { pin, baseVersion, policy: changed }),
    ).rejects.toMatchObject({ code: 'policy_needs_second', params: { parts: 'approvals' } });
    const second = { staffId: person('supervisor').id, pin: person('supervisor').pin };
    const saved = await desk.till.invoke('policy.save', { pin, baseVersion, policy: changed, second });
    expect(saved.policy.version).toBe(baseVersion + 1);
    await expect(
      desk.till.invoke('policy.save', { pin, baseVersion, policy: changed, second }),
    ).rejects.toMatchObject({ code: 'policy_conflict' });
    expect(desk.till.view().status.gateway.error).toBeNull();
    await signIn('cashier');
    const pulses = desk.mpop.drawerPulses.length;
    const { approvalId } = await desk.till.invoke('approval.start', {
      ...VOID,
      kind: 'cash_out',
      amount: amountSchema.parse(49_999),
      saleRef: null,
    });
    expect(await shownAs(approvalId, 'approved')).toMatchObject({ free: true, drawer: { state: 'opened' } });
    expect(desk.mpop.drawerPulses).toHaveLength(pulses + 1);
  });
});
