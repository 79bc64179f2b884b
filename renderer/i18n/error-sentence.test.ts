import { expect, test } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { errorSentence, LIMITS } from './error-sentence.ts';
import { createI18n } from './i18n.ts';

const words = {
  amountText: (value: number) => `Rp ${value}`,
  statusText: (status: string) => `<${status}>`,
  fieldText: (field: string) => `[${field}]`,
  limitText: (limit: string) => `(${limit})`,
};
const sentence = (error: SaksiError) => errorSentence(error.toWire(), 'en', words);

test('an available balance is written as an amount', () => {
  expect(sentence(new SaksiError('amount_above_balance', { params: { available: 120_000 } }))).toBe(
    'The balance is not enough. Available: Rp 120000.',
  );
});

test('a limit without a line says which, in words, and what it leaves as an amount', () => {
  expect(sentence(new SaksiError('offline_limit', { params: { limit: 'till', left: 40_000 } }))).toBe(
    'More than may be spent without a connection (till). Left: Rp 40000.',
  );
});

test.each(['id', 'en', 'tr'] as const)('in %s each limit has a sentence of its own', (language) => {
  const { t } = createI18n(language);
  const sentences = LIMITS.map((limit) =>
    errorSentence(new SaksiError('offline_limit', { params: { limit, left: 0 } }).toWire(), language, {
      ...words,
      limitText: (name) => t(`limit.${name}`),
    }),
  );
  expect(new Set(sentences).size).toBe(LIMITS.length);
  for (const text of sentences) expect(text).not.toMatch(/limit\.|…/);
});

test('a state is written in words, an unknown one as it is', () => {
  expect(sentence(new SaksiError('redemption_state', { params: { status: 'captured' } }))).toBe(
    'This is not possible any more: the redemption is <captured>.',
  );
  expect(sentence(new SaksiError('redemption_state', { params: { status: 'new' } }))).toContain('is new.');
});

test('other parameters go in as they are', () => {
  expect(sentence(new SaksiError('code_wrong', { params: { triesLeft: 3 } }))).toContain('Tries left: 3.');
});

test('what a request lacks is named in words', () => {
  expect(sentence(new SaksiError('approval_incomplete', { params: { field: 'basisPoints' } }))).toContain(
    'missing: [basisPoints].',
  );
  expect(sentence(new SaksiError('approval_state', { params: { status: 'rejected' } }))).toContain(
    'the request is <rejected>.',
  );
});
