import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import type { Language } from '../../shared/errors.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../i18n/i18n.ts';

export const THEMES = ['light', 'dark', 'auto'] as const;
export type Theme = (typeof THEMES)[number];

export interface Look {
  readonly language: Language;
  readonly theme: Theme;
  readonly scheme: 'light' | 'dark';
  setLanguage(language: Language): void;
  setTheme(theme: Theme): void;
}

type Kept = Pick<Storage, 'getItem' | 'setItem'>;

/** Language and theme of this browser: the gateway's pages belong to no till and no store. */
export function useLook(kept: Kept): Look {
  const [language, setLanguage] = useState<Language>(
    () => LANGUAGES.find((it) => it === kept.getItem('saksi.language')) ?? DEFAULT_LANGUAGE,
  );
  const [theme, setTheme] = useState<Theme>(
    () => THEMES.find((it) => it === kept.getItem('saksi.theme')) ?? 'auto',
  );
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', false, { getInitialValueInEffect: false });
  return {
    ...{ language, theme },
    scheme: theme === 'auto' ? (systemDark ? 'dark' : 'light') : theme,
    setLanguage(next) {
      kept.setItem('saksi.language', next);
      setLanguage(next);
    },
    setTheme(next) {
      kept.setItem('saksi.theme', next);
      setTheme(next);
    },
  };
}
