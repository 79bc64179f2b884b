import { useEffect, useState } from 'react';
import { systemClock } from '../../shared/effects.ts';
import { CustomerSearch, type Found, type Search } from './customer-search.ts';
import { useActions } from './hooks.ts';

/** The customers for what is typed; `now` asks without waiting for the typing to rest. */
export function useCustomerSearch(query: string): { search: Search; now(): Promise<Found | null> } {
  const { call } = useActions();
  const [search, setSearch] = useState<Search>({ state: 'idle' });
  const [searching] = useState(
    () =>
      new CustomerSearch({
        schedule: systemClock.schedule,
        call: (q) => call('customers.search', { q }),
        show: setSearch,
      }),
  );
  const text = query.trim();
  useEffect(() => {
    searching.type(text);
    return () => searching.stop();
  }, [searching, text]);

  return { search, now: () => searching.now(text) };
}
