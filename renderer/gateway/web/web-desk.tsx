import { Button } from '@mantine/core';
import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import type { AuditAbout } from '../../../shared/audit/timeline.ts';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import type { CustomerFound } from '../../../shared/privacy.ts';
import { SETUP_PATHS } from '../../../shared/setup-api.ts';
import type { WebDesk as WebDeskOf, WebRole } from '../../../shared/web-api.ts';
import { createBridgeReader } from '../../audit/bridge-reader.ts';
import { type Answer, AuditDeskContext } from '../../audit/reader.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { CasesScreen } from '../../screens/cases/cases.tsx';
import { DigestScreen } from '../../screens/digest/digest.tsx';
import layout from '../../screens/layout.module.css';
import { SignalsScreen } from '../../screens/signals/signals.tsx';
import { TimelinePage } from '../../screens/timeline/timeline-page.tsx';
import { useActions, useSaksi } from '../../state/hooks.ts';
import type { Page } from '../../state/screen.ts';
import { AccountPage, type AccountPageProps } from './account-page.tsx';
import type { ShopApi } from './shop-api.ts';
import { ShopPage } from './shop-page.tsx';
import classes from './web.module.css';

/** What draws is loaded when somebody wants it. */
const PicturesPage = lazy(async () => ({
  default: (await import('../../screens/pictures/pictures-page.tsx')).PicturesPage,
}));

const PAGES = ['digest', 'signals', 'cases', 'timeline', 'pictures'] as const;
type WebPageName = (typeof PAGES)[number];
const isOurs = (page: string): page is WebPageName => (PAGES as readonly string[]).includes(page);

/** What is said of somebody, and by whom, is the managers'. */
const PAGES_OF: Readonly<Record<WebRole, readonly WebPageName[]>> = {
  manager: PAGES,
  supervisor: ['timeline', 'pictures'],
};

