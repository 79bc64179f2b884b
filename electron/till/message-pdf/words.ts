/** The words of the message log on paper: those of its screen. */
import en from '../../../resources/locales/en.json' with { type: 'json' };
import id from '../../../resources/locales/id.json' with { type: 'json' };
import tr from '../../../resources/locales/tr.json' with { type: 'json' };
import type { Language } from '../../../shared/errors.ts';

const LOCALES = { en, id, tr } as const satisfies Record<Language, typeof en>;

export type LogWords = Pick<typeof en, 'messages' | 'messageCost' | 'messagePdf'>;

export function wordsIn(language: Language): LogWords {
  return LOCALES[language];
}

export type AllWords = typeof en;

/** Of all screens, for what shows what they show. */
export function allWordsIn(language: Language): AllWords {
  return LOCALES[language];
}

/** 'page {{page}} of {{pages}}' with its parameters filled in. */
export function fill(text: string, params: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name] ?? ''));
}
