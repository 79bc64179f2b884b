import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ApprovalPolicy } from '../../shared/approval-policy.ts';
import { SaksiError } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
import type { Policy } from '../../shared/policy.ts';
import { approvalWorld, claimsOf, voidBody, withKind } from '../../test/fixtures/approval-world.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, standingClock } from '../../test/fixtures/redemption-world.ts';
import type { Engine } from '../db/engine.ts';

const RUNS = 25;
/** Seconds on a free machine; a busy one takes its time. */
const TIMEOUT_MS = 180_000;
const EXPIRY_SECONDS = 60;
const GRANT_SECONDS = 40;
/** One of the staff below: 0 and 1 cashiers, 2 to 4 supervisors, 5 manager, 6 supervisor on the first cashier's phone. */
const PEOPLE = 7;

/** `target`: which of the requests so far, counted round. `phone`: whose message is tapped; `staff`: who taps. */
type Step =
  | { do: 'ask'; staff: number; large: boolean }
  | { do: 'tap'; target: number; phone: number; staff: number; approve: boolean }
  | { do: 'cancel'; target: number }
  | { do: 'wait'; seconds: number }
  | { do: 'lapse' }
  | { do: 'escalate' }
  | { do: 'restart' }
  | { do: 'policy'; needed: number; managersOnly: boolean; enabled: boolean }
  | { do: 'active'; staff: number; active: boolean };

const target = fc.nat(3);
const staff = fc.nat(PEOPLE - 1);
const make = <K extends Step['do']>(kind: K) => fc.constant(kind);
const approve = fc.constantFrom(true, true, true, false);
/** Supervisors and managers more often than others, on their own phones. */
const own = fc
  .constantFrom(2, 3, 4, 5, 2, 3, 4, 5, 0, 1, 6)
  .chain((who) =>
    fc.record({ do: make('tap'), target, phone: fc.constant(who), staff: fc.constant(who), approve }),
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: make('ask'), staff, large: fc.boolean() }) },
  { weight: 12, arbitrary: own },
  {
    weight: 2,
    arbitrary: fc.record({ do: make('tap'), target, phone: staff, staff, approve }),
  },
  { weight: 1, arbitrary: fc.record({ do: make('cancel'), target }) },
  { weight: 2, arbitrary: fc.record({ do: make('wait'), seconds: fc.constantFrom(1, 15, EXPIRY_SECONDS) }) },
  ...(['lapse', 'escalate', 'restart'] as const).map((kind) => ({
    weight: 1,
    arbitrary: fc.constant<Step>({ do: kind }),
  })),
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ do: make('policy'), needed: fc.constantFrom(1, 1, 2, 3) },
      ...{
        managersOnly: fc.constantFrom(false, false, true),
        enabled: fc.constantFrom(true, true, true, false),
      },
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: make('active'), staff, active: approve }) },
);
const steps = fc.array(step, { minLength: 12, maxLength: 40 });

function policyOf(needed: number, managersOnly: boolean, enabled: boolean): Policy {
  const roles = managersOnly ? (['manager'] as const) : (['supervisor', 'manager'] as const);
  return policyWith((policy) => {
    policy.approvals.grantTtlSeconds = GRANT_SECONDS;
    policy.approvals.openMax = 20;
    withKind(policy, 'void', {
      ...{ enabled, expirySeconds: EXPIRY_SECONDS, repeat: { count: 1000, windowSeconds: 60 } },
      steps: [
        { afterSeconds: 0, roles: ['supervisor'], staffIds: [] },
        { afterSeconds: 10, roles: ['manager'], staffIds: [] },
      ],
      tiers: [
        { fromAmount: 0, fromBasisPoints: null, roles: [...roles], needed },
        { fromAmount: 100_000, fromBasisPoints: null, roles: [...roles], needed: Math.max(2, needed) },
      ],
    });
  });
}

/** What the test itself knows of a request, from nothing but its own steps. */
interface Model {
  readonly id: string;
  readonly requester: number;
  readonly large: boolean;
  readonly createdAt: number;
  /** A number raised meanwhile stays raised. */
  needed: number;
  readonly yes: Set<number>;
  end: { status: string; at: number; grant: string | null } | null;
}

