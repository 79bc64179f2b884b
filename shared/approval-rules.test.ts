import { describe, expect, it } from 'vitest';
import { approvalPolicySchema, DEFAULT_APPROVALS } from './approval-policy.ts';
import { isFree, isWorkingTime, tierFor } from './approval-rules.ts';
import { approvalStatusSchema, nextApprovalStatus } from './approvals.ts';

const discount = DEFAULT_APPROVALS.kinds.find(({ key }) => key === 'discount');
if (discount === undefined) throw new Error('no discount');
const wish = (amount: number | null, basisPoints: number | null = null) => ({ amount, basisPoints });

describe('free of approval', () => {
  const upTo = { ...discount, freeBelowAmount: 10_000, freeBelowBasisPoints: 500 };

  it('by default nothing is', () => {
    for (const kind of DEFAULT_APPROVALS.kinds) expect(isFree(kind, wish(1, 1))).toBe(false);
  });

  it('only below every bound that is set', () => {
    expect(isFree(upTo, wish(9_999, 499))).toBe(true);
    expect(isFree(upTo, wish(10_000, 499))).toBe(false);
    expect(isFree(upTo, wish(9_999, 500))).toBe(false);
  });

  it('not by leaving the amount or the percentage out', () => {
    expect(isFree(upTo, wish(null, 499))).toBe(false);
    expect(isFree(upTo, wish(9_999, null))).toBe(false);
  });
});

describe('tiers', () => {
  const tiered = {
    ...discount,
    tiers: [
      { fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed: 1 },
      { fromAmount: 100_000, fromBasisPoints: 1000, roles: ['manager' as const], needed: 1 },
      { fromAmount: 500_000, fromBasisPoints: 5000, roles: ['manager' as const], needed: 2 },
    ],
  };

  it.each([
    [wish(99_999), 0],
    [wish(100_000), 1],
    [wish(1, 1000), 1],
    [wish(499_999, 4999), 1],
    [wish(500_000, 0), 2],
    [wish(1, 5000), 2],
    [wish(null), 0],
  ])('%j belongs to tier %i', (of, index) => {
    expect(tierFor(tiered, of)).toBe(tiered.tiers[index]);
  });
});

describe('working hours', () => {
  const nineToFive = { days: [{ day: 1, from: 540, to: 1020 }], outside: 'refuse' as const };
  // Monday 2026-11-23, in Jakarta (UTC+7).
  const at = (utc: string) => isWorkingTime(nineToFive, Date.parse(utc), 'Asia/Jakarta');

  it("are by the store's own clock", () => {
    expect(at('2026-11-23T02:00:00Z')).toBe(true);
    expect(at('2026-11-23T01:59:59Z')).toBe(false);
    expect(at('2026-11-23T09:59:59Z')).toBe(true);
    expect(at('2026-11-23T10:00:00Z')).toBe(false);
    expect(at('2026-11-24T03:00:00Z')).toBe(false);
  });

  it('not set: always', () => {
    expect(isWorkingTime({ days: [], outside: 'refuse' }, 0, 'Asia/Jakarta')).toBe(true);
  });
});

describe('the policy of approvals', () => {
  it('default is legal', () => {
    expect(approvalPolicySchema.parse(DEFAULT_APPROVALS)).toEqual(DEFAULT_APPROVALS);
  });

  const [first] = DEFAULT_APPROVALS.kinds;
  if (first === undefined) throw new Error('no kinds');
  it.each([
    ['a key twice', [first, first]],
    ['a first tier above 0', [{ ...first, tiers: [{ ...first.tiers[0], fromAmount: 1 }] }]],
    [
      'a first step that waits',
      [{ ...first, steps: [{ afterSeconds: 5, roles: ['manager'], staffIds: [] }] }],
    ],
    ['a step after the end', [{ ...first, expirySeconds: 60 }]],
    ['a step that asks nobody', [{ ...first, steps: [{ afterSeconds: 0, roles: [], staffIds: [] }] }]],
    ['no possible reason', [{ ...first, reasons: [], freeReason: false }]],
    ['steps out of order', [{ ...first, steps: [first.steps[0], first.steps[1], first.steps[1]] }]],
  ])('refuses %s', (_, kinds) => {
    expect(approvalPolicySchema.safeParse({ ...DEFAULT_APPROVALS, kinds }).success).toBe(false);
  });
});

it.each([
  [540, 540],
  [1020, 540],
])('refuses hours from %i to %i', (from, to) => {
  const hours = { days: [{ day: 1, from, to }], outside: 'refuse' };
  expect(approvalPolicySchema.safeParse({ ...DEFAULT_APPROVALS, hours }).success).toBe(false);
});

it('a decision is final', () => {
  for (const status of approvalStatusSchema.options) {
    const ways = (['quorum', 'reject', 'lapse', 'cancel'] as const).map((event) =>
      nextApprovalStatus(status, event),
    );
    expect(ways.some((next) => next !== null)).toBe(status === 'pending');
  }
});
