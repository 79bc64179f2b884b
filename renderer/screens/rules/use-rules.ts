import { createContext, useContext } from 'react';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesProblems } from '../../rules/rules-problems.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';

export interface RulesEditing {
  readonly draft: RulesDraft;
  readonly problems: RulesProblems;
  update(change: (draft: RulesDraft) => RulesDraft): void;
}

export const RulesContext = createContext<RulesEditing | null>(null);

/** The rules being edited, and what is wrong at a place of them, in words. */
export function useRules() {
  const { t } = useWords();
  const editing = useContext(RulesContext);
  if (editing === null) throw new Error('RulesContext is missing');
  const problem = (place: string): string | null => {
    const found = editing.problems.get(place);
    return found === undefined ? null : t(`rules.problem.${found.key}`, { limit: found.limit });
  };
  return { ...editing, problem };
}
