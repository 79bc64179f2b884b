import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
import type { PosApproval, PosApprovalCreate } from '../../shared/pos-link-api.ts';
import { moved, startApproval } from '../../test/fixtures/approval-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

const KEY = 'terminal-key-1';
const wish = (changes: Partial<PosApprovalCreate> = {}): PosApprovalCreate => ({
  kind: 'void',
  amount: amountSchema.parse(50_000),
  basisPoints: null,
  reason: { key: null, text: 'Salah scan' },
  note: '',
  saleRef: 'INV/42',
  ...changes,
});

const start = (desk: Desk, changes: Partial<PosApprovalCreate> = {}, key = KEY): Promise<PosApproval> =>
  desk.call(desk.till.pos.startApproval(key, wish(changes)));

async function signedIn(): Promise<Desk> {
  const desk = await openDesk();
  await desk.signIn();
  return desk;
}

describe('an approval that the terminal starts', () => {
  it('is asked for by whoever is signed in, and followed to the decision', async () => {
    const desk = await openDesk();
    await expect(start(desk)).rejects.toMatchObject({ code: 'not_signed_in' });
    await desk.signIn();
    const approval = await start(desk);
    expect(approval).toMatchObject({
      status: 'pending',
      requestedBy: 'Dewi',
      approvedBy: [],
      saleRef: 'INV/42',
    });
    const told: PosApproval[] = [];
    const stop = desk.till.pos.followApproval(approval.id, (one) => told.push(one));
    desk.gateway.approvals.decide(desk.gateway.approvals.only().id, 'quorum');
    await desk.run(200);
    stop();
    expect(told.at(-1)).toMatchObject({
      status: 'approved',
      approvedBy: ['Siti'],
      drawer: 'opened',
      error: null,
    });
    expect(moved(desk)).toEqual([1, 1]);
  });

  it('tells a no with its reason', async () => {
    const desk = await signedIn();
    const { id } = await start(desk);
    desk.gateway.approvals.decide(desk.gateway.approvals.only().id, 'reject', { reason: 'tidak' });
    await desk.run();
    expect(desk.till.pos.getApproval(id)).toMatchObject({
      status: 'rejected',
      rejection: { name: 'Siti', reason: 'tidak' },
      expiresInMs: null,
    });
  });

  it('is the same for the same key, whoever is signed in then, and refuses another body', async () => {
    const desk = await signedIn();
    const { id } = await start(desk);
    await desk.till.invoke('session.signOut', {});
    expect((await start(desk)).id).toBe(id);
    expect(desk.gateway.approvals.held.size).toBe(1);
    await expect(start(desk, { saleRef: 'INV/43' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    await expect(desk.till.pos.cancelApproval(id, KEY)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('is taken up again after a try without an answer, and not after a refusal', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/approvals', 'down');
    await expect(start(desk)).rejects.toMatchObject({ code: 'gateway_unreachable' });
    desk.gateway.trouble.clear();
    expect(await start(desk)).toMatchObject({ status: 'pending' });
    expect(desk.gateway.approvals.held.size).toBe(1);
    desk.gateway.refuse.set('/approvals', new SaksiError('approval_outside_hours'));
    await expect(start(desk, {}, 'terminal-key-2')).rejects.toMatchObject({ code: 'approval_outside_hours' });
    desk.gateway.refuse.clear();
    await expect(start(desk, {}, 'terminal-key-2')).rejects.toMatchObject({ code: 'approval_outside_hours' });
  });

  it('is given up once, and not after it was decided', async () => {
    const desk = await signedIn();
    const first = await start(desk);
    for (const key of ['cancel-key-1', 'cancel-key-1', 'cancel-key-2']) {
      expect((await desk.till.pos.cancelApproval(first.id, key)).status).toBe('cancelled');
    }
    await desk.run(500);
    expect(desk.gateway.approvals.cancelled).toHaveLength(1);
    const second = await start(desk, {}, 'terminal-key-2');
    desk.gateway.approvals.decide([...desk.gateway.approvals.held.keys()].at(-1) ?? '', 'quorum');
    await desk.run();
    await expect(desk.till.pos.cancelApproval(second.id, 'cancel-key-3')).rejects.toMatchObject({
      code: 'approval_state',
    });
  });

  it("is the terminal's alone: it sees no other, and nobody has to sign in to give it up", async () => {
    const desk = await signedIn();
    const { approvalId } = await startApproval(desk);
    const { pos } = desk.till;
    expect(() => pos.getApproval(approvalId)).toThrow(expect.objectContaining({ code: 'approval_unknown' }));
    expect(() => pos.followApproval(approvalId, () => {})).toThrow();
    await expect(pos.cancelApproval(approvalId, 'cancel-key-1')).rejects.toMatchObject({
      code: 'approval_unknown',
    });
    const { id } = await start(desk);
    await desk.till.invoke('session.signOut', {});
    await desk.till.invoke('approval.cancel', { approvalId: id });
    expect(pos.getApproval(id).status).toBe('cancelled');
  });
});
