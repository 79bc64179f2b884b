import { describe, expect, test } from 'vitest';
import type { CreditThreshold } from '../../shared/message-credit-policy.ts';
import { DEFAULT_POLICY, policySchema } from '../../shared/policy.ts';
import {
  durationText,
  freeKey,
  isBuiltin,
  moreReasons,
  moreSteps,
  moreTiers,
  readTime,
  timeText,
  withApprovals,
  withKind,
  withNewKind,
  withoutKind,
} from './rules-edit.ts';
import { checkRules, hasProblem } from './rules-problems.ts';
import { changedRules, loadedRules, type RulesDraft } from './rules-state.ts';

const { version: _, ...BASE } = DEFAULT_POLICY;
const kind = (draft: RulesDraft, index: number) => {
  const found = draft.approvals.kinds[index];
  if (found === undefined) throw new Error(`no kind ${index}`);
  return found;
};
const problemsOf = (draft: RulesDraft): Record<string, string> => {
  const check = checkRules(draft);
  return check.ok ? {} : Object.fromEntries([...check.problems].map(([place, { key }]) => [place, key]));
};
const kindProblems = (change: Parameters<typeof withKind>[2]) => problemsOf(withKind(BASE, 0, change));
const step = (afterSeconds: number) => ({ afterSeconds, roles: ['manager' as const], staffIds: [] });
const tier = (fromAmount: number) => ({
  fromAmount,
  fromBasisPoints: null,
  roles: ['manager' as const],
  needed: 1,
});

test('the rules that a shop begins with are in order', () => {
  expect(problemsOf(BASE)).toEqual({});
});

describe('problems, at their fields', () => {
  test.each([
    ['two kinds with one key', { key: 'refund' }, { 'approvals.kinds.1.key': 'sameKey' }],
    ['the first tier', { tiers: [tier(5)] }, { 'approvals.kinds.0.tiers': 'firstTier' }],
    ['rising tiers', { tiers: [tier(0), tier(0)] }, { 'approvals.kinds.0.tiers': 'tiersRise' }],
    ['the first step', { steps: [step(5)] }, { 'approvals.kinds.0.steps': 'firstStep' }],
    ['rising steps', { steps: [step(0), step(60), step(60)] }, { 'approvals.kinds.0.steps': 'stepsRise' }],
    ['steps before the end', { steps: [step(0), step(600)] }, { 'approvals.kinds.0.steps': 'stepsLapse' }],
    [
      'a step that asks nobody',
      { steps: [{ ...step(0), roles: [] }] },
      { 'approvals.kinds.0.steps': 'stepsSomebody' },
    ],
    ['no reason possible', { reasons: [], freeReason: false }, { 'approvals.kinds.0.reasons': 'someReason' }],
    [
      'a name left empty',
      { name: { id: 'x', en: ' ', tr: 'x' } },
      { 'approvals.kinds.0.name.en': 'missing' },
    ],
    ['an emptied number', { expirySeconds: Number.NaN }, { 'approvals.kinds.0.expirySeconds': 'missing' }],
    [
      'a number too small',
      { repeat: { count: 0, windowSeconds: 60 } },
      { 'approvals.kinds.0.repeat.count': 'min' },
    ],
    ['a number too large', { expirySeconds: 90_000 }, { 'approvals.kinds.0.expirySeconds': 'max' }],
    ['a key of no shape', { key: 'A b' }, { 'approvals.kinds.0.key': 'shape' }],
    [
      'a tier that nobody may decide',
      { tiers: [{ ...tier(0), roles: [] }] },
      { 'approvals.kinds.0.tiers.0.roles': 'some' },
    ],
  ] as const)('%s', (_name, change, problems) => {
    expect(kindProblems(change as Parameters<typeof kindProblems>[0])).toEqual(problems);
  });

  test('the limit is told with the problem', () => {
    const check = checkRules({ ...BASE, pin: { ...BASE.pin, tries: 99 } });
    expect(check.ok ? null : check.problems.get('pin.tries')).toEqual({ key: 'max', limit: 10 });
  });

  test('a warning, by the shape that it nearly has', () => {
    const warning = (threshold: object) =>
      problemsOf({
        ...BASE,
        messageCredit: { ...BASE.messageCredit, warnAt: [threshold as CreditThreshold] },
      });
    expect(warning({ percent: Number.NaN })).toEqual({ 'messageCredit.warnAt.0.percent': 'missing' });
    expect(warning({ percent: 101 })).toEqual({ 'messageCredit.warnAt.0.percent': 'max' });
    expect(warning({ messages: Number.NaN })).toEqual({ 'messageCredit.warnAt.0.messages': 'missing' });
    expect(warning({ messages: 9_999_999 })).toEqual({ 'messageCredit.warnAt.0.messages': 'max' });
  });

  test('hours that end before they begin', () => {
    const hours = { outside: 'refuse' as const, days: [{ day: 1, from: 600, to: 480 }] };
    expect(problemsOf(withApprovals(BASE, { hours }))).toEqual({ 'approvals.hours.days.0.to': 'timeOrder' });
  });

  test('a place has the problems below it, and not its namesake’s', () => {
    const problems = new Map([['approvals.kinds.10.key', { key: 'shape' as const, limit: 0 }]]);
    expect(hasProblem(problems, 'approvals.kinds.10')).toBe(true);
    expect(hasProblem(problems, 'approvals.kinds.1')).toBe(false);
  });
});

