import {
  type ApprovalKindPolicy,
  BUILTIN_KINDS,
  type EscalationStep,
  type Localised,
} from '../../shared/approval-policy.ts';
import type { RulesDraft } from './rules-state.ts';

export const MAX_KINDS = 40;
export const MAX_TIERS = 8;
export const MAX_STEPS = 8;
export const MAX_REASONS = 30;
export const MAX_WARNINGS = 5;

const EMPTY_NAME: Localised = { id: '', en: '', tr: '' };
const SECOND_STEP_SECONDS = 120;

/** Ours can be switched off; only a store's own kinds can be taken away. */
export function isBuiltin(key: string): boolean {
  return BUILTIN_KINDS.some((known) => known === key);
}

/** 'kind_1', 'kind_2', …: the first that is not taken. */
export function freeKey(prefix: string, taken: readonly string[]): string {
  let number = 1;
  while (taken.includes(`${prefix}_${number}`)) number += 1;
  return `${prefix}_${number}`;
}

export function withApprovals(draft: RulesDraft, change: Partial<RulesDraft['approvals']>): RulesDraft {
  return { ...draft, approvals: { ...draft.approvals, ...change } };
}

export function withKind(draft: RulesDraft, index: number, change: Partial<ApprovalKindPolicy>): RulesDraft {
  const kinds = draft.approvals.kinds.map((kind, at) => (at === index ? { ...kind, ...change } : kind));
  return withApprovals(draft, { kinds });
}

/** A store's own kind, at the end: somebody is always asked, in its own words, and the till only answers. */
export function withNewKind(draft: RulesDraft): RulesDraft {
  const { kinds } = draft.approvals;
  const kind: ApprovalKindPolicy = {
    key: freeKey(
      'kind',
      kinds.map(({ key }) => key),
    ),
    name: EMPTY_NAME,
    enabled: true,
    amount: 'optional',
    percent: 'none',
    freeBelowAmount: 0,
    freeBelowBasisPoints: null,
    tiers: [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor', 'manager'], needed: 1 }],
    steps: [{ afterSeconds: 0, roles: ['supervisor', 'manager'], staffIds: [] }],
    expirySeconds: 600,
    repeat: { count: 20, windowSeconds: 3600 },
    reasons: [],
    freeReason: true,
    actions: [],
  };
  return withApprovals(draft, { kinds: [...kinds, kind] });
}

export function withoutKind(draft: RulesDraft, index: number): RulesDraft {
  return withApprovals(draft, { kinds: draft.approvals.kinds.filter((_, at) => at !== index) });
}

/** One more tier, from an amount that is still to be typed. */
export function moreTiers({ tiers }: ApprovalKindPolicy): ApprovalKindPolicy['tiers'] {
  return [...tiers, { fromAmount: Number.NaN, fromBasisPoints: null, roles: ['manager'], needed: 1 }];
}

/** One more step, as long after the last as usual. */
export function moreSteps({ steps }: ApprovalKindPolicy): readonly EscalationStep[] {
  const afterSeconds = (steps.at(-1)?.afterSeconds ?? -SECOND_STEP_SECONDS) + SECOND_STEP_SECONDS;
  return [...steps, { afterSeconds, roles: ['manager'], staffIds: [] }];
}

export function moreReasons({ reasons }: ApprovalKindPolicy): ApprovalKindPolicy['reasons'] {
  return [
    ...reasons,
    {
      key: freeKey(
        'reason',
        reasons.map(({ key }) => key),
      ),
      name: EMPTY_NAME,
    },
  ];
}

export function replaced<T>(items: readonly T[], index: number, change: Partial<T>): T[] {
  return items.map((item, at) => (at === index ? { ...item, ...change } : item));
}

export function without<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, at) => at !== index);
}

/** '08:30' → 510 minutes of the day; '24:00' is its end; NaN: no time. */
export function readTime(text: string): number {
  const shape = /^(\d{1,2})[:.](\d{2})$/.exec(text.trim());
  if (shape === null) return Number.NaN;
  const minutes = Number(shape[1]) * 60 + Number(shape[2]);
  return Number(shape[2]) < 60 && minutes <= 1440 ? minutes : Number.NaN;
}

/** 510 → '08:30' */
export function timeText(minutes: number): string {
  if (Number.isNaN(minutes)) return '';
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** 5400 → '1 hr 30 min' in the language. */
export function durationText(seconds: number, language: string): string {
  let rest = seconds;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0
      ? null
      : new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count);
  });
  return parts.filter((part) => part !== null).join(' ');
}
