import type { z } from 'zod';
import { type Policy, policySchema } from '../../shared/policy.ts';
import type { RulesDraft } from './rules-state.ts';

export const PROBLEMS = [
  'missing',
  'min',
  'max',
  'long',
  'many',
  'some',
  'shape',
  'sameKey',
  'firstTier',
  'tiersRise',
  'firstStep',
  'stepsRise',
  'stepsLapse',
  'stepsSomebody',
  'someReason',
  'timeOrder',
  'logo',
  'logoWide',
  'logoHigh',
  'slipLine',
] as const;
/** What is wrong, as the key of a sentence in `rules.problem`; `limit` is the number in it. */
export interface RulesProblem {
  readonly key: (typeof PROBLEMS)[number];
  readonly limit: number;
}

/** By the place in the policy: 'approvals.kinds.0.expirySeconds'. */
export type RulesProblems = ReadonlyMap<string, RulesProblem>;

export type RulesCheck =
  | { readonly ok: true; readonly policy: Omit<Policy, 'version'> }
  | { readonly ok: false; readonly problems: RulesProblems };

const rulesSchema = policySchema.omit({ version: true });

/** The shared schema's rules between fields, by their message: which sentence, and at which part of the place. */
const BETWEEN_FIELDS: Readonly<Record<string, readonly [RulesProblem['key'], string]>> = {
  'two kinds with one key': ['sameKey', 'key'],
  'the first tier starts at 0': ['firstTier', 'tiers'],
  'tiers rise by amount': ['tiersRise', 'tiers'],
  'the first step is at once': ['firstStep', 'steps'],
  'steps rise in time': ['stepsRise', 'steps'],
  'every step comes before the request lapses': ['stepsLapse', 'steps'],
  'every step asks somebody': ['stepsSomebody', 'steps'],
  'some reason must be possible': ['someReason', 'reasons'],
  'hours end after they begin': ['timeOrder', 'to'],
  'no picture': ['logo', ''],
  'picture too wide': ['logoWide', ''],
  'picture too high': ['logoHigh', ''],
  'part is needed': ['slipLine', ''],
};

/** Checks the whole draft by the schema that the gateway checks it by. The first problem of each place counts. */
export function checkRules(draft: RulesDraft): RulesCheck {
  const parsed = rulesSchema.safeParse(draft);
  const problems = new Map<string, RulesProblem>();
  const add = (place: string, key: RulesProblem['key'], limit = 0) => {
    if (!problems.has(place)) problems.set(place, { key, limit });
  };
  for (const issue of parsed.error?.issues ?? []) add(...problemOf(issue));
  return parsed.success ? { ok: true, policy: parsed.data } : { ok: false, problems };
}

/** Where it is, which sentence, and the number in it. */
function problemOf(issue: z.core.$ZodIssue): readonly [string, RulesProblem['key'], number] {
  const place = issue.path.join('.');
  switch (issue.code) {
    case 'custom': {
      const [key, part] = BETWEEN_FIELDS[issue.message] ?? ['shape', 'key'];
      return [part === '' ? place : `${place}.${part}`, key, 0];
    }
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int') return [place, 'min', Number(issue.minimum)];
      return [place, issue.origin === 'array' ? 'some' : 'missing', 0];
    case 'too_big':
      if (issue.origin === 'string') return [place, 'long', Number(issue.maximum)];
      return [place, issue.origin === 'array' ? 'many' : 'max', Number(issue.maximum)];
    case 'invalid_union': {
      // The shape that comes nearest: what is wrong with it is what can be put right.
      const [nearest] = [...issue.errors].sort((one, other) => one.length - other.length);
      const [first] = nearest ?? [];
      return first === undefined
        ? [place, 'shape', 0]
        : problemOf({ ...first, path: [...issue.path, ...first.path] });
    }
    case 'invalid_type':
      return [place, 'missing', 0];
    default:
      return [place, 'shape', 0];
  }
}

/** Whether something at or below this place is wrong. */
export function hasProblem(problems: RulesProblems, place: string): boolean {
  return [...problems.keys()].some((at) => at === place || at.startsWith(`${place}.`));
}
