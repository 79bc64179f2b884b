import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OFFLINE, type OfflinePolicy } from '../../shared/offline-policy.ts';
import { type HeldCode, type Holder, MESSAGE_EVERY_MS, planCodes } from './plan.ts';

const HOUR_MS = 3_600_000;

/** What happens in a shop between two looks at a till's codes. */
type Step =
  | { do: 'wait'; hours: number }
  | { do: 'use'; code: number }
  | { do: 'join' }
  | { do: 'leave' | 'renumber'; who: number }
  | { do: 'undelivered'; code: number }
  | { do: 'policy'; codes: number; days: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(0, 0.5, 1, 7, 40, 200) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('use' as const), code: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'renumber' as const), who: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undelivered' as const), code: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      codes: fc.integer({ min: 1, max: 3 }),
      days: fc.integer({ min: 1, max: 10 }),
    }),
  },
);

describe('the plan of a till’s codes', () => {
  it('keeps everybody in codes, floods nobody, and lets no code live beyond its time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = 1_800_000_000_000;
        let policy: OfflinePolicy = DEFAULT_OFFLINE;
        let serial = 0;
        let holders: Holder[] = [{ staffId: 's0', contact: 'c0', toldAt: null }];
        let held: HeldCode[] = [];
        const look = () => {
          const before = held;
          const plan = planCodes({ policy, holders, held, now });
          const ended = new Set(plan.end.map(({ id }) => id));
          held = held.filter(({ id }) => !ended.has(id));
          for (const { staffId, count } of plan.make) {
            const holder = holders.find((one) => one.staffId === staffId);
            if (holder === undefined || plan.expiresAt === null) throw new Error('for nobody');
            const had = before.filter((code) => code.staffId === staffId && !ended.has(code.id)).length;
            // Whatever they held for this till is void with the new message.
            expect(had).toBe(0);
            const left = before.filter(
              (code) => code.staffId === staffId && code.contact === holder.contact && code.expiresAt > now,
            );
            const lifeMs = policy.validDays * 24 * HOUR_MS;
            const lastMoment =
              left.some(({ expiresAt }) => expiresAt - now <= lifeMs / 10) ||
              before.every(({ expiresAt }) => expiresAt - now <= lifeMs / 10);
            if (left.length > 0 && !lastMoment)
              expect(now - (holder.toldAt ?? 0)).toBeGreaterThanOrEqual(MESSAGE_EVERY_MS);
            for (let made = 0; made < count; made += 1) {
              serial += 1;
              held.push({
                id: `k${serial}`,
                staffId,
                contact: holder.contact,
                expiresAt: plan.expiresAt,
                undelivered: false,
              });
            }
            holders = holders.map((one) => (one === holder ? { ...one, toldAt: now } : one));
          }
          for (const code of held) {
            expect(holders.find(({ staffId }) => staffId === code.staffId)?.contact).toBe(code.contact);
            expect(code.expiresAt).toBeGreaterThan(now);
            // One end for all of a till: a message can say until when.
            expect(code.expiresAt).toBe(plan.expiresAt);
          }
          // Nobody is left with none, and something is due again in time.
          for (const { staffId } of holders) expect(held.some((code) => code.staffId === staffId)).toBe(true);
          expect(plan.lookAt).toBeGreaterThanOrEqual(now);
          if (plan.expiresAt !== null) expect(plan.lookAt).toBeLessThan(plan.expiresAt);
          // Looked at again at once, nothing more is to be done.
          expect(planCodes({ policy, holders, held, now })).toMatchObject({ end: [], make: [] });
          return plan.lookAt;
        };
        look();
        for (const one of steps) {
          if (one.do === 'wait') now += one.hours * HOUR_MS;
          else if (one.do === 'use')
            held = held.filter((_, index) => index !== one.code % Math.max(1, held.length));
          else if (one.do === 'join') {
            serial += 1;
            holders = [...holders, { staffId: `s${serial}`, contact: `c${serial}`, toldAt: null }];
          } else if (one.do === 'leave') holders = holders.filter((_, index) => index !== one.who);
          else if (one.do === 'renumber') {
            serial += 1;
            holders = holders.map((holder, index) =>
              index === one.who ? { ...holder, contact: `c${serial}` } : holder,
            );
          } else if (one.do === 'undelivered') {
            held = held.map((code, index) => (index === one.code ? { ...code, undelivered: true } : code));
          } else if (one.do === 'policy')
            policy = { ...policy, codesPerSupervisor: one.codes, validDays: one.days };
          look();
        }
        // Left alone for a day of looks, everybody has their full number again.
        for (let looks = 0; looks < 6; looks += 1) now = Math.max(now, look());
        for (const { staffId } of holders) {
          expect(held.filter((code) => code.staffId === staffId).length).toBeGreaterThanOrEqual(
            policy.codesPerSupervisor,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives no more codes than a bundle takes', () => {
    const holders = Array.from({ length: 300 }, (_, index) => ({
      staffId: `s${index}`,
      contact: `c${index}`,
      toldAt: null,
    }));
    const { make } = planCodes({ policy: DEFAULT_OFFLINE, holders, held: [], now: 0 });
    expect(make.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(500);
  });
});
