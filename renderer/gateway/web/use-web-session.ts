import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import type { WebDesk } from '../../../shared/web-api.ts';
import type { WebApi } from './api.ts';

export type WebSession =
  | { readonly phase: 'starting' }
  | { readonly phase: 'signed_out'; readonly error: WireError | null }
  | { readonly phase: 'signed_in'; readonly desk: WebDesk };

export type SessionCalls = Pick<WebApi, 'desk' | 'signInByLink' | 'signOut'>;

/** @param linkToken of the link that the page was opened by; null: by none */
export function useWebSession(api: SessionCalls, linkToken: string | null) {
  const [session, setSession] = useState<WebSession>({ phase: 'starting' });
  const ended = useCallback((error: WireError) => setSession({ phase: 'signed_out', error }), []);
  const entered = useCallback((desk: WebDesk) => setSession({ phase: 'signed_in', desk }), []);

  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the link works once
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void (async () => {
      const link = linkToken === null ? null : await api.signInByLink(linkToken);
      if (link?.ok === false) return ended(link.error);
      const known = await api.desk();
      if (known.ok) return entered(known.value);
      // Nobody is told that a session ended who had none.
      const isNews = linkToken !== null || known.error.code !== 'web_session_ended';
      setSession({ phase: 'signed_out', error: isNews ? known.error : null });
    })();
  }, []);

  return {
    session,
    ended,
    entered,
    signOut() {
      void api.signOut();
      setSession({ phase: 'signed_out', error: null });
    },
  };
}
