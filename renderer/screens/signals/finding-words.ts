import type { ShownFinding } from '../../../shared/findings-api.ts';
import { useWords } from '../../i18n/use-words.ts';

const DAY_MS = 86_400_000;

/** A finding in words: what was seen against what peers do, whom it names, and over what days. */
export function useFindingWords() {
  const { t, language } = useWords();
  const figure = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  // Epoch days of the store's own calendar: they have no zone any more.
  const date = new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return {
    name: ({ signal }: ShownFinding) => t(`signals.name.${signal}`),
    person: ({ person, personName }: ShownFinding) => personName ?? t(`findings.kind.${person.kind}`),
    sentence: ({ signal, figures: { count, expected, exposure, median } }: ShownFinding) =>
      t(`signals.finding.${signal}`, {
        count: figure.format(count) as never,
        expected: figure.format(expected),
        exposure: figure.format(exposure),
        median: figure.format(median),
      }),
    /** Null: nothing was to be expected. */
    times: ({ figures: { count, expected } }: ShownFinding) =>
      expected <= 0 ? null : t('findings.times', { number: figure.format(count / expected) }),
    /** Its last day is in it. */
    window: ({ window: { from, to } }: ShownFinding) =>
      t('findings.window', { from: date.format(from * DAY_MS), to: date.format((to - 1) * DAY_MS) }),
  };
}
