import {
  IconAlertTriangle,
  IconCashRegister,
  IconCircleDashedCheck,
  IconClockHour4,
  IconDoorExit,
  IconSettings,
  IconTicket,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { unseen, WAITING_APPROVALS } from '../approvals/decision.ts';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import { useActions, useSaksi, useShortcuts, useView } from '../state/hooks.ts';
import type { Page, Screen } from '../state/screen.ts';
import classes from './header.module.css';
import { KeyHint } from './key-hint.tsx';
import { LanguageChoice } from './language-choice.tsx';
import { Mark } from './mark.tsx';

const PAGES = [
  { page: 'redeem', key: 'F2', icon: IconTicket },
  { page: 'recent', key: 'F3', icon: IconClockHour4 },
  { page: 'settings', key: 'F4', icon: IconSettings },
] as const satisfies readonly { page: Page; key: string; icon: unknown }[];

/** Reached from another page; `stopped` stands where redeeming would. */
const SUB_PAGES: ReadonlySet<Screen> = new Set<Screen>([
  'rules',
  'report',
  'attention',
  'devices',
  'messages',
  'shift',
  'shifts',
  'timeline',
  'pictures',
  'signals',
  'cases',
  'digest',
  'stopped',
]);
const PARENTS: Partial<Record<Screen, Page>> = {
  rules: 'settings',
  report: 'settings',
  devices: 'settings',
  messages: 'settings',
  shifts: 'settings',
  timeline: 'settings',
  pictures: 'settings',
  signals: 'settings',
  cases: 'settings',
  digest: 'settings',
  stopped: 'redeem',
};

/** The store, the pages, and who is at the till. While a redemption is on screen there is nowhere else to go. */
export function Header({ screen }: { readonly screen: Screen }) {
  const { till, session } = useView();
  return (
    <header className={classes.header}>
      <div className={classes.place}>
        <Mark size={34} />
        <div className={classes.names}>
          <span className={classes.store}>{till?.storeName ?? 'Saksi'}</span>
          {till !== null && <span className={classes.till}>{till.name}</span>}
        </div>
      </div>
      <div className={classes.pages}>
        {session !== null && isPage(screen) && <Pages current={screen} />}
        <Approvals />
      </div>
      {session === null ? <LanguageChoice /> : <Who name={session.name} canLeave={isPage(screen)} />}
    </header>
  );
}

function isPage(screen: Screen): boolean {
  return SUB_PAGES.has(screen) || PAGES.some(({ page }) => page === screen);
}

/** How many requests wait, and whether there is an answer that nobody has seen; reachable at any time. */
function Approvals() {
  const { t } = useWords();
  const { approvals, session } = useView();
  const seen = useSaksi((state) => state.seen);
  const { openPanel } = useActions();
  const waiting = approvals.filter(({ stage }) => WAITING_APPROVALS.has(stage)).length;
  const news = unseen(approvals, seen).length;
  const usable = session !== null || approvals.length > 0;
  const open = () => openPanel(approvals.length === 0 ? 'ask' : 'list');
  useShortcuts([['F7', usable ? open : undefined]]);
  if (!usable) return null;
  const state = news > 0 ? 'news' : waiting > 0 ? 'waiting' : 'none';
  return (
    <HeaderButton onClick={open} hint="F7">
      <IconCircleDashedCheck size={20} aria-hidden />
      <span className={classes.label}>{t('nav.approvals')}</span>
      {state !== 'none' && (
        <span className={classes.badge} data-state={state}>
          <span aria-hidden="true">{state === 'news' ? news : waiting}</span>
          <span className={layout.hidden}>
            {t(`approvals.badge.${state}`, { number: state === 'news' ? news : waiting })}
          </span>
        </span>
      )}
    </HeaderButton>
  );
}

function Pages({ current }: { readonly current: Screen }) {
  const { t } = useWords();
  const { goTo } = useActions();
  const shown = PARENTS[current] ?? current;
  const isManager = useView().session?.role === 'manager';
  useShortcuts([
    ...PAGES.map(({ page, key }) => [key, () => goTo(page)] as const),
    // Among the rules it saves them.
    ['F10', isManager && current !== 'rules' ? () => goTo('timeline') : undefined],
  ]);
  return (
    <nav aria-label={t('app.main')} className={classes.pages}>
      {PAGES.map(({ page, key, icon: Icon }) => (
        <HeaderButton key={page} current={page === shown} onClick={() => goTo(page)} hint={key}>
          <Icon size={20} aria-hidden />
          <span className={classes.label}>{t(`nav.${page}`)}</span>
        </HeaderButton>
      ))}
      <Shift current={shown === 'shift'} />
      <Attention current={shown === 'attention'} />
    </nav>
  );
}

/** The cashier's shift, where the shop has any. */
function Shift({ current }: { readonly current: boolean }) {
  const { t } = useWords();
  const { goTo } = useActions();
  const { cashShift } = useView();
  const open = () => goTo('shift');
  useShortcuts([['F5', cashShift === null ? undefined : open]]);
  if (cashShift === null) return null;
  const waits = cashShift.open === null ? cashShift.mode === 'required' : cashShift.open.leftOpen;
  return (
    <HeaderButton compact current={current} onClick={open} hint="F5">
      <IconCashRegister size={20} aria-hidden />
      <span className={classes.label}>{t('nav.shift')}</span>
      {waits && (
        <span className={classes.badge} data-state="news">
          <span aria-hidden="true">!</span>
          <span className={layout.hidden}>
            {t(cashShift.open === null ? 'shift.badge.none' : 'shift.badge.leftOpen')}
          </span>
        </span>
      )}
    </HeaderButton>
  );
}

/** How much of what this till says was refused or is stuck; its list is also behind the status bar. */
function Attention({ current }: { readonly current: boolean }) {
  const { t } = useWords();
  const { goTo } = useActions();
  const { attention } = useView().status.outbox;
  const open = () => goTo('attention');
  useShortcuts([['F1', open]]);
  if (attention === 0 && !current) return null;
  return (
    <HeaderButton compact current={current} onClick={open} hint="F1">
      <IconAlertTriangle size={20} aria-hidden />
      <span className={layout.hidden}>{t('nav.attention')}</span>
      {attention > 0 && (
        <span className={classes.badge} data-state="news">
          <span aria-hidden="true">{attention}</span>
          <span className={layout.hidden}>{t('attention.badge', { number: attention })}</span>
        </span>
      )}
    </HeaderButton>
  );
}

function Who({ name, canLeave }: { readonly name: string; readonly canLeave: boolean }) {
  const { t } = useWords();
  const role = useSaksi((state) => state.view?.session?.role ?? 'cashier');
  const { mayLeave, askSignOut } = useActions();
  const leave = () => {
    if (mayLeave('sign_out')) askSignOut();
  };
  useShortcuts([['F9', canLeave ? leave : undefined]]);
  return (
    <div className={classes.who}>
      <div className={classes.person}>
        <span className={classes.name}>{name}</span>
        <span className={classes.role}>{t(`role.${role}`)}</span>
      </div>
      {canLeave && (
        <HeaderButton compact onClick={leave} hint="F9">
          <IconDoorExit size={20} aria-hidden />
          <span className={classes.label}>{t('nav.signOut')}</span>
        </HeaderButton>
      )}
    </div>
  );
}

interface HeaderButtonProps {
  readonly children: ReactNode;
  readonly hint: string;
  readonly current?: boolean;
  /** Only its icon where the window is narrow. */
  readonly compact?: boolean;
  onClick(): void;
}

function HeaderButton({ children, hint, current, compact = false, onClick }: HeaderButtonProps) {
  return (
    <button
      type="button"
      className={classes.button}
      data-compact={compact}
      aria-current={current ? 'page' : undefined}
      aria-keyshortcuts={hint}
      onClick={onClick}
    >
      {children}
      <KeyHint>{hint}</KeyHint>
    </button>
  );
}
