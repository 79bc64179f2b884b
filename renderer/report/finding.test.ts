import { describe, expect, it } from 'vitest';
import { SIGNAL_IDS } from '../../shared/signal-policy.ts';
import { createI18n, LANGUAGES } from '../i18n/i18n.ts';
import { findingWords } from './finding.ts';

const figures = { count: 17, exposure: 1440.5, expected: 3.25, value: 0.01, median: 2, mad: 1, z: 5 };

describe.each(LANGUAGES)('a finding in %s', (language) => {
  const { t } = createI18n(language);
  it.each(SIGNAL_IDS)('%s says its figures', (signal) => {
    const { name, sentence } = findingWords(t, language, { signal, figures });
    expect(name).not.toMatch(/signals\./);
    expect(sentence).toContain('17');
    expect(sentence).not.toMatch(/\{\{|signals\./);
  });
});

it('writes numbers as the language does', () => {
  const say = (language: 'en' | 'id') =>
    findingWords(createI18n(language).t, language, { signal: 'void_rate', figures }).sentence;
  expect(say('en')).toContain('1,440.5 sales');
  expect(say('id')).toContain('1.440,5 transaksi');
});
