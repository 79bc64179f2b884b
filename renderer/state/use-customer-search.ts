import { useEffect, useRef, useState } from 'react';
import type { BridgeOutput } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';
import { useActions } from './hooks.ts';

type Found = BridgeOutput<'customers.search'>;

export type Search =
  | { readonly state: 'idle' }
  | { readonly state: 'searching'; readonly query: string }
  | { readonly state: 'found'; readonly query: string; readonly found: Found }
  | { readonly state: 'failed'; readonly query: string; readonly error: WireError };

/** Typing rests for so long before a search goes out. */
const DEBOUNCE_MS = 180;

/** Long enough to look for: two characters of a number, three letters of a name. */
export function isSearchable(query: string): boolean {
  const text = query.trim();
  return text.length >= (/\d/.test(text) ? 2 : 3);
}

/** Searches as the query changes; only the answer to the newest one counts. */
export function useCustomerSearch(query: string): { search: Search; now(): Promise<Found | null> } {
  const { call } = useActions();
  const [search, setSearch] = useState<Search>({ state: 'idle' });
  const newest = useRef(0);

  const run = async (text: string): Promise<Found | null> => {
    newest.current += 1;
    const mine = newest.current;
    setSearch({ state: 'searching', query: text });
    const result = await call('customers.search', { q: text });
    if (mine !== newest.current) return null;
    setSearch(
      result.ok
        ? { state: 'found', query: text, found: result.value }
        : { state: 'failed', query: text, error: result.error },
    );
    return result.ok ? result.value : null;
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `run` closes over refs and the store only
  useEffect(() => {
    const text = query.trim();
    if (!isSearchable(text)) {
      newest.current += 1;
      setSearch({ state: 'idle' });
      return undefined;
    }
    const timer = setTimeout(() => void run(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [query]);

  return { search, now: () => run(query.trim()) };
}
