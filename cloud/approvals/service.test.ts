import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import {
  type ApprovalWorld,
  approvalWorld,
  claimsOf,
  voidBody,
  withKind,
} from '../../test/fixtures/approval-world.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';
import type { TillIdentity } from '../redemptions/context.ts';

const refusal = (code: ErrorCode, params = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });

describeOnBothEngines('approvals', (getEngine) => {
  let clock: ReturnType<typeof standingClock>;
  let world: ApprovalWorld;
  let storeId: string;
  let till: TillIdentity;
  let cashier: string;
  let supervisor: string;
  let second: string;
  let manager: string;

  beforeAll(() => {
    clock = standingClock();
    world = approvalWorld(getEngine(), clock);
  });
  beforeEach(async () => {
    // Whatever the test before left open ends here.
    clock.advance(600_000);
    ({ storeId, till, cashier, supervisor, second, manager } = await world.staffedStore());
  });

  const create = (more = {}) => world.service.create(till, world.newKey(), voidBody(cashier, more));
  const start = async (more = {}) => (await create(more)).approval.id;
  const get = (id: string) => world.service.get(till, id);

  it('asks the people of the first step and tells the till', async () => {
    const { approval, grant } = await create({ note: 'meja 4' });
    expect(grant).toBeNull();
    expect(approval).toMatchObject({
      ...{ status: 'pending', kind: 'void', amount: 50_000, reason: 'Salah barang', note: 'meja 4' },
      ...{ expiresInMs: 600_000, nextStepInMs: 120_000, needed: 1, free: false, code: null },
      requestedBy: { staffId: cashier },
    });
    expect(approval.asked.map(({ staffId }) => staffId)).toEqual([supervisor, second]);
    expect(approval.asked[0]).toMatchObject({ step: 0, decision: null, delivery: { state: 'queued' } });
    const announced = world.ports.announced.at(-1);
    expect(announced?.recipients.map(({ staffId }) => staffId)).toEqual([supervisor, second]);
    expect(announced?.approval).toMatchObject({ approvalId: approval.id, storeName: 'Toko Uji' });
    expect(await world.events(till.tillId)).toEqual([
      { type: 'approval.changed', approval: expect.objectContaining({ id: approval.id }), grant: null },
    ]);
  });

  it('approves at a supervisor’s word, with a grant for this till, once', async () => {
    const id = await start();
    const at = clock.now();
    const outcome = await world.tap(id, supervisor);
    expect(outcome).toMatchObject({ outcome: 'decided', approval: { status: 'approved', decidedAt: at } });
    const answer = await get(id);
    expect(answer.approval).toMatchObject({ status: 'approved', nextStepInMs: null, rejection: null });
    expect(answer.approval.asked).toMatchObject([{ decision: 'approve' }, { decision: null }]);
    expect(claimsOf(answer)).toMatchObject({
      ...{ aud: till.tillId, kind: 'approval', approvalId: id, approvalKind: 'void', saleRef: 'INV-1' },
      ...{ amount: 50_000, requestedBy: cashier, deciders: [supervisor] },
      ...{ actions: ['drawer.open', 'slip.print'], exp: Math.floor(at / 1000) + 300 },
    });
    const event = (await world.events(till.tillId)).at(-1);
    expect(event).toMatchObject({ type: 'approval.changed', grant: answer.grant });
    expect(world.ports.ended.at(-1)).toMatchObject({
      decidedBy: { staffId: supervisor },
      recipients: [{ staffId: second }],
      approval: { approvalId: id, status: 'approved' },
    });
    clock.advance(299_999);
    expect((await get(id)).grant).toBe(answer.grant);
    expect(await world.service.listOpen(till)).toMatchObject([{ approval: { id } }]);
    clock.advance(1);
    expect((await get(id)).grant).toBeNull();
    expect(await world.service.listOpen(till)).toEqual([]);
  });

  it('ends at one reject, and takes the person’s next text as its reason', async () => {
    const id = await start();
    const outcome = await world.tap(id, second, 'reject');
    expect(outcome).toMatchObject({
      outcome: 'decided',
      approval: { status: 'rejected' },
      reasonSeconds: 120,
    });
    expect((await get(id)).approval.rejection).toEqual({ name: expect.any(String), reason: null });
    expect(await world.service.attachReason(supervisor, 'bukan saya')).toBeNull();
    expect(await world.service.attachReason(second, '   ')).toBeNull();
    clock.advance(119_999);
    const facts = await world.service.attachReason(second, ' struk belum ada ');
    expect(facts).toMatchObject({ approvalId: id });
    expect((await get(id)).approval.rejection?.reason).toBe('struk belum ada');
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({
      approval: { id, status: 'rejected', rejection: { reason: 'struk belum ada' } },
      grant: null,
    });
    expect(await world.service.attachReason(second, 'halo')).toBeNull();
    expect((await get(id)).approval.rejection?.reason).toBe('struk belum ada');
  });

  it('takes no reason when policy’s time has passed', async () => {
    const id = await start();
    await world.tap(id, second, 'reject');
    clock.advance(120_000);
    expect(await world.service.attachReason(second, 'terlambat')).toBeNull();
    expect((await get(id)).approval.rejection?.reason).toBeNull();
  });

  it('cuts a long reason between characters', async () => {
    const id = await start();
    await world.tap(id, second, 'reject');
    await world.service.attachReason(second, '🙂'.repeat(300));
    expect((await get(id)).approval.rejection?.reason).toBe('🙂'.repeat(280));
  });

  it('answers late and repeated taps, and records them', async () => {
    const id = await start();
    const at = clock.now();
    await world.tap(id, supervisor);
    const events = (await world.events(till.tillId)).length;
    clock.advance(5_000);
    expect(await world.tap(id, second, 'reject')).toMatchObject({
      outcome: 'already_decided',
      by: { staffId: supervisor },
      at,
    });
    expect(await world.tap(id, supervisor)).toMatchObject({ outcome: 'repeated' });
    expect(await world.tap(id, supervisor, 'reject')).toMatchObject({ outcome: 'repeated' });
    expect(await world.refusals(id)).toEqual(['late_decided', 'repeated', 'repeated']);
    expect((await get(id)).approval.status).toBe('approved');
    expect(await world.events(till.tillId)).toHaveLength(events);
  });

  it('keeps no more than fifty refused taps of one person about one request', async () => {
    const id = await start();
    await world.tap(id, supervisor);
    for (let count = 0; count < 55; count += 1) await world.tap(id, supervisor);
    await world.tap(id, second);
    expect(await world.refusals(id)).toHaveLength(51);
  });

  it('takes no tap once it has lapsed, also before the loop has come by', async () => {
    const id = await start();
    clock.advance(600_000);
    const told = world.ports.ended.length;
    expect(await world.tap(id, supervisor)).toMatchObject({
      outcome: 'expired',
      approval: { status: 'expired' },
    });
    expect((await get(id)).approval.status).toBe('expired');
    expect(world.ports.ended.slice(told)).toMatchObject([{ decidedBy: null, approval: { approvalId: id } }]);
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({ approval: { id, status: 'expired' } });
    expect(await world.refusals(id)).toEqual(['late_expired']);
    expect(await world.service.lapseDue()).toBe(0);
    expect(await world.tap(id, second)).toMatchObject({ outcome: 'expired' });
  });

  it('lapses what nobody answered', async () => {
    const id = await start();
    clock.advance(599_999);
    expect(await world.service.lapseDue()).toBe(0);
    clock.advance(1);
    expect(await world.service.lapseDue()).toBe(1);
    expect((await get(id)).approval.status).toBe('expired');
    expect(world.ports.observed.at(-1)).toBe('void/expired');
  });

  it('lets the till take it back, twice as well as once', async () => {
    const id = await start();
    const key = world.newKey();
    expect((await world.service.cancel(till, id, key)).approval.status).toBe('cancelled');
    expect((await world.service.cancel(till, id, key)).approval.status).toBe('cancelled');
    expect((await world.service.cancel(till, id, world.newKey())).approval.status).toBe('cancelled');
    expect(await world.tap(id, supervisor)).toMatchObject({ outcome: 'cancelled' });
    expect(await world.refusals(id)).toEqual(['late_cancelled']);
    const decided = await start();
    await world.tap(decided, supervisor);
    await expect(world.service.cancel(till, decided, world.newKey())).rejects.toEqual(
      refusal('approval_state', { status: 'approved' }),
    );
    const lapsed = await start();
    clock.advance(600_000);
    const late = world.newKey();
    const expired = refusal('approval_state', { status: 'expired' });
    await expect(world.service.cancel(till, lapsed, late)).rejects.toEqual(expired);
    await expect(world.service.cancel(till, lapsed, late)).rejects.toEqual(expired);
  });

  it('gives a repeated request its first outcome, and refuses a key used for something else', async () => {
    const key = world.newKey();
    const body = voidBody(cashier);
    const first = await world.service.create(till, key, body);
    const announced = world.ports.announced.length;
    expect((await world.service.create(till, key, body)).approval.id).toBe(first.approval.id);
    expect(world.ports.announced).toHaveLength(announced);
    const reused = refusal('idempotency_key_reused');
    await expect(world.service.create(till, key, { ...body, saleRef: 'INV-2' })).rejects.toEqual(reused);
    await expect(world.service.cancel(till, first.approval.id, key)).rejects.toEqual(reused);
    expect((await get(first.approval.id)).approval.status).toBe('pending');
  });

  it('shows a till no other till’s request', async () => {
    const id = await start();
    const other = await world.addTill(storeId);
    const unknown = refusal('approval_unknown');
    await expect(world.service.get(other, id)).rejects.toEqual(unknown);
    await expect(world.service.cancel(other, id, world.newKey())).rejects.toEqual(unknown);
    await expect(world.service.get(till, 'no-id')).rejects.toEqual(unknown);
    expect(await world.service.listOpen(other)).toEqual([]);
  });

  it('refuses what does not fit its kind', async () => {
    await expect(create({ kind: 'nonsense' })).rejects.toEqual(refusal('approval_kind_unknown'));
    await expect(create({ amount: null })).rejects.toEqual(
      refusal('approval_incomplete', { field: 'amount' }),
    );
    await expect(
      create({ kind: 'discount', amount: null, reason: { key: 'promotion', text: null } }),
    ).rejects.toEqual(refusal('approval_incomplete', { field: 'basisPoints' }));
    await expect(create({ basisPoints: 100 })).rejects.toEqual(
      refusal('bad_request', { at: 'body/basisPoints' }),
    );
    for (const reason of [
      { key: null, text: null },
      { key: null, text: '  ' },
      { key: 'bank_deposit', text: null },
    ]) {
      await expect(create({ reason })).rejects.toEqual(refusal('approval_incomplete', { field: 'reason' }));
    }
    await expect(create({ amount: 0 })).rejects.toEqual(refusal('amount_invalid'));
    await expect(create({ saleRef: '' })).rejects.toEqual(refusal('bad_request'));
    expect((await create({ reason: { key: null, text: 'tamu pulang' } })).approval.reason).toBe(
      'tamu pulang',
    );
    expect((await create({ reason: { key: 'wrong_item', text: 'es teh' } })).approval.reason).toBe(
      'Salah barang: es teh',
    );
  });

  it('takes requests of nobody but active staff of this store', async () => {
    const stranger = await world.addStaff(await world.addStore(), 'cashier');
    await expect(create({ staffId: stranger })).rejects.toEqual(refusal('staff_unknown'));
    await world.setActive(cashier, false);
    await expect(create()).rejects.toEqual(refusal('staff_unknown'));
  });

  it('never asks who asks, whatever role or phone they use', async () => {
    const { approval } = await create({ staffId: supervisor });
    expect(approval.asked.map(({ staffId }) => staffId)).toEqual([second]);
    const target = { ref: await world.refOf(approval.id, second) };
    const own = { target, staffId: supervisor, decision: 'approve', via: 'tap' } as const;
    expect(await world.service.decide(own)).toMatchObject({ outcome: 'own_request' });
    expect(await world.refusals(approval.id)).toEqual(['own_request']);
    expect((await get(approval.id)).approval.status).toBe('pending');
  });

  it('counts a second name on the requester’s phone as the requester', async () => {
    const phone = '+628999000111';
    const [asking, twin] = [
      await world.addStaff(storeId, 'cashier', phone),
      await world.addStaff(storeId, 'supervisor', phone),
    ];
    const { approval } = await create({ staffId: asking });
    expect(approval.asked.map(({ staffId }) => staffId)).toEqual([supervisor, second]);
    // Even when the numbers become one after the question went out.
    await getEngine()
      .kysely.updateTable('staff')
      .set({ phone_e164: phone })
      .where('id', '=', second)
      .execute();
    expect(await world.tap(approval.id, second)).toMatchObject({ outcome: 'own_request' });
    expect(twin).not.toBe(asking);
    expect((await get(approval.id)).approval.status).toBe('pending');
  });

  it('takes a tap only from whom the message was sent to', async () => {
    const id = await start();
    const ref = await world.refOf(id, supervisor);
    const tap = (staffId: string, of: { ref: string } | { approvalId: string }) =>
      world.service.decide({ target: of, staffId, decision: 'approve', via: 'tap' });
    expect(await tap(second, { ref })).toMatchObject({ outcome: 'not_yours' });
    expect(await tap(manager, { ref })).toMatchObject({ outcome: 'not_yours' });
    expect(await tap(manager, { approvalId: id })).toMatchObject({ outcome: 'not_yours' });
    const stranger = await world.addStaff(await world.addStore(), 'manager');
    expect(await tap(stranger, { ref })).toMatchObject({ outcome: 'not_yours' });
    expect(await tap(supervisor, { ref: 'A'.repeat(22) })).toEqual({ outcome: 'unknown' });
    expect(await world.refusals(id)).toEqual(['forwarded', 'forwarded', 'not_asked', 'forwarded']);
    expect((await get(id)).approval.status).toBe('pending');
    const refused = { ref, staffId: null, decision: 'approve', refused: 'foreign' } as const;
    await world.service.recordRefusedTap(getEngine().kysely, refused);
    expect((await world.refusals(id)).at(-1)).toBe('foreign');
    expect(await world.service.recipientOf(getEngine().kysely, ref)).toMatchObject({
      staffId: supervisor,
      approval: { approvalId: id },
    });
    expect(await world.service.recipientOf(getEngine().kysely, 'A'.repeat(22))).toBeNull();
  });

  it('looks at staff and policy in force at the moment of the tap', async () => {
    const gone = await start();
    await world.setActive(supervisor, false);
    expect(await world.tap(gone, supervisor)).toMatchObject({ outcome: 'not_yours' });
    await world.setActive(supervisor, true);
    await world.setPolicy(
      storeId,
      policyWith((policy) => {
        const tiers = [{ fromAmount: 0, fromBasisPoints: null, roles: ['manager' as const], needed: 1 }];
        withKind(policy, 'void', { tiers });
      }),
    );
    expect(await world.tap(gone, supervisor)).toMatchObject({ outcome: 'not_yours' });
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { enabled: false })),
    );
    expect(await world.tap(gone, supervisor)).toMatchObject({ outcome: 'not_yours' });
    await world.setPolicy(
      storeId,
      policyWith(() => {}),
    );
    expect(await world.tap(gone, supervisor)).toMatchObject({ outcome: 'decided' });
    expect(await world.refusals(gone)).toEqual(['not_authorised', 'not_authorised', 'not_authorised']);
  });
});
