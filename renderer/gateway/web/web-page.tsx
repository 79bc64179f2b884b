import type { i18n as I18n } from 'i18next';
import { useCallback, useMemo, useState } from 'react';
import type { SaksiBridge } from '../../../shared/bridge.ts';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import type { WebChallenge, WebDesk as WebDeskOf } from '../../../shared/web-api.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import { StoreContext } from '../../state/hooks.ts';
import { createSaksiStore } from '../../state/store.ts';
import type { CustomersApi } from '../customers/api.ts';
import { Frame } from '../frame.tsx';
import { Starting } from '../sign-in.tsx';
import type { WebApi } from './api.ts';
import type { Passkeys } from './passkeys.ts';
import type { ShopApi } from './shop-api.ts';
import { useWebSession } from './use-web-session.ts';
import { type DeskStore, type Place, pageIn, WebDesk } from './web-desk.tsx';
import { WebSignIn } from './web-sign-in.tsx';

interface WebPageProps {
  /** What the till's screens ask, of one store. */
  readonly openBridge: (storeId: string, onEnded: (error: WireError) => void) => SaksiBridge;
  readonly api: WebApi;
  readonly customers: Pick<CustomersApi, 'find'>;
  readonly shop: ShopApi;
  readonly passkeys: Passkeys | null;
  readonly clock: Clock;
  readonly linkToken: string | null;
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  readonly place: Place;
  /** Of somebody whose password or passkey was right already. */
  readonly challenge?: WebChallenge;
}

/** What a manager sees at a till, without one: the list, its pictures, signals, cases and the day in figures. */
export function WebPage(props: WebPageProps) {
  const { api, passkeys, clock, linkToken, i18n, kept } = props;
  const { session, ended, entered, signOut } = useWebSession(api, linkToken);
  return (
    <Frame {...{ i18n, kept }} page="web" onSignOut={session.phase === 'signed_in' ? signOut : undefined}>
      {session.phase === 'starting' && <Starting />}
      {session.phase === 'signed_out' && (
        <WebSignIn
          {...{ api, passkeys, clock }}
          error={session.error}
          challenge={props.challenge}
          onEntered={entered}
        />
      )}
      {session.phase === 'signed_in' && <Stores {...props} desk={session.desk} onEnded={ended} />}
    </Frame>
  );
}

interface StoresProps extends WebPageProps {
  readonly desk: WebDeskOf;
  readonly onEnded: (error: WireError) => void;
}

/** One store at a time; the others are a choice away. */
function Stores({ desk, ...props }: StoresProps) {
  const { t } = useWords();
  const [chosen, setChosen] = useState(desk.stores[0]?.id);
  const [needsCredential, setNeeds] = useState(desk.needsCredential);
  const store = desk.stores.find(({ id }) => id === chosen);
  if (store === undefined) {
    return (
      <div className={layout.empty} role="status">
        <h1>{t('web.noStore')}</h1>
      </div>
    );
  }
  return (
    <Desk
      key={store.id}
      {...props}
      {...{ store, needsCredential }}
      stores={desk.stores}
      onStore={setChosen}
      onCredentials={(has) => setNeeds(!has)}
    />
  );
}

interface DeskProps extends Omit<StoresProps, 'desk'> {
  readonly store: DeskStore;
  readonly stores: readonly DeskStore[];
  readonly needsCredential: boolean;
  readonly onStore: (id: string) => void;
  readonly onCredentials: (has: boolean) => void;
}

/** The state that the till's screens keep theirs in, over the gateway instead of a till. */
function Desk({ openBridge, customers, place, store: of, clock, onEnded, ...props }: DeskProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: one for each store
  const store = useMemo(
    () =>
      createSaksiStore(openBridge(of.id, onEnded), clock.monotonic, {
        page: pageIn(place.location.hash, of.role),
      }),
    [of.id],
  );
  const find = useCallback((q: string) => customers.find(of.id, q), [customers, of.id]);
  return (
    <StoreContext value={store}>
      <WebDesk {...props} {...{ clock, place, onEnded }} store={of} customers={find} />
    </StoreContext>
  );
}
