import { MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { i18n as I18n } from 'i18next';
import { type ComponentType, useEffect, useRef } from 'react';
import { I18nextProvider } from 'react-i18next';
import classes from './app.module.css';
import { AlertsNotice } from './components/alerts-notice.tsx';
import { CodeAlarms } from './components/code-alarms.tsx';
import { DrawerNotices } from './components/drawer-notices.tsx';
import { Header } from './components/header.tsx';
import { StatusBar } from './components/status-bar.tsx';
import { Stopped, TroubleBanners } from './components/trouble.tsx';
import { UnsentDialogs } from './components/unsent-dialogs.tsx';
import { DEFAULT_LANGUAGE } from './i18n/i18n.ts';
import { DecisionNotice } from './screens/approvals/decision-notice.tsx';
import { ApprovalsPanel } from './screens/approvals/panel.tsx';
import { Attention } from './screens/attention/attention.tsx';
import { CasesScreen } from './screens/cases/cases.tsx';
import { CodeScreen } from './screens/code.tsx';
import { DevicesScreen } from './screens/devices/devices.tsx';
import { DigestScreen } from './screens/digest/digest.tsx';
import { FirstRun } from './screens/first-run.tsx';
import { Connecting, HostLost } from './screens/host-lost.tsx';
import { MessagesScreen } from './screens/messages/messages.tsx';
import { PicturesScreen } from './screens/pictures/pictures.tsx';
import { Recent } from './screens/recent.tsx';
import { Redeem } from './screens/redeem.tsx';
import { Report } from './screens/report/report.tsx';
import { Result } from './screens/result.tsx';
import { Rules } from './screens/rules/rules.tsx';
import { SealedScreen } from './screens/sealed.tsx';
import { Settings } from './screens/settings.tsx';
import { ShiftScreen } from './screens/shift/shift.tsx';
import { ShiftsScreen } from './screens/shifts/shifts.tsx';
import { SignIn } from './screens/sign-in.tsx';
import { SignalsScreen } from './screens/signals/signals.tsx';
import { TimelineScreen } from './screens/timeline/timeline.tsx';
import { StoreContext, useSaksi } from './state/hooks.ts';
import { type Screen, screenFor } from './state/screen.ts';
import type { SaksiStore } from './state/store.ts';
import { theme } from './theme/theme.ts';

const SCREENS: Readonly<Record<Exclude<Screen, 'connecting'>, ComponentType>> = {
  first_run: FirstRun,
  sign_in: SignIn,
  redeem: Redeem,
  recent: Recent,
  settings: Settings,
  rules: Rules,
  attention: Attention,
  report: Report,
  devices: DevicesScreen,
  messages: MessagesScreen,
  shift: ShiftScreen,
  shifts: ShiftsScreen,
  timeline: TimelineScreen,
  pictures: PicturesScreen,
  signals: SignalsScreen,
  cases: CasesScreen,
  digest: DigestScreen,
  code: CodeScreen,
  sealed: SealedScreen,
  stopped: Stopped,
  result: Result,
};

export function App({ store, i18n }: { readonly store: SaksiStore; readonly i18n: I18n }) {
  return (
    <StoreContext value={store}>
      <I18nextProvider i18n={i18n}>
        <Themed i18n={i18n} />
      </I18nextProvider>
    </StoreContext>
  );
}

function Themed({ i18n }: { readonly i18n: I18n }) {
  const language = useSaksi((state) => state.view?.settings.language ?? DEFAULT_LANGUAGE);
  const wanted = useSaksi((state) => state.view?.settings.theme ?? 'auto');
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', false, { getInitialValueInEffect: false });
  const scheme = wanted === 'auto' ? (systemDark ? 'dark' : 'light') : wanted;

  useEffect(() => {
    document.documentElement.lang = language;
    if (i18n.language !== language) void i18n.changeLanguage(language);
  }, [i18n, language]);

  return (
    // The variables are a file of ours and the visibility classes are not used: nothing needs an inline style sheet.
    <MantineProvider
      theme={theme}
      forceColorScheme={scheme}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Shell />
    </MantineProvider>
  );
}

function Shell() {
  const screen = useSaksi((state) => screenFor(state.view, state.page));
  const redemptionId = useSaksi((state) => state.view?.redemption?.id ?? '');
  const lost = useSaksi((state) => state.link === 'lost');
  // A result that appears below must not take the focus out of the panel.
  const beside = useSaksi((state) => state.panel !== 'closed');
  // When the panel closes, the focus is back where it was: what was being typed goes on.
  const focused = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (!beside) focused.current?.focus();
  }, [beside]);

  if (screen === 'connecting') return lost ? <HostLost /> : <Connecting />;
  const Body = SCREENS[screen];
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only remembers where the focus was */}
      <div
        className={classes.shell}
        inert={lost || beside}
        onFocus={({ target }) => {
          focused.current = target;
        }}
      >
        <Header screen={screen} />
        <div>
          <TroubleBanners stopped={screen === 'stopped'} />
          <DrawerNotices />
          <CodeAlarms />
          <AlertsNotice />
        </div>
        <main className={classes.main} data-screen={screen}>
          <Body key={`${screen}:${redemptionId}`} />
        </main>
        <StatusBar />
        <DecisionNotice />
        <UnsentDialogs />
      </div>
      <ApprovalsPanel />
      {lost && <HostLost />}
    </>
  );
}
