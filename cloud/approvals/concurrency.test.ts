import { expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import type { Policy } from '../../shared/policy.ts';
import { approvalWorld, claimsOf, voidBody, withKind } from '../../test/fixtures/approval-world.ts';
import { describePostgres } from '../../test/fixtures/engines.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Outcomes counted by name: what `name` says of a result, or the refusal's code. */
async function tally<T>(calls: Promise<T>[], name: (result: T) => string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(calls)) {
    if (result.status === 'rejected' && !(result.reason instanceof SaksiError)) throw result.reason;
    const key = result.status === 'fulfilled' ? name(result.value) : result.reason.code;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describePostgres(
  'approvals under concurrency',
  (getEngine) => {
    const scene = async (supervisors: number, edit: (policy: Policy) => void = () => {}) => {
      const clock = standingClock();
      const world = approvalWorld(getEngine(), clock);
      const storeId = await world.addStore(policyWith(edit));
      const till = await world.addTill(storeId);
      const cashier = await world.addStaff(storeId, 'cashier');
      const people: string[] = [];
      for (let index = 0; index < supervisors; index += 1)
        people.push(await world.addStaff(storeId, 'supervisor'));
      const create = (key = world.newKey(), who = cashier) => world.service.create(till, key, voidBody(who));
      return { clock, world, storeId, till, cashier, people, create };
    };

    it('takes exactly one decision when twenty supervisors tap at once', async () => {
      const { world, till, people, create } = await scene(20);
      const { id } = (await create()).approval;
      const events = (await world.events(till.tillId)).length;
      const taps = people.map((staffId, index) =>
        world.tap(id, staffId, index % 2 === 0 ? 'approve' : 'reject'),
      );
      expect(await tally(taps, ({ outcome }) => outcome)).toEqual({ decided: 1, already_decided: 19 });
      expect(await world.events(till.tillId)).toHaveLength(events + 1);
      expect(await world.refusals(id)).toEqual(times(19, () => 'late_decided'));
      const votes = await getEngine()
        .kysely.selectFrom('approval_votes')
        .selectAll()
        .where('approval_id', '=', id)
        .execute();
      expect(votes).toHaveLength(1);
    });

    it('counts one person’s taps once however many come at once', async () => {
      const { world, till, people, create } = await scene(3, (policy) => {
        const tiers = [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 2 }];
        withKind(policy, 'void', { tiers });
      });
      const { id } = (await create()).approval;
      const taps = times(12, () => world.tap(id, people[0] ?? ''));
      expect(await tally(taps, ({ outcome }) => outcome)).toEqual({ recorded: 1, repeated: 11 });
      const rest = [world.tap(id, people[1] ?? ''), world.tap(id, people[2] ?? '')];
      expect(await tally(rest, ({ outcome }) => outcome)).toEqual({ decided: 1, already_decided: 1 });
      expect(claimsOf(await world.service.get(till, id)).deciders).toHaveLength(2);
    });

    it('is approved or cancelled, never both, when tap and cancel meet', async () => {
      const { world, till, people, create } = await scene(1, (policy) => {
        withKind(policy, 'void', { repeat: { count: 1000, windowSeconds: 60 } });
      });
      for (let round = 0; round < 20; round += 1) {
        const { id } = (await create()).approval;
        const [tapped, cancelled] = await Promise.allSettled([
          world.tap(id, people[0] ?? ''),
          world.service.cancel(till, id, world.newKey()),
        ]);
        const { status } = (await world.service.get(till, id)).approval;
        const outcome = tapped.status === 'fulfilled' ? tapped.value.outcome : 'threw';
        expect([outcome, cancelled.status]).toEqual(
          status === 'approved' ? ['decided', 'rejected'] : ['cancelled', 'fulfilled'],
        );
      }
    });

    it('makes one request of one create however often it is sent', async () => {
      const { world, create } = await scene(1);
      const key = world.newKey();
      const answers = await Promise.all(times(12, () => create(key)));
      expect(new Set(answers.map(({ approval }) => approval.id)).size).toBe(1);
    });

    it('never passes the limits per cashier and per till', async () => {
      const { create } = await scene(1, (policy) => {
        policy.approvals.openMax = 20;
        withKind(policy, 'void', { repeat: { count: 5, windowSeconds: 600 } });
      });
      const calls = times(15, () => create());
      expect(await tally(calls, () => 'ok')).toEqual({ ok: 5, approval_repeat_limit: 10 });
      const open = await scene(1, (policy) => {
        policy.approvals.openMax = 4;
      });
      const others: string[] = [];
      for (let index = 0; index < 12; index += 1)
        others.push(await open.world.addStaff(open.storeId, 'cashier'));
      const opening = others.map((who) => open.create(open.world.newKey(), who));
      expect(await tally(opening, () => 'ok')).toEqual({ ok: 4, approval_too_many_open: 8 });
    });

    it('lapses and escalates each request once when several gateways do it at once', async () => {
      const { clock, world, till, storeId, create } = await scene(1, (policy) => {
        policy.approvals.openMax = 20;
      });
      await world.addStaff(storeId, 'manager');
      clock.advance(600_000);
      while ((await world.service.lapseDue()) > 0);
      await Promise.all(times(10, () => create()));
      const before = (await world.events(till.tillId)).length;
      const announced = world.ports.announced.length;
      clock.advance(120_000);
      await Promise.all(times(5, () => world.restarted().escalateDue()));
      // Whoever finds a row locked leaves it: what one pass left, the next takes.
      while ((await world.service.escalateDue()) > 0);
      expect(world.ports.announced.slice(announced)).toHaveLength(10);
      clock.advance(480_000);
      await Promise.all(times(5, () => world.restarted().lapseDue()));
      while ((await world.service.lapseDue()) > 0);
      expect(await world.events(till.tillId)).toHaveLength(before + 20);
    });
  },
  { poolSize: 16 },
);