/** The page that an address leads to (`#/signals`); the first of theirs, where it leads to none. */
export function pageIn(hash: string, role: WebRole): WebPageName {
  const name = hash.replace(/^#\//, '');
  const theirs = PAGES_OF[role];
  return isOurs(name) && theirs.includes(name) ? name : (theirs[0] ?? 'timeline');
}

/** What stands in the address where something else than a till's page is shown: the shop's tills and people, or one's own account. */
const ASIDE = ['shop', 'account'] as const;
type Aside = (typeof ASIDE)[number];
const asideIn = (hash: string, role: WebRole): Aside | null =>
  ASIDE.find((name) => hash === `#/${name}` && (name !== 'shop' || role === 'manager')) ?? null;

export type DeskStore = WebDeskOf['stores'][number];

export interface Place {
  readonly location: Pick<Location, 'hash' | 'pathname'>;
  readonly history: Pick<History, 'replaceState'>;
}

type FindCustomers = (q: string) => Promise<Answer<{ customers: CustomerFound[] }>>;

interface WebDeskProps extends Pick<AccountPageProps, 'passkeys' | 'onEnded' | 'onCredentials'> {
  readonly api: AccountPageProps['api'];
  readonly shop: ShopApi;
  readonly clock: Clock;
  readonly place: Place;
  readonly customers: FindCustomers;
  readonly store: DeskStore;
  readonly stores: readonly DeskStore[];
  readonly needsCredential: boolean;
  readonly onStore: (id: string) => void;
}

export function WebDesk(props: WebDeskProps) {
  const { clock, place, customers, store, stores, needsCredential, onStore } = props;
  const { t } = useWords();
  const { goTo } = useActions();
  const asked = useSaksi((state) => state.page);
  const theirs = PAGES_OF[store.role];
  const page = usePage(asked, theirs);
  const [aside, setAside] = useState(() => asideIn(place.location.hash, store.role));
  const shown = aside ?? page;
  useEffect(() => {
    place.history.replaceState(null, '', `${place.location.pathname}#/${shown}`);
  }, [shown, place]);
  const titles: Readonly<Record<WebPageName, string>> = {
    digest: t('digest.title'),
    signals: t('findings.title'),
    cases: t('cases.title'),
    timeline: t('timeline.title'),
    pictures: t('timeline.pictures'),
  };
  const Screen = SCREENS[page];
  return (
    <div className={classes.desk}>
      <div className={classes.top}>
        <nav className={classes.nav} aria-label={t('web.pages')}>
          {theirs.map((name) => (
            <button
              key={name}
              type="button"
              className={classes.tab}
              aria-current={name === shown ? 'page' : undefined}
              onClick={() => {
                setAside(null);
                goTo(name);
              }}
            >
              {titles[name]}
            </button>
          ))}
          {store.role === 'manager' && (
            <a className={classes.tab} href={SETUP_PATHS.customersPage}>
              {t('setup.customers.title')}
            </a>
          )}
          {ASIDE.filter((name) => name !== 'shop' || store.role === 'manager').map((name) => (
            <button
              key={name}
              type="button"
              className={classes.tab}
              aria-current={name === aside ? 'page' : undefined}
              onClick={() => setAside(name)}
            >
              {t(`web.${name}.title`)}
            </button>
          ))}
        </nav>
        {stores.length > 1 && (
          <select
            className={`${layout.control} ${classes.store}`}
            aria-label={t('setup.customers.store')}
            value={store.id}
            onChange={(event) => onStore(event.target.value)}
          >
            {stores.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      <div className={classes.screen}>
        {needsCredential && aside !== 'account' && (
          <div className={classes.asked}>
            <Notice tone="info">{t('web.account.needed')}</Notice>
            <Button variant="default" onClick={() => setAside('account')}>
              {t('web.account.choose')}
            </Button>
          </div>
        )}
        <div className={classes.rest}>
          {aside === 'account' ? (
            <AccountPage {...props} />
          ) : aside === 'shop' ? (
            <ShopPage api={props.shop} storeId={store.id} onEnded={props.onEnded} />
          ) : Screen !== undefined ? (
            <Screen />
          ) : (
            <AuditDesk clock={clock} customers={customers}>
              {page === 'timeline' ? <Timeline /> : <Pictures />}
            </AuditDesk>
          )}
        </div>
      </div>
    </div>
  );
}

const SCREENS: Readonly<Partial<Record<WebPageName, ComponentType>>> = {
  digest: DigestScreen,
  signals: SignalsScreen,
  cases: CasesScreen,
};

/** Where a screen leads to what only a till has, one stays where one is. */
function usePage(asked: Page, theirs: readonly WebPageName[]): WebPageName {
  const isTheirs = (name: Page): name is WebPageName => (theirs as readonly Page[]).includes(name);
  const [page, setPage] = useState<WebPageName>(isTheirs(asked) ? asked : (theirs[0] ?? 'timeline'));
  const { goTo } = useActions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whose pages these are does not change
  useEffect(() => {
    if (isTheirs(asked)) setPage(asked);
    else goTo(page);
  }, [asked, page, goTo]);
  return page;
}

function Timeline() {
  const { goTo, setAuditFilter } = useActions();
  const filter = useSaksi((state) => state.auditFilter);
  return <TimelinePage filter={filter} onFilter={setAuditFilter} onPictures={() => goTo('pictures')} />;
}

function Pictures() {
  const { t } = useWords();
  const { goTo, setAuditFilter } = useActions();
  return (
    <Suspense fallback={<Loading text={t('pictures.loading')} />}>
      <PicturesPage
        onOpen={(filter) => {
          setAuditFilter(filter);
          goTo('timeline');
        }}
        onTimeline={() => goTo('timeline')}
      />
    </Suspense>
  );
}

type About =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError }
  | { readonly state: 'shown'; readonly about: AuditAbout };

interface AuditDeskProps {
  readonly clock: Clock;
  readonly customers: FindCustomers;
  readonly children: ReactNode;
}

function AuditDesk({ clock, customers, children }: AuditDeskProps) {
  const { t } = useWords();
  const { call } = useActions();
  const [about, setAbout] = useState<About>({ state: 'loading' });
  const reader = useMemo(
    () => ({
      ...createBridgeReader(call, clock),
      async customers(q: string) {
        const found = await customers(q);
        return found.ok ? { ok: true as const, value: found.value.customers } : found;
      },
    }),
    [call, clock, customers],
  );
  const load = async () => {
    setAbout({ state: 'loading' });
    const answer = await reader.about();
    setAbout(answer.ok ? { state: 'shown', about: answer.value } : { state: 'failed', error: answer.error });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the desk is opened
  useEffect(() => {
    void load();
  }, []);
  const open = useMemo(
    // A session that ended signs out; there is no PIN to type again.
    () => (about.state === 'shown' ? { reader, about: about.about, locked: () => {} } : null),
    [about, reader],
  );
  if (about.state === 'failed')
    return <NotLoaded text={t('timeline.notLoaded')} error={about.error} onRetry={() => void load()} />;
  if (open === null) return <Loading text={t('timeline.loading')} />;
  return <AuditDeskContext value={open}>{children}</AuditDeskContext>;
}