async function scene(engine: Engine) {
  const clock = standingClock();
  const world = approvalWorld(engine, clock);
  let policy = policyOf(1, false, true);
  const storeId = await world.addStore(policy);
  const till = await world.addTill(storeId);
  const shared = `+6285550${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}`;
  const roles = [
    'cashier',
    'cashier',
    'supervisor',
    'supervisor',
    'supervisor',
    'manager',
    'supervisor',
  ] as const;
  const people: { id: string; role: (typeof roles)[number]; active: boolean }[] = [];
  for (const [index, role] of roles.entries()) {
    const phone = index === 0 || index === 6 ? shared : undefined;
    people.push({ id: await world.addStaff(storeId, role, phone), role, active: true });
  }
  const requests: Model[] = [];
  let { service } = world;

  const person = (index: number) => people[index] ?? { id: '', role: 'cashier' as const, active: false };
  const isSame = (one: number, other: number) => one === other || (one % 6 === 0 && other % 6 === 0);
  const kind = () =>
    policy.approvals.kinds.find(({ key }) => key === 'void') as ApprovalPolicy['kinds'][number];
  const tier = (large: boolean) =>
    kind().tiers[large ? 1 : 0] as ApprovalPolicy['kinds'][number]['tiers'][number];
  const neededNow = ({ large, needed }: Model) => Math.max(needed, tier(large).needed);

  /** Whether this person's yes would count at this moment. */
  function isValid(index: number, { requester, large }: Model): boolean {
    const { role, active } = person(index);
    const roleCounts = tier(large).roles.some((counted) => counted === role);
    return active && kind().enabled && roleCounts && !isSame(index, requester);
  }

  async function tap(step: Extract<Step, { do: 'tap' }>, model: Model): Promise<void> {
    const askedRow = await engine.kysely
      .selectFrom('approval_recipients')
      .select('ref')
      .where('approval_id', '=', model.id)
      .where('staff_id', '=', person(step.phone).id)
      .executeTakeFirst();
    if (askedRow === undefined) return;
    const decision = step.approve ? 'approve' : 'reject';
    const staffId = person(step.staff).id;
    const outcome = await service.decide({ target: { ref: askedRow.ref }, staffId, decision, via: 'tap' });
    const open = model.end === null && clock.now() < model.createdAt + EXPIRY_SECONDS * 1000;
    const counts =
      open && step.phone === step.staff && isValid(step.staff, model) && !model.yes.has(step.staff);
    if (outcome.outcome === 'recorded' || outcome.outcome === 'decided') {
      expect(counts).toBe(true);
      if (step.approve) {
        model.yes.add(step.staff);
        model.needed = neededNow(model);
      }
    } else expect(counts).toBe(false);
    const valid = [...model.yes].filter((voter) => isValid(voter, model)).length;
    if (!step.approve && counts) expect(outcome).toMatchObject({ approval: { status: 'rejected' } });
    if (step.approve && counts) {
      const decided = valid >= neededNow(model);
      expect(outcome.outcome).toBe(decided ? 'decided' : 'recorded');
      if (decided) expect(outcome).toMatchObject({ approval: { status: 'approved' } });
    }
  }

  async function perform(step: Step): Promise<void> {
    if (step.do === 'wait') clock.advance(step.seconds * 1000);
    else if (step.do === 'restart') service = world.restarted();
    else if (step.do === 'lapse') await service.lapseDue();
    else if (step.do === 'escalate') await service.escalateDue();
    else if (step.do === 'active') {
      person(step.staff).active = step.active;
      await world.setActive(person(step.staff).id, step.active);
    } else if (step.do === 'policy') {
      policy = policyOf(step.needed, step.managersOnly, step.enabled);
      await world.setPolicy(storeId, policy);
    } else if (step.do === 'ask') {
      const amount = amountSchema.parse(step.large ? 100_000 : 5_000);
      const { approval } = await service.create(
        till,
        world.newKey(),
        voidBody(person(step.staff).id, { amount }),
      );
      requests.push({
        ...{ id: approval.id, requester: step.staff, large: step.large, createdAt: clock.now() },
        ...{ needed: approval.needed, yes: new Set<number>(), end: null },
      });
    } else {
      const model = requests[step.target % Math.max(1, requests.length)];
      if (model === undefined) return;
      if (step.do === 'tap') await tap(step, model);
      else await service.cancel(till, model.id, world.newKey());
    }
  }

  /** After every step: an end is final, and what is approved was said yes to by enough people who may. */
  async function check(): Promise<void> {
    for (const model of requests) {
      const answer = await service.get(till, model.id);
      const { status } = answer.approval;
      if (model.end !== null) {
        expect(status).toBe(model.end.status);
        const usable = clock.now() < model.end.at + GRANT_SECONDS * 1000;
        expect(answer.grant).toBe(usable ? model.end.grant : null);
        continue;
      }
      if (status !== 'approved') expect(answer.grant).toBeNull();
      if (status === 'pending') continue;
      model.end = { status, at: clock.now(), grant: answer.grant };
      if (status !== 'approved') continue;
      const { deciders } = claimsOf(answer);
      const indices = deciders.map((id) => people.findIndex((one) => one.id === id));
      expect(new Set(indices).size).toBe(deciders.length);
      expect(deciders.length).toBeGreaterThanOrEqual(neededNow(model));
      for (const index of indices) {
        expect(model.yes.has(index)).toBe(true);
        expect(isValid(index, model)).toBe(true);
      }
    }
    const decisions = (await world.events(till.tillId)).flatMap((event) =>
      event.type === 'approval.changed' && event.approval.status !== 'pending' ? [event.approval] : [],
    );
    for (const { id } of requests) {
      const ends = decisions.filter((approval) => approval.id === id);
      expect(ends.length).toBeLessThanOrEqual(1);
    }
  }

  return { perform, check, requests };
}

describeOnBothEngines('approvals, whatever happens', (getEngine) => {
  it(
    'never approves without enough different people who may decide at that moment, and decides once',
    async () => {
      let approved = 0;
      let ended = 0;
      const property = fc.asyncProperty(steps, async (sequence) => {
        const { perform, check, requests } = await scene(getEngine());
        for (const one of sequence) {
          try {
            await perform(one);
          } catch (error) {
            if (!(error instanceof SaksiError) || error.code === 'internal') throw error;
          }
          await check();
        }
        approved += requests.filter(({ end }) => end?.status === 'approved').length;
        ended += requests.filter(({ end }) => end !== null).length;
      });
      await fc.assert(property, { numRuns: RUNS });
      // Otherwise it has tried nothing. How many is a matter of luck.
      expect(approved).toBeGreaterThan(0);
      expect(ended).toBeGreaterThan(approved);
    },
    TIMEOUT_MS,
  );
});
