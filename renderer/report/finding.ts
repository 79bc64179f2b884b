import type { TFunction } from 'i18next';
import type { Finding } from '../../shared/findings.ts';

/** A finding's name and the sentence that explains it by its figures, in the words of `t`'s language. */
export function findingWords(
  t: TFunction,
  language: string,
  { signal, figures }: Pick<Finding, 'signal' | 'figures'>,
): { name: string; sentence: string } {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const { count, exposure, expected, median } = figures;
  const words = {
    count: format.format(count),
    exposure: format.format(exposure),
    expected: format.format(expected),
    median: format.format(median),
  };
  return { name: t(`signals.name.${signal}`), sentence: String(t(`signals.finding.${signal}`, words)) };
}
