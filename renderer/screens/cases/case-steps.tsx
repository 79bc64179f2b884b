import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import type { CaseEntry } from '../../../shared/cases.ts';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from '../signals/signals.module.css';

const NOTE_MAX = 4_000;

interface CaseStepsProps {
  readonly entries: readonly CaseEntry[];
  readonly busy: boolean;
  /** Whether it was taken. */
  onNote(text: string): Promise<boolean>;
}

/** All that was done in a case, oldest first, and a note at its end. */
export function CaseSteps({ entries, busy, onNote }: CaseStepsProps) {
  const { t, moment } = useWords();
  const [note, setNote] = useState('');
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (note.trim() !== '' && (await onNote(note.trim()))) setNote('');
  };
  return (
    <>
      <h3 className={classes.part}>{t('cases.steps')}</h3>
      <ol className={classes.words}>
        {entries.map(({ id, kind, at, staffName, text, findings, events, status, assigneeName }) => (
          <li key={id}>
            <span>
              {t(`cases.entry.${kind}`, {
                ...{ findings, events, name: assigneeName ?? t('cases.nobody') },
                status: status === null ? '' : t(`cases.statuses.${status}`),
              })}
              {` · ${staffName}`}
            </span>
            <time className={layout.muted}>{moment(at)}</time>
            {text !== '' && <p>{text}</p>}
          </li>
        ))}
      </ol>
      <form onSubmit={(event) => void submit(event)} className={classes.note}>
        <Field
          id="case-note"
          label={t('cases.note')}
          value={note}
          maxLength={NOTE_MAX}
          help={t('cases.noteHelp')}
          onChange={setNote}
          after={
            <Button type="submit" size="lg" variant="default" disabled={note.trim() === ''} loading={busy}>
              {t('cases.addNote')}
            </Button>
          }
        />
      </form>
    </>
  );
}
