import { useEffect, useRef, useState } from 'react';
import type { BridgeResult } from '../../../shared/bridge.ts';
import type { WireError } from '../../../shared/errors.ts';
import type { LoggedMessage, MessageFilter } from '../../../shared/message-log.ts';
import { useActions } from '../../state/hooks.ts';

/** Typing rests for so long before the list is asked for again. */
const REST_MS = 250;
/** Rows of one export; a longer time is exported in parts. */
export const EXPORT_MAX = 5_000;

export type Messages =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError }
  | {
      readonly state: 'shown';
      readonly messages: readonly LoggedMessage[];
      readonly next: string | null;
      /** Older ones are on their way, or could not be had. */
      readonly older: 'rest' | 'loading' | WireError;
    };

/** The messages that fit a filter, page by page; only the answer for the newest filter counts. */
export function useMessages(filter: MessageFilter) {
  const { call } = useActions();
  const [list, setList] = useState<Messages>({ state: 'loading' });
  const newest = useRef(0);
  const wanted = JSON.stringify(filter);

  const load = async () => {
    newest.current += 1;
    const mine = newest.current;
    setList({ state: 'loading' });
    const result = await call('messages.list', { filter, after: null });
    if (mine !== newest.current) return;
    setList(
      result.ok
        ? { state: 'shown', ...result.value, older: 'rest' }
        : { state: 'failed', error: result.error },
    );
  };

  const older = async () => {
    if (list.state !== 'shown' || list.next === null || list.older === 'loading') return;
    const mine = newest.current;
    setList({ ...list, older: 'loading' });
    const result = await call('messages.list', { filter, after: list.next });
    if (mine !== newest.current) return;
    setList(
      result.ok
        ? {
            state: 'shown',
            messages: [...list.messages, ...result.value.messages],
            next: result.value.next,
            older: 'rest',
          }
        : { ...list, older: result.error },
    );
  };

  /** All of them, up to `EXPORT_MAX`. Null: they could not be had; the list says why. */
  const all = async (): Promise<readonly LoggedMessage[] | null> => {
    const found: LoggedMessage[] = [];
    let after: string | null = null;
    do {
      const result: BridgeResult<'messages.list'> = await call('messages.list', { filter, after });
      if (!result.ok) {
        setList({ state: 'failed', error: result.error });
        return null;
      }
      found.push(...result.value.messages);
      after = result.value.next;
    } while (after !== null && found.length < EXPORT_MAX);
    return found;
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made of the filter, whose text is compared
  useEffect(() => {
    const timer = setTimeout(() => void load(), REST_MS);
    return () => {
      clearTimeout(timer);
      newest.current += 1;
    };
  }, [wanted]);

  return { list, load, older, all };
}
