import { severitySchema } from '../../../shared/findings.ts';
import {
  type FindingFilter,
  type FindingState,
  type FindingSummary,
  findingFilterSchema,
} from '../../../shared/findings-api.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from './signals.module.css';

interface FindingFiltersProps {
  readonly filter: FindingFilter;
  readonly states: readonly FindingState[];
  readonly summary: FindingSummary | null;
  onFilter(filter: FindingFilter): void;
}

/** By what became of them, by signal, by person (with how many are new), and how severe. */
export function FindingFilters({ filter, states, summary, onFilter }: FindingFiltersProps) {
  const { t } = useWords();
  /** An empty text leaves the condition out. */
  const set = (name: keyof FindingFilter, text: string) => {
    const { [name]: _, ...rest } = filter;
    onFilter(findingFilterSchema.parse(text === '' ? rest : { ...rest, [name]: text }));
  };
  const selects = [
    {
      name: 'state',
      label: t('findings.state'),
      every: t('findings.everyState'),
      options: states.map((value) => ({ value, text: t(`findings.states.${value}`) })),
    },
    {
      name: 'signal',
      label: t('findings.signal'),
      every: t('findings.everySignal'),
      options: (summary?.signals ?? []).map(({ signal, fresh, all }) => ({
        value: signal,
        text: t('findings.counted', { name: t(`signals.name.${signal}`), fresh, all }),
      })),
    },
    {
      name: 'personId',
      label: t('findings.person'),
      every: t('findings.everyPerson'),
      options: (summary?.people ?? []).map(({ person, name, fresh, all }) => ({
        value: person.id,
        text: t('findings.counted', { name: name ?? t(`findings.kind.${person.kind}`), fresh, all }),
      })),
    },
    {
      name: 'severity',
      label: t('findings.severity'),
      every: t('findings.everySeverity'),
      options: severitySchema.options
        .filter((severity) => severity !== 'low')
        .map((value) => ({ value, text: t(`findings.severities.${value}`) })),
    },
  ] as const;
  return (
    <div className={classes.filters}>
      {selects.map(({ name, label, every, options }) => (
        <select
          key={name}
          className={`${layout.control} ${classes.select}`}
          aria-label={label}
          value={filter[name] ?? ''}
          onChange={({ target }) => set(name, target.value)}
        >
          <option value="">{every}</option>
          {options.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ))}
    </div>
  );
}
