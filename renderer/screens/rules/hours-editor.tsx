import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { WorkingHours } from '../../../shared/approval-policy.ts';
import { Choice } from '../../components/choice.tsx';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { readTime, replaced, timeText, withApprovals, without } from '../../rules/rules-edit.ts';
import layout from '../layout.module.css';
import classes from './rules-fields.module.css';
import { Group, Item, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const OUTSIDE = ['same', 'managers_only', 'refuse'] as const;
const MAX_SPANS = 14;
/** A week as most shops have it, Monday first: what the first press of the button gives. */
const USUAL_WEEK: WorkingHours['days'] = [1, 2, 3, 4, 5, 6, 0].map((day) => ({ day, from: 480, to: 1260 }));
/** A Sunday, for the names of the days (UTC). */
const SUNDAY_MS = Date.UTC(2026, 0, 4);
const DAY_MS = 86_400_000;
const DAYS = [1, 2, 3, 4, 5, 6, 0] as const;

/** When the shop works, and what holds outside of that. */
export function HoursEditor() {
  const { t, language } = useWords();
  const { draft, update } = useRules();
  const { hours } = draft.approvals;
  const change = (next: Partial<WorkingHours>) =>
    update((before) => withApprovals(before, { hours: { ...before.approvals.hours, ...next } }));
  const dayName = (day: number) =>
    new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(SUNDAY_MS + day * DAY_MS);
  return (
    <>
      <Group title={t('rules.hours')} help={t('rules.hoursHelp')}>
        {hours.days.map((span, index) => (
          <Item
            // biome-ignore lint/suspicious/noArrayIndexKey: the spans of a week have no other name
            key={`${hours.days.length}:${index}`}
            name={dayName(span.day)}
            onRemove={() => change({ days: without(hours.days, index) })}
          >
            <Row>
              <div className={classes.labelled}>
                <label className={classes.label} htmlFor={`rules-day-${index}`}>
                  {t('rules.day')}
                </label>
                <select
                  id={`rules-day-${index}`}
                  className={layout.control}
                  value={span.day}
                  onChange={(event) =>
                    change({ days: replaced(hours.days, index, { day: Number(event.target.value) }) })
                  }
                >
                  {DAYS.map((day) => (
                    <option key={day} value={day}>
                      {dayName(day)}
                    </option>
                  ))}
                </select>
              </div>
              <TimeField
                place={`approvals.hours.days.${index}.from`}
                label={t('rules.from')}
                value={span.from}
                onChange={(from) => change({ days: replaced(hours.days, index, { from }) })}
              />
              <TimeField
                place={`approvals.hours.days.${index}.to`}
                label={t('rules.to')}
                value={span.to}
                onChange={(to) => change({ days: replaced(hours.days, index, { to }) })}
              />
            </Row>
          </Item>
        ))}
        {hours.days.length < MAX_SPANS && (
          <div>
            <Button
              variant="default"
              leftSection={<IconPlus size={18} aria-hidden />}
              onClick={() =>
                change({
                  days:
                    hours.days.length === 0
                      ? USUAL_WEEK
                      : [...hours.days, { day: 1, from: Number.NaN, to: Number.NaN }],
                })
              }
            >
              {hours.days.length === 0 ? t('rules.setHours') : t('rules.addHours')}
            </Button>
          </div>
        )}
      </Group>
      <Group title={t('rules.outside')}>
        <Choice
          label={t('rules.outside')}
          value={hours.outside}
          options={OUTSIDE.map((value) => ({ value, text: t(`rules.outsideIs.${value}`) }))}
          onChange={(outside) => change({ outside })}
        />
      </Group>
    </>
  );
}

interface TimeFieldProps {
  readonly place: string;
  readonly label: string;
  /** Minutes of the day; NaN: none. */
  readonly value: number;
  onChange(value: number): void;
}

/** '08:00'; the end of a day is '24:00', which a browser's own time field does not take. */
export function TimeField({ place, label, value, onChange }: TimeFieldProps) {
  const { problem } = useRules();
  const [text, setText] = useState(() => timeText(value));
  return (
    <Field
      id={`rules-${place.replaceAll('.', '-')}`}
      label={label}
      numeric
      value={text}
      placeholder="08:00"
      maxLength={5}
      problem={problem(place)}
      onChange={(typed) => {
        const kept = typed.replace(/[^\d:.]/g, '');
        setText(kept);
        onChange(readTime(kept));
      }}
    />
  );
}
