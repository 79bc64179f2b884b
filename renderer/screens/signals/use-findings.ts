import { useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import type { FindingFilter, FindingSummary, ShownFinding } from '../../../shared/findings-api.ts';
import { useActions } from '../../state/hooks.ts';
import { type Answer, answerOf } from '../../state/use-answer.ts';

export interface FindingsShown {
  readonly findings: readonly ShownFinding[];
  readonly next: number | null;
  readonly summary: FindingSummary | null;
  /** Older ones are on their way, or could not be had. */
  readonly older: 'rest' | 'loading' | WireError;
}

/**
 * The findings that fit a filter, page by page; only the answer for the newest filter counts. `wanted`: the one that the page was
 * opened for, first of all where it is not among the newest.
 */
export function useFindings(filter: FindingFilter, wanted: number | null) {
  const { call } = useActions();
  const [list, setList] = useState<Answer<FindingsShown>>({ state: 'loading' });
  const newest = useRef(0);

  const load = async () => {
    newest.current += 1;
    const mine = newest.current;
    setList({ state: 'loading' });
    const answer = answerOf(await call('findings.list', { filter, after: null }));
    if (mine !== newest.current) return;
    if (answer.state !== 'shown') return setList(answer);
    const first = await missing(answer.value.findings);
    if (mine !== newest.current) return;
    const findings = [...first, ...answer.value.findings];
    setList({ state: 'shown', value: { ...answer.value, findings, older: 'rest' } });
  };

  async function missing(findings: readonly ShownFinding[]): Promise<ShownFinding[]> {
    if (wanted === null || findings.some(({ id }) => id === wanted)) return [];
    const result = await call('findings.get', { id: wanted });
    // By the id that was asked for: it may have grown since.
    return result.ok ? [{ ...result.value.finding, id: wanted }] : [];
  }

  const older = async () => {
    if (list.state !== 'shown') return;
    const { value } = list;
    if (value.next === null || value.older === 'loading') return;
    const mine = newest.current;
    setList({ state: 'shown', value: { ...value, older: 'loading' } });
    const result = await call('findings.list', { filter, after: value.next });
    if (mine !== newest.current) return;
    if (!result.ok) return setList({ state: 'shown', value: { ...value, older: result.error } });
    const { findings, next } = result.value;
    setList({
      state: 'shown',
      value: { ...value, findings: [...value.findings, ...findings], next, older: 'rest' },
    });
  };

  /** In the list, in place of the one before it; what became of it may not fit the filter any more, but does not vanish. */
  const put = (changed: ShownFinding) =>
    setList((before) => {
      if (before.state !== 'shown') return before;
      const findings = before.value.findings.map((one) =>
        isSame(one, changed) ? { ...changed, id: one.id } : one,
      );
      return { state: 'shown', value: { ...before.value, findings } };
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made of the filter, whose text is compared
  useEffect(() => {
    void load();
    return () => {
      newest.current += 1;
    };
  }, [JSON.stringify(filter)]);

  return { list, load, older, put };
}

const isSame = (one: ShownFinding, other: ShownFinding) =>
  one.signal === other.signal && one.person.id === other.person.id && one.window.from === other.window.from;