describe('changes', () => {
  test('a kind of the store’s own only lacks its names', () => {
    const draft = withNewKind(BASE);
    expect(kind(draft, 7).key).toBe('kind_1');
    expect(problemsOf(draft)).toEqual({
      'approvals.kinds.7.name.id': 'missing',
      'approvals.kinds.7.name.en': 'missing',
      'approvals.kinds.7.name.tr': 'missing',
    });
    const named = withKind(draft, 7, { name: { id: 'a', en: 'b', tr: 'c' } });
    const check = checkRules(named);
    expect(check.ok && policySchema.safeParse({ ...check.policy, version: 1 }).success).toBe(true);
    expect(withoutKind(named, 7)).toEqual(BASE);
    expect(isBuiltin('kind_1')).toBe(false);
    expect(isBuiltin('void')).toBe(true);
  });

  test('one more tier waits for its amount, one more step and reason are ready', () => {
    const first = kind(BASE, 0);
    expect(kindProblems({ tiers: moreTiers(first) })).toEqual({
      'approvals.kinds.0.tiers.1.fromAmount': 'missing',
    });
    expect(kindProblems({ steps: [...moreSteps(first)] })).toEqual({});
    expect(moreReasons(first).at(-1)?.key).toBe('reason_1');
    expect(freeKey('kind', ['kind_1', 'kind_2'])).toBe('kind_3');
  });

  test('changed, and changed back', () => {
    const loaded = loadedRules(DEFAULT_POLICY);
    const changed = changedRules(loaded, { ...BASE, slips: { copiesMax: 9 } });
    expect(changed).toMatchObject({ baseVersion: 1, changed: true });
    expect(changedRules(changed, { ...BASE, slips: { copiesMax: 3 } }).changed).toBe(false);
  });
});

test('times of the day', () => {
  expect(['08:30', '8.30', '24:00', '24:01', '12:60', 'noon', ''].map(readTime)).toEqual([
    510,
    510,
    1440,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ]);
  expect([510, 1440, 0, Number.NaN].map(timeText)).toEqual(['08:30', '24:00', '00:00', '']);
});

test('lengths of time in words', () => {
  expect(durationText(5400, 'en')).toBe('1 hr 30 min');
  expect(durationText(120, 'id')).toBe('2 mnt');
  expect(durationText(90_000, 'en')).toBe('1 day 1 hr');
});
