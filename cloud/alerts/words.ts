/** What the screens say, for messages that say the same. */
import en from '../../resources/locales/en.json' with { type: 'json' };
import id from '../../resources/locales/id.json' with { type: 'json' };
import tr from '../../resources/locales/tr.json' with { type: 'json' };
import type { Language } from '../../shared/errors.ts';

const LOCALES = { en, id, tr } as const satisfies Record<Language, typeof en>;

export const wordsIn = (language: Language): Pick<typeof en, 'signals' | 'asset'> => LOCALES[language];
