/** The plain texts that carry a code over other channels, from `resources/texts/`. No links: a code's text that asks to be tapped is what a fraud looks like. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Asset, type Currency, formatAmount } from '../../shared/money.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import type { ChannelKind } from './channel.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;
type Language = (typeof LANGUAGES)[number];
const FALLBACK_LANGUAGE: Language = 'en';
const FOLDER = new URL('../../resources/texts/', import.meta.url);
const STORE_LENGTH_MAX = { sms: 30, email: 80 };
const MINUTE_MS = 60_000;

const textSchema = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !/https?:|www\./i.test(text), 'has a link');
const codeTextsSchema = z.strictObject({
  points: z.string().min(1),
  sms: textSchema,
  email: z.strictObject({ subject: textSchema, text: textSchema }),
});
type CodeTexts = z.infer<typeof codeTextsSchema>;

const NAMES = ['store', 'code', 'amount', 'minutes'] as const;

export interface CodeFacts {
  readonly code: string;
  readonly store: string;
  readonly asset: Asset;
  readonly amount: number;
  readonly currency: Currency;
  /** Until the code lapses. */
  readonly leftMs: number;
}

/** @returns the subject of an e-mail ('' for an SMS) and the text */
export type CodeText = (
  kind: ChannelKind,
  language: string,
  facts: CodeFacts,
) => { readonly subject: string; readonly text: string };

/** @throws Error naming the language whose text lacks a value, names an unknown one, or holds a link */
export function loadCodeTexts(folder: URL = FOLDER): CodeText {
  const texts = new Map(LANGUAGES.map((language) => [language, readLanguage(folder, language)]));
  return (kind, language, facts) => {
    const known = LANGUAGES.find((it) => it === language) ?? FALLBACK_LANGUAGE;
    const own = texts.get(known) ?? readLanguage(folder, known);
    const values = valuesOf(kind, known, own, facts);
    const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
    if (kind === 'sms') return { subject: '', text: fill(own.sms) };
    return { subject: fill(own.email.subject), text: fill(own.email.text) };
  };
}

function valuesOf(kind: ChannelKind, language: Language, own: CodeTexts, facts: CodeFacts) {
  const { asset, amount, currency } = facts;
  const money = formatAmount(amount, asset, currency, language, own.points);
  const values: Record<string, string> = {
    store: parameterText(facts.store, STORE_LENGTH_MAX[kind]),
    code: facts.code,
    // A no-break space, or the lira's sign, would turn an SMS into twice as many.
    amount: money.replace(/[\u00a0\u202f]/g, ' ').replace('₺', kind === 'sms' ? 'TL ' : '₺'),
    minutes: String(Math.max(1, Math.floor(facts.leftMs / MINUTE_MS))),
  };
  return values;
}

function readLanguage(folder: URL, language: Language): CodeTexts {
  const json: unknown = JSON.parse(readFileSync(new URL(`code.${language}.json`, folder), 'utf8'));
  const texts = codeTextsSchema.parse(json);
  for (const text of [texts.sms, texts.email.text]) {
    const found = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    const wrong = NAMES.filter((name) => found.filter((it) => it === name).length !== 1);
    if (wrong.length > 0 || found.length !== NAMES.length) {
      throw new Error(`code text ${language}: each value once, wrong: ${wrong.join(', ')}`);
    }
  }
  return texts;
}
