import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../../resources/locales/en.json' with { type: 'json' };
import id from '../../resources/locales/id.json' with { type: 'json' };
import tr from '../../resources/locales/tr.json' with { type: 'json' };
import type { Language } from '../../shared/errors.ts';

export const LANGUAGES = ['id', 'en', 'tr'] as const satisfies readonly Language[];
export const DEFAULT_LANGUAGE: Language = 'id';
/** All words, by their places. */
export type Locale = typeof en;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

/** All languages are in the bundle: there is nothing to load and nothing to wait for. */
export function createI18n(language: Language): i18n {
  const instance = i18next.createInstance();
  instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    initAsync: false,
    resources: { en: { translation: en }, id: { translation: id }, tr: { translation: tr } },
    // React escapes.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  return instance;
}
