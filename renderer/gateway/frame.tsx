import { MantineProvider } from '@mantine/core';
import { IconDoorExit } from '@tabler/icons-react';
import type { i18n as I18n } from 'i18next';
import { type ReactNode, useEffect } from 'react';
import { I18nextProvider } from 'react-i18next';
import { Choice } from '../components/choice.tsx';
import { LANGUAGE_NAMES } from '../components/language-choice.tsx';
import { Mark } from '../components/mark.tsx';
import { LANGUAGES } from '../i18n/i18n.ts';
import { useWords } from '../i18n/use-words.ts';
import { theme } from '../theme/theme.ts';
import classes from './frame.module.css';
import { type Look, THEMES, useLook } from './use-look.ts';

interface FrameProps {
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  readonly children: ReactNode;
  readonly page?: 'setup' | 'customers' | 'web';
  /** Absent: nobody is signed in. */
  readonly onSignOut: (() => void) | undefined;
}

/** What the pages share: the till's look, the choice of language and theme, and the way out. */
export function Frame({ i18n, kept, children, page = 'setup', onSignOut }: FrameProps) {
  const look = useLook(kept);
  useEffect(() => {
    document.documentElement.lang = look.language;
    if (i18n.language !== look.language) void i18n.changeLanguage(look.language);
  }, [i18n, look.language]);
  return (
    <I18nextProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        forceColorScheme={look.scheme}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <div className={classes.shell}>
          <Head look={look} page={page} onSignOut={onSignOut} />
          <main className={classes.main}>{children}</main>
        </div>
      </MantineProvider>
    </I18nextProvider>
  );
}

interface HeadProps extends Required<Pick<FrameProps, 'page' | 'onSignOut'>> {
  readonly look: Look;
}

function Head({ look, page, onSignOut }: HeadProps) {
  const { t } = useWords();
  const titles = { setup: t('setup.title'), customers: t('setup.customers.title'), web: t('web.title') };
  return (
    <header className={classes.head}>
      <div className={classes.name}>
        <Mark size={34} />
        <span className={classes.title}>{titles[page]}</span>
      </div>
      <div className={classes.tools}>
        <Choice
          label={t('settings.theme')}
          tone="header"
          value={look.theme}
          options={THEMES.map((value) => ({ value, text: t(`settings.${value}`) }))}
          onChange={look.setTheme}
        />
        <Choice
          label={t('settings.language')}
          tone="header"
          value={look.language}
          options={LANGUAGES.map((value) => ({
            ...{ value, text: value.toUpperCase(), title: LANGUAGE_NAMES[value] },
          }))}
          onChange={look.setLanguage}
        />
        {onSignOut !== undefined && (
          <button type="button" className={classes.out} onClick={onSignOut}>
            <IconDoorExit size={20} aria-hidden />
            <span>{t('nav.signOut')}</span>
          </button>
        )}
      </div>
    </header>
  );
}
