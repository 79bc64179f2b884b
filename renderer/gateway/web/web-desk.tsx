import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import type { AuditAbout } from '../../../shared/audit/timeline.ts';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import type { CustomerFound } from '../../../shared/privacy.ts';
import { SETUP_PATHS } from '../../../shared/setup-api.ts';
import { createBridgeReader } from '../../audit/bridge-reader.ts';
import { type Answer, AuditDeskContext } from '../../audit/reader.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { CasesScreen } from '../../screens/cases/cases.tsx';
import { DigestScreen } from '../../screens/digest/digest.tsx';
import { SignalsScreen } from '../../screens/signals/signals.tsx';
import { TimelinePage } from '../../screens/timeline/timeline-page.tsx';
import { useActions, useSaksi } from '../../state/hooks.ts';
import type { Page } from '../../state/screen.ts';
import classes from './web.module.css';

/** What draws is loaded when somebody wants it. */
const PicturesPage = lazy(async () => ({
  default: (await import('../../screens/pictures/pictures-page.tsx')).PicturesPage,
}));

const PAGES = ['digest', 'signals', 'cases', 'timeline', 'pictures'] as const;
type WebPageName = (typeof PAGES)[number];
const isOurs = (page: string): page is WebPageName => (PAGES as readonly string[]).includes(page);

/** The page that an address leads to (`#/signals`); the day in figures, where it leads to none. */
export function pageIn(hash: string): WebPageName {
  const name = hash.replace(/^#\//, '');
  return isOurs(name) ? name : 'digest';
}

export interface Place {
  readonly location: Pick<Location, 'hash' | 'pathname'>;
  readonly history: Pick<History, 'replaceState'>;
}

type FindCustomers = (q: string) => Promise<Answer<{ customers: CustomerFound[] }>>;

interface WebDeskProps {
  readonly clock: Clock;
  readonly place: Place;
  readonly customers: FindCustomers;
}

export function WebDesk({ clock, place, customers }: WebDeskProps) {
  const { t } = useWords();
  const { goTo } = useActions();
  const asked = useSaksi((state) => state.page);
  const page = usePage(asked);
  useEffect(() => {
    place.history.replaceState(null, '', `${place.location.pathname}#/${page}`);
  }, [page, place]);
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
      <nav className={classes.nav} aria-label={t('web.pages')}>
        {PAGES.map((name) => (
          <button
            key={name}
            type="button"
            className={classes.tab}
            aria-current={name === page ? 'page' : undefined}
            onClick={() => goTo(name)}
          >
            {titles[name]}
          </button>
        ))}
        <a className={classes.tab} href={SETUP_PATHS.customersPage}>
          {t('setup.customers.title')}
        </a>
      </nav>
      <div className={classes.screen}>
        {Screen !== undefined ? (
          <Screen />
        ) : (
          <AuditDesk clock={clock} customers={customers}>
            {page === 'timeline' ? <Timeline /> : <Pictures />}
          </AuditDesk>
        )}
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
function usePage(asked: Page): WebPageName {
  const [page, setPage] = useState<WebPageName>(isOurs(asked) ? asked : 'digest');
  const { goTo } = useActions();
  useEffect(() => {
    if (isOurs(asked)) setPage(asked);
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
