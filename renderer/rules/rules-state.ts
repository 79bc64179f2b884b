import type { Policy } from '../../shared/policy.ts';

/** The parts of the rules that hold for all kinds, in the order of the list. */
export const RULES_PARTS = [
  'hours',
  'answers',
  'codes',
  'messages',
  'credit',
  'till',
  'slip',
  'drawer',
  'cash',
  'shift',
  'offline',
  'alerts',
  'kept',
] as const;
/** The number of a kind, or one of those parts. */
export type RulesSection = number | (typeof RULES_PARTS)[number];

/** What is edited: everything of the policy but its number, which the gateway gives. */
export type RulesDraft = Omit<Policy, 'version'>;

/**
 * The store's rules while a manager changes them. `draft` may hold what the schema refuses (an emptied number is NaN):
 * it is checked as a whole before it is sent.
 */
export interface RulesState {
  readonly baseVersion: number;
  /** As loaded; null until then. */
  readonly saved: RulesDraft | null;
  readonly draft: RulesDraft | null;
  readonly changed: boolean;
}

export const NO_RULES: RulesState = { baseVersion: 0, saved: null, draft: null, changed: false };

/** The rules as the gateway has them, with nothing changed yet. */
export function loadedRules({ version, ...saved }: Policy): RulesState {
  return { baseVersion: version, saved, draft: saved, changed: false };
}

/** The draft after a change, and whether it now differs from what was loaded. */
export function changedRules(state: RulesState, draft: RulesDraft): RulesState {
  return { ...state, draft, changed: JSON.stringify(draft) !== JSON.stringify(state.saved) };
}
