import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import type { CustomerStores } from '../../../shared/privacy.ts';
import type { CustomersApi } from '../customers/api.ts';

export type WebSession =
  | { readonly phase: 'starting' }
  | { readonly phase: 'signed_out'; readonly error: WireError | null }
  | { readonly phase: 'signed_in'; readonly stores: CustomerStores['stores'] };

export type SessionCalls = Pick<CustomersApi, 'session' | 'signIn' | 'signOut' | 'stores'>;

/** @param linkToken of the link that the page was opened by; null: by none */
export function useWebSession(api: SessionCalls, linkToken: string | null) {
  const [session, setSession] = useState<WebSession>({ phase: 'starting' });
  const ended = useCallback((error: WireError) => setSession({ phase: 'signed_out', error }), []);

  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the link works once
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void (async () => {
      const entered = linkToken === null ? await api.session() : await api.signIn(linkToken);
      if (!entered.ok) {
        // Nobody is told that a session ended who had none.
        const isNews = linkToken !== null || entered.error.code !== 'web_session_ended';
        return setSession({ phase: 'signed_out', error: isNews ? entered.error : null });
      }
      const known = await api.stores();
      if (!known.ok) return ended(known.error);
      setSession({ phase: 'signed_in', stores: known.value.stores });
    })();
  }, []);

  return {
    session,
    ended,
    signOut() {
      void api.signOut();
      setSession({ phase: 'signed_out', error: null });
    },
  };
}
