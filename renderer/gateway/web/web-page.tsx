import type { i18n as I18n } from 'i18next';
import { useCallback, useMemo } from 'react';
import type { SaksiBridge } from '../../../shared/bridge.ts';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import { StoreContext } from '../../state/hooks.ts';
import { createSaksiStore } from '../../state/store.ts';
import type { CustomersApi } from '../customers/api.ts';
import { Frame } from '../frame.tsx';
import { MANAGER_COMMAND, SignIn, Starting } from '../sign-in.tsx';
import { useWebSession } from './use-web-session.ts';
import { type Place, pageIn, WebDesk } from './web-desk.tsx';

interface WebPageProps {
  /** What the till's screens ask, of one store. */
  readonly openBridge: (storeId: string, onEnded: (error: WireError) => void) => SaksiBridge;
  readonly api: Pick<CustomersApi, 'session' | 'signIn' | 'signOut' | 'stores' | 'find'>;
  readonly clock: Clock;
  readonly linkToken: string | null;
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  readonly place: Place;
}

/** What a manager sees at a till, without one: the list, its pictures, signals, cases and the day in figures. */
export function WebPage({ openBridge, api, clock, linkToken, i18n, kept, place }: WebPageProps) {
  const { session, ended, signOut } = useWebSession(api, linkToken);
  const [store] = session.phase === 'signed_in' ? session.stores : [];
  return (
    <Frame {...{ i18n, kept }} page="web" onSignOut={session.phase === 'signed_in' ? signOut : undefined}>
      {session.phase === 'starting' && <Starting />}
      {session.phase === 'signed_out' && <SignIn error={session.error} command={MANAGER_COMMAND} />}
      {session.phase === 'signed_in' &&
        (store === undefined ? (
          <NoStore />
        ) : (
          <Desk {...{ openBridge, api, clock, place }} storeId={store.id} onEnded={ended} />
        ))}
    </Frame>
  );
}

function NoStore() {
  const { t } = useWords();
  return (
    <div className={layout.empty} role="status">
      <h1>{t('web.noStore')}</h1>
    </div>
  );
}

interface DeskProps extends Pick<WebPageProps, 'openBridge' | 'api' | 'clock' | 'place'> {
  readonly storeId: string;
  readonly onEnded: (error: WireError) => void;
}

/** The state that the till's screens keep theirs in, over the gateway instead of a till. */
function Desk({ openBridge, api, clock, place, storeId, onEnded }: DeskProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: one for each store
  const store = useMemo(
    () =>
      createSaksiStore(openBridge(storeId, onEnded), clock.monotonic, {
        page: pageIn(place.location.hash),
      }),
    [storeId],
  );
  const customers = useCallback((q: string) => api.find(storeId, q), [api, storeId]);
  return (
    <StoreContext value={store}>
      <WebDesk {...{ clock, place, customers }} />
    </StoreContext>
  );
}
