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

describeOnBothEngines('who is asked for an approval, and how many', (getEngine) => {
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
