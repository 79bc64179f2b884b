import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
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
    // Whatever the test before left open ends here: what is due is then this test's alone.
    clock.advance(600_000);
    while ((await world.service.lapseDue()) > 0);
    storeId = await world.addStore();
    till = await world.addTill(storeId);
    cashier = await world.addStaff(storeId, 'cashier');
    supervisor = await world.addStaff(storeId, 'supervisor');
    second = await world.addStaff(storeId, 'supervisor');
    manager = await world.addStaff(storeId, 'manager');
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

  it('needs as many different people as the amount’s tier says', async () => {
    const tiers = [
      { fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 1 },
      { fromAmount: 100_000, fromBasisPoints: null, roles: ['supervisor' as const], needed: 2 },
    ];
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { tiers })),
    );
    const third = await world.addStaff(storeId, 'supervisor');
    const { approval } = await create({ amount: amountSchema.parse(100_000) });
    const { id } = approval;
    expect(approval).toMatchObject({ needed: 2, asked: [{}, {}, {}] });
    expect(await world.tap(id, third)).toMatchObject({ outcome: 'recorded', given: 1 });
    expect(await world.tap(id, third)).toMatchObject({ outcome: 'repeated' });
    expect((await get(id)).approval).toMatchObject({ status: 'pending' });
    expect(await world.tap(id, supervisor)).toMatchObject({ outcome: 'decided' });
    expect(claimsOf(await get(id)).deciders).toEqual(expect.arrayContaining([third, supervisor]));
    const told = world.ports.ended.at(-1);
    expect(told?.recipients.map(({ staffId }) => staffId)).toEqual([second, third]);
  });

  it('counts no yes of somebody who may no longer decide, nor one person twice', async () => {
    const tiers = [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 2 }];
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { tiers })),
    );
    const third = await world.addStaff(storeId, 'supervisor');
    const id = await start();
    await world.tap(id, supervisor);
    await world.setActive(supervisor, false);
    expect(await world.tap(id, second)).toMatchObject({ outcome: 'recorded', given: 1 });
    expect(await world.tap(id, third)).toMatchObject({ outcome: 'decided' });
    expect(claimsOf(await get(id)).deciders).toEqual(expect.arrayContaining([second, third]));

    await world.setActive(supervisor, true);
    const again = await start();
    await world.tap(again, supervisor);
    const { kysely } = getEngine();
    const { phone_e164 } = await kysely
      .selectFrom('staff')
      .select('phone_e164')
      .where('id', '=', supervisor)
      .executeTakeFirstOrThrow();
    await kysely.updateTable('staff').set({ phone_e164 }).where('id', '=', third).execute();
    expect(await world.tap(again, third)).toMatchObject({ outcome: 'repeated' });
    expect(await world.tap(again, second)).toMatchObject({ outcome: 'decided' });
  });

  it('holds to a number raised meanwhile, and to the one asked for when it was lowered', async () => {
    const two = { fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 2 };
    const strict = policyWith((policy) => withKind(policy, 'void', { tiers: [two] }));
    const raised = await start();
    await world.setPolicy(storeId, strict);
    expect(await world.tap(raised, supervisor)).toMatchObject({ outcome: 'recorded' });
    expect((await get(raised)).approval.needed).toBe(2);
    const lowered = await start();
    await world.setPolicy(
      storeId,
      policyWith(() => {}),
    );
    expect(await world.tap(lowered, supervisor)).toMatchObject({ outcome: 'recorded' });
  });

  it('says at once when nobody could ever decide', async () => {
    await world.setActive(supervisor, false);
    await world.setActive(second, false);
    expect((await create()).approval.asked).toMatchObject([{ staffId: manager, step: 1 }]);
    await world.setActive(manager, false);
    await expect(create()).rejects.toEqual(refusal('approval_nobody'));
    const silent = await world.addStaff(storeId, 'supervisor', null);
    await expect(create()).rejects.toEqual(refusal('approval_nobody'));
    await expect(create({ staffId: silent })).rejects.toEqual(refusal('approval_nobody'));
    const tiers = [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 2 }];
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { tiers })),
    );
    await world.addStaff(storeId, 'supervisor', '+628777000222');
    await world.addStaff(storeId, 'supervisor', '+628777000222');
    await expect(create()).rejects.toEqual(refusal('approval_nobody'));
    await world.addStaff(storeId, 'supervisor');
    expect((await create()).approval.asked).toHaveLength(2);
  });

  it('asks the next people in time, once, and skips who cannot be asked', async () => {
    const steps = [
      { afterSeconds: 0, roles: [], staffIds: [second] },
      { afterSeconds: 60, roles: [], staffIds: [cashier] },
      { afterSeconds: 90, roles: ['supervisor' as const], staffIds: [manager] },
    ];
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { steps })),
    );
    const { approval } = await create();
    const { id } = approval;
    expect(approval).toMatchObject({ nextStepInMs: 60_000, asked: [{ staffId: second, step: 0 }] });
    const announced = world.ports.announced.length;
    clock.advance(59_999);
    expect(await world.service.escalateDue()).toBe(0);
    clock.advance(1);
    expect(await world.service.escalateDue()).toBe(1);
    // Nobody at the second step, whose turn is now: the third waits for its own time.
    expect((await get(id)).approval).toMatchObject({ nextStepInMs: 30_000, asked: [{}] });
    clock.advance(30_000);
    expect(await world.service.escalateDue()).toBe(1);
    expect(await world.service.escalateDue()).toBe(0);
    const after = (await get(id)).approval;
    expect(after.nextStepInMs).toBeNull();
    expect(after.asked.map(({ staffId, step }) => [staffId, step])).toEqual([
      [second, 0],
      [manager, 2],
      [supervisor, 2],
    ]);
    expect(world.ports.announced.slice(announced)).toHaveLength(1);
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({ approval: { id, asked: [{}, {}, {}] } });
    expect(await world.tap(id, manager)).toMatchObject({ outcome: 'decided' });
  });

  it('does not escalate what has ended', async () => {
    const id = await start();
    await world.tap(id, supervisor, 'reject');
    clock.advance(120_000);
    expect(await world.service.escalateDue()).toBe(0);
    expect((await get(id)).approval.asked).toHaveLength(2);
  });

  it('asks more than one step at once where the first alone is too few', async () => {
    const tiers = [
      { fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const, 'manager' as const], needed: 3 },
    ];
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { tiers })),
    );
    const { approval } = await create();
    expect(approval).toMatchObject({ needed: 3, nextStepInMs: null, asked: [{}, {}, { staffId: manager }] });
  });

  it('keeps to working hours', async () => {
    // The clock stands on a Friday afternoon in Jakarta; the shop is open on Mondays.
    const days = [{ day: 1, from: 0, to: 1440 }];
    const outside = (rule: 'refuse' | 'managers_only') =>
      policyWith((policy) => {
        policy.approvals.hours = { days, outside: rule };
      });
    const before = await start();
    await world.setPolicy(storeId, outside('refuse'));
    await expect(create()).rejects.toEqual(refusal('approval_outside_hours'));
    await world.setPolicy(storeId, outside('managers_only'));
    expect((await create()).approval.asked.map(({ staffId }) => staffId)).toEqual([manager]);
    expect(await world.tap(before, supervisor)).toMatchObject({ outcome: 'not_yours' });
  });

  it('asks nobody for what is free by policy', async () => {
    await world.setPolicy(
      storeId,
      policyWith((policy) => withKind(policy, 'void', { freeBelowAmount: 20_000 })),
    );
    const announced = world.ports.announced.length;
    const answer = await create({ amount: amountSchema.parse(19_999) });
    expect(answer.approval).toMatchObject({ status: 'approved', free: true, asked: [] });
    expect(claimsOf(answer)).toMatchObject({ deciders: [], requestedBy: cashier });
    expect(world.ports.announced).toHaveLength(announced);
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({ grant: answer.grant });
    expect((await create({ amount: amountSchema.parse(20_000) })).approval.status).toBe('pending');
  });

  it('holds the limits per cashier and kind, and per till', async () => {
    await world.setPolicy(
      storeId,
      policyWith((policy) => {
        withKind(policy, 'void', { repeat: { count: 2, windowSeconds: 600 } });
        policy.approvals.openMax = 3;
      }),
    );
    const first = await start();
    clock.advance(400_000);
    await start();
    await expect(create()).rejects.toEqual(refusal('approval_repeat_limit', { seconds: 200 }));
    const other = await world.addStaff(storeId, 'cashier');
    await start({ staffId: other });
    await expect(create({ staffId: other })).rejects.toEqual(refusal('approval_too_many_open'));
    await world.service.cancel(till, first, world.newKey());
    await start({ staffId: other });
    clock.advance(600_000);
    // What is past its time is not open, whether or not the loop has come by.
    await start();
  });
});
