import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../shared/errors.ts';
import { DEFAULT_ACCOUNT, type SetupState } from '../../shared/setup-api.ts';
import type { Change, SetupApi } from './api.ts';
import type { Answer } from './call.ts';

/** How soon something that happens elsewhere (at Meta, on a phone) is seen here. */
const LOOK_EVERY_MS = 2000;

export type Phase = 'starting' | 'signed_out' | 'signed_in';

export interface Setup {
  /** Which account all this is about. */
  readonly account: string;
  show(account: string): void;
  /** Makes an account and shows it. @returns whether it worked */
  add(name: string): Promise<boolean>;
  readonly phase: Phase;
  /** Null before it was read for the first time. */
  readonly state: SetupState | null;
  /** What is under way. */
  readonly busy: Change | 'accounts' | null;
  /** Why the last thing that was asked for did not work. */
  readonly error: WireError | null;
  /** @returns whether it worked */
  act(what: Change, body?: object): Promise<boolean>;
  clearError(): void;
  signOut(): void;
}

/** @param linkToken of the link that the page was opened by; null: by none */
export function useSetup(api: SetupApi, linkToken: string | null, first = DEFAULT_ACCOUNT): Setup {
  const [account, setAccount] = useState<string>(first);
  const [phase, setPhase] = useState<Phase>('starting');
  const [state, setState] = useState<SetupState | null>(null);
  const [busy, setBusy] = useState<Setup['busy']>(null);
  const [error, setError] = useState<WireError | null>(null);
  /** Of the last look: gone as soon as one works again. */
  const [lost, setLost] = useState<WireError | null>(null);
  /** A look that began before a change is older than the change's answer. */
  const changes = useRef(0);

  const leaveIfEnded = useCallback(({ code }: WireError) => {
    if (code === 'web_session_ended') setPhase('signed_out');
  }, []);

  const look = useCallback(async () => {
    const before = changes.current;
    const answer = await api.state(account);
    if (before !== changes.current) return;
    if (answer.ok) setState(answer.value);
    else leaveIfEnded(answer.error);
    setLost(answer.ok ? null : answer.error);
  }, [api, account, leaveIfEnded]);

  const started = useRef(false);
  useEffect(() => {
    // A link works once: in development React runs this twice.
    if (started.current) return;
    started.current = true;
    void (async () => {
      const entered = linkToken === null ? await api.session() : await api.signIn(linkToken);
      if (entered.ok) return setPhase('signed_in');
      // Nobody is told that a session ended who had none.
      if (linkToken !== null || entered.error.code !== 'web_session_ended') setError(entered.error);
      setPhase('signed_out');
    })();
  }, [api, linkToken]);

  // Another account is looked at as soon as it is shown.
  useEffect(() => {
    if (phase === 'signed_in' && state === null) void look();
  }, [phase, state, look]);

  useEffect(() => {
    if (phase !== 'signed_in') return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void look();
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [phase, look]);

  async function ask<T>(what: NonNullable<Setup['busy']>, question: Promise<Answer<T>>): Promise<T | null> {
    setBusy(what);
    setError(null);
    changes.current += 1;
    const answer = await question;
    changes.current += 1;
    setBusy(null);
    if (answer.ok) return answer.value;
    leaveIfEnded(answer.error);
    setError(answer.error);
    return null;
  }

  async function act(what: Change, body: object = {}): Promise<boolean> {
    const changed = await ask(what, api.change(account, what, body));
    if (changed !== null) setState(changed);
    return changed !== null;
  }

  function show(next: string): void {
    // Of the other account nothing is shown in its place, not even for a moment.
    changes.current += 1;
    setState(null);
    setError(null);
    setAccount(next);
  }

  async function add(name: string): Promise<boolean> {
    const added = await ask('accounts', api.addAccount(name));
    if (added !== null) show(added.account);
    return added !== null;
  }

  return {
    ...{ account, phase, state, busy, act, add, show, error: error ?? lost },
    clearError: useCallback(() => setError(null), []),
    signOut() {
      void api.signOut();
      setState(null);
      setPhase('signed_out');
    },
  };
}
