import { expect, test } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { errorSentence } from './error-sentence.ts';

const words = {
  amountText: (value: number) => `Rp ${value}`,
  statusText: (status: string) => `<${status}>`,
  fieldText: (field: string) => `[${field}]`,
};
const sentence = (error: SaksiError) => errorSentence(error.toWire(), 'en', words);

test('an available balance is written as an amount', () => {
  expect(sentence(new SaksiError('amount_above_balance', { params: { available: 120_000 } }))).toBe(
    'The balance is not enough. Available: Rp 120000.',
  );
});

test('what a limit leaves is written as an amount', () => {
  expect(sentence(new SaksiError('offline_limit', { params: { limit: 'perTill', left: 40_000 } }))).toContain(
    'Left: Rp 40000.',
  );
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
