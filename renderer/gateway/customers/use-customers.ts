import { useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import type { CustomerFile, CustomerFound, CustomerStores, Erasure } from '../../../shared/privacy.ts';
import type { Answer } from '../call.ts';
import type { Phase } from '../use-setup.ts';
import type { CustomersApi } from './api.ts';

export interface Customers {
  readonly phase: Phase;
  readonly stores: CustomerStores | null;
  readonly storeId: string;
  /** Null: nothing was searched for yet. */
  readonly found: readonly CustomerFound[] | null;
  readonly file: CustomerFile | null;
  /** Of the customer who was erased just now. */
  readonly erased: Erasure | null;
  /** What is under way. */
  readonly busy: Doing | null;
  /** Why the last thing that was asked for did not work, and what that was. */
  readonly failed: { readonly what: Doing; readonly error: WireError } | null;
  readonly api: CustomersApi;
  chooseStore(storeId: string): void;
  find(q: string): Promise<void>;
  open(id: string): Promise<void>;
  /** The file as it is after a change. @returns whether it worked */
  change(what: Doing, ask: (api: CustomersApi) => Promise<Answer<CustomerFile>>): Promise<boolean>;
  /** Anything else. @returns null when it did not work */
  ask<T>(what: Doing, ask: (api: CustomersApi) => Promise<Answer<T>>): Promise<T | null>;
  setErased(erasure: Erasure): void;
  signOut(): void;
}
export type Doing = 'start' | 'find' | 'open' | 'consent' | 'reach' | 'export' | 'erase';

/** @param linkToken of the link that the page was opened by; null: by none */
export function useCustomers(api: CustomersApi, linkToken: string | null): Customers {
  const [phase, setPhase] = useState<Phase>('starting');
  const [stores, setStores] = useState<CustomerStores | null>(null);
  const [storeId, setStoreId] = useState('');
  const [found, setFound] = useState<readonly CustomerFound[] | null>(null);
  const [file, setFile] = useState<CustomerFile | null>(null);
  const [erased, setErased] = useState<Erasure | null>(null);
  const [busy, setBusy] = useState<Doing | null>(null);
  const [failed, setFailed] = useState<Customers['failed']>(null);

  async function ask<T>(what: Doing, question: (of: CustomersApi) => Promise<Answer<T>>): Promise<T | null> {
    setBusy(what);
    setFailed(null);
    const answer = await question(api);
    setBusy(null);
    if (answer.ok) return answer.value;
    if (answer.error.code === 'web_session_ended') leave();
    setFailed({ what, error: answer.error });
    return null;
  }

  /** What names a customer does not stay behind. */
  function leave() {
    setPhase('signed_out');
    setFound(null);
    setFile(null);
  }

  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the link works once
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void (async () => {
      const entered = linkToken === null ? await api.session() : await api.signIn(linkToken);
      if (!entered.ok) {
        // Nobody is told that a session ended who had none.
        if (linkToken !== null || entered.error.code !== 'web_session_ended')
          setFailed({ what: 'start', error: entered.error });
        return setPhase('signed_out');
      }
      const known = await ask('start', (of) => of.stores());
      if (known === null) return setPhase('signed_out');
      setStores(known);
      setStoreId(known.stores[0]?.id ?? '');
      setPhase('signed_in');
    })();
  }, []);

  return {
    ...{ phase, stores, storeId, found, file, erased, busy, failed, api, ask },
    chooseStore(next) {
      setStoreId(next);
      setFound(null);
      setFile(null);
      setErased(null);
    },
    async find(q) {
      const answer = await ask('find', (of) => of.find(storeId, q));
      if (answer === null) return;
      setErased(null);
      setFound(answer.customers);
      const [only] = answer.customers;
      if (answer.customers.length === 1 && only !== undefined) {
        setFile(await ask('open', (of) => of.view(storeId, only.id)));
      } else setFile(null);
    },
    async open(id) {
      setErased(null);
      setFile(await ask('open', (of) => of.view(storeId, id)));
    },
    async change(what, question) {
      const next = await ask(what, question);
      if (next !== null) setFile(next);
      return next !== null;
    },
    setErased(erasure) {
      setErased(erasure);
      setFile(null);
      setFound(null);
    },
    signOut() {
      void api.signOut();
      leave();
    },
  };
}
