import { PinInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useWords } from '../i18n/use-words.ts';
import classes from './code.module.css';

interface CodeFieldProps {
  readonly length: number;
  readonly digits: string;
  readonly checking: boolean;
  readonly bad: boolean;
  onType(text: string): void;
}

/** One box per digit. Emptied after a wrong code, with the first box ready again. */
export function CodeField({ length, digits, checking, bad, onType }: CodeFieldProps) {
  const { t } = useWords();
  const root = useRef<HTMLDivElement>(null);
  const empty = digits === '';
  useEffect(() => {
    if (empty && !checking) root.current?.querySelector('input')?.focus();
  }, [empty, checking]);
  return (
    <PinInput
      rootRef={root}
      length={length}
      type="number"
      oneTimeCode
      autoFocus
      placeholder=""
      gap={10}
      value={digits}
      readOnly={checking}
      error={bad && empty}
      aria-label={t('code.label', { digits: length })}
      getInputProps={(index) => ({
        'aria-label': t('code.digit', { index: index + 1, digits: length }),
        // In a panel, which gives the focus to what is marked so.
        'data-autofocus': index === 0 ? true : undefined,
      })}
      classNames={{ root: classes.pin ?? '', pinInput: classes.box ?? '', input: classes.digit ?? '' }}
      onChange={onType}
    />
  );
}
