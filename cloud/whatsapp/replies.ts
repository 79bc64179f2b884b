/** Free-form texts to staff, per language, from `resources/templates/replies/`. Sent only inside the 24-hour window. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Store } from '../../shared/gateway-api.ts';
import { parameterText } from './utility-templates.ts';

export type Language = Store['language'];
const LANGUAGES: readonly Language[] = ['id', 'en', 'tr'];
const FOLDER = new URL('../../resources/templates/replies/', import.meta.url);
/** Of one value put into a text. */
const VALUE_LENGTH_MAX = 240;

/** Every text, and the values that it names. */
export const REPLY_VALUES = {
  approved: ['request'],
  recorded: ['request', 'given', 'needed'],
  rejected: ['request'],
  rejected_reason: ['request', 'seconds'],
  already_approved: ['request', 'name'],
  already_rejected: ['request', 'name'],
  already_ended: ['request'],
  expired: ['request'],
  cancelled: ['request'],
  own_request: ['request'],
  repeated: ['request'],
  not_yours: ['request'],
  not_for_you: [],
  button_unknown: [],
  reason_taken: ['request'],
  told_approved: ['request', 'name'],
  told_rejected: ['request', 'name'],
  told_expired: ['request'],
  told_cancelled: ['request'],
  enrolled: ['name', 'store'],
  word_unknown: [],
  number_differs: [],
  notices_ended: [],
  notices_again: [],
  code_unrequested: [],
} as const;

export type ReplyKey = keyof typeof REPLY_VALUES;
export type ReplyValues<K extends ReplyKey> = Readonly<
  Record<(typeof REPLY_VALUES)[K][number], string | number>
>;
export type Replies = <K extends ReplyKey>(language: Language, key: K, values: ReplyValues<K>) => string;

/** @throws Error naming the language and text that is missing, unknown, or names other values than it is given */
export function loadReplies(folder: URL = FOLDER): Replies {
  const texts = new Map(LANGUAGES.map((language) => [language, readLanguage(folder, language)]));
  return (language, key, values) => {
    const text = texts.get(language)?.[key] ?? '';
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
      parameterText(String((values as Record<string, string | number>)[name] ?? ''), VALUE_LENGTH_MAX),
    );
  };
}

function readLanguage(folder: URL, language: Language): Record<string, string> {
  const json: unknown = JSON.parse(readFileSync(new URL(`${language}.json`, folder), 'utf8'));
  const texts = z.record(z.string(), z.string().trim().min(1).max(1000)).parse(json);
  const known = Object.entries(REPLY_VALUES);
  const wrong = [
    ...Object.keys(texts).filter((key) => !Object.hasOwn(REPLY_VALUES, key)),
    ...known.filter(([key, names]) => !namesExactly(texts[key] ?? '', names)).map(([key]) => key),
  ];
  if (wrong.length > 0) throw new Error(`replies ${language}: wrong or missing: ${wrong.join(', ')}`);
  return texts;
}

function namesExactly(text: string, names: readonly string[]): boolean {
  const found = new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]));
  return text !== '' && found.size === names.length && names.every((name) => found.has(name));
}

/** As a message has it; English where we do not speak it. */
export function languageIn(text: string): Language {
  return LANGUAGES.find((language) => language === text) ?? 'en';
}

/** Of somebody about whom nothing else is known: by the country of their account or number. */
export function languageOf(sender: { readonly from?: string; readonly userId?: string }): Language {
  const country = sender.userId?.slice(0, 3);
  if (country === 'ID.' || sender.from?.startsWith('62') === true) return 'id';
  return country === 'TR.' || sender.from?.startsWith('90') === true ? 'tr' : 'en';
}
