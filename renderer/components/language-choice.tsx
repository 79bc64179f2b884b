import { LANGUAGES } from '../i18n/i18n.ts';
import { useWords } from '../i18n/use-words.ts';
import { useActions } from '../state/hooks.ts';
import { Choice } from './choice.tsx';

/** Each language in its own words. */
export const LANGUAGE_NAMES = { id: 'Bahasa Indonesia', en: 'English', tr: 'Türkçe' } as const;

export function LanguageChoice() {
  const { t, language } = useWords();
  const { call } = useActions();
  return (
    <Choice
      label={t('settings.language')}
      value={language}
      options={LANGUAGES.map((value) => ({ value, text: value.toUpperCase(), title: LANGUAGE_NAMES[value] }))}
      onChange={(next) => void call('settings.set', { language: next })}
      tone="header"
    />
  );
}
