import { useEffect, useRef, useState } from 'react';
import type { BridgeInput, BridgeMethod, BridgeOutput, BridgeResult } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';
import { useActions } from './hooks.ts';

/** `locked`: the gateway wants the manager's PIN first. */
export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'locked' }
  | { readonly state: 'failed'; readonly error: WireError }
  | { readonly state: 'shown'; readonly value: T };

export function answerOf<M extends BridgeMethod>(result: BridgeResult<M>): Answer<BridgeOutput<M>> {
  if (result.ok) return { state: 'shown', value: result.value };
  const { error } = result;
  return error.code === 'manager_proof_missing' ? { state: 'locked' } : { state: 'failed', error };
}

/** What a call answers, asked again whenever its input changes; only the answer to the newest input counts. */
export function useAnswer<M extends BridgeMethod>(method: M, input: BridgeInput<M>) {
  const { call } = useActions();
  const [answer, setAnswer] = useState<Answer<BridgeOutput<M>>>({ state: 'loading' });
  const newest = useRef(0);

  const load = async () => {
    newest.current += 1;
    const mine = newest.current;
    setAnswer({ state: 'loading' });
    const result = await call(method, input);
    if (mine === newest.current) setAnswer(answerOf(result));
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made of the input, whose text is compared
  useEffect(() => {
    void load();
    return () => {
      newest.current += 1;
    };
  }, [method, JSON.stringify(input)]);

  return {
    answer,
    load: () => void load(),
    /** In place of what was shown: the answer to a change says the whole anew. */
    show: (value: BridgeOutput<M>) => setAnswer({ state: 'shown', value }),
  };
}
