import { useTranslation } from 'react-i18next';
import type { Language, WireError } from '../../shared/errors.ts';
import { type Asset, type Currency, formatAmount } from '../../shared/money.ts';
import { type ErrorContext, errorSentence } from './error-sentence.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from './i18n.ts';

const MINUTE_MS = 60_000;
const MOMENT = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const satisfies Intl.DateTimeFormatOptions;

function lengthText(ms: number, language: Language): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const [value, unit] =
    minutes < 60
      ? ([minutes, 'minute'] as const)
      : minutes < 1440
        ? ([Math.floor(minutes / 60), 'hour'] as const)
        : ([Math.floor(minutes / 1440), 'day'] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** Words, amounts, times and errors in the person's language. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = LANGUAGES.find((known) => known === i18n.language) ?? DEFAULT_LANGUAGE;
  const amount = (value: number, asset: Asset, currency: Currency) =>
    formatAmount(value, asset, currency, language, t('asset.unit'));
  return {
    t,
    language,
    amount,
    /** A whole number as it is written here: 18.442. */
    count: (value: number) => new Intl.NumberFormat(language).format(value),
    error: (error: WireError, context: ErrorContext = {}) =>
      errorSentence(error, language, {
        amountText: (value) =>
          context.asset && context.currency ? amount(value, context.asset, context.currency) : String(value),
        statusText: (status) => t(`status.${status}`),
        fieldText: (field) => t(`field.${field}`),
        limitText: (limit) => t(`limit.${limit}`),
      }),
    time: (epochMs: number) =>
      new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hour12: false }).format(
        epochMs,
      ),
    day: (epochMs: number) =>
      new Intl.DateTimeFormat(language, {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        year: 'numeric',
      }).format(epochMs),
    /** With the day, as short as it can be said. */
    moment: (epochMs: number) => new Intl.DateTimeFormat(language, MOMENT).format(epochMs),
    momentToTheSecond: (epochMs: number) =>
      new Intl.DateTimeFormat(language, { ...MOMENT, second: '2-digit' }).format(epochMs),
    /** '12 minutes', '3 hours', '2 days': a length of time. */
    age: (ms: number) => lengthText(ms, language),
    /** 'just now', '12 minutes ago'. */
    ago: (ms: number) => (ms < MINUTE_MS ? t('age.now') : t('age.ago', { age: lengthText(ms, language) })),
  };
}
