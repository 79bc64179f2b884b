import { Button } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../../i18n/use-words.ts';

interface SureButtonProps {
  readonly word: string;
  readonly busy: boolean;
  /** What it is about, for whoever hears the button only. */
  readonly of?: string;
  onSure(): void;
}

/** Asks once more, in the same place. */
export function SureButton({ word, busy, of, onSure }: SureButtonProps) {
  const { t } = useWords();
  const [sure, setSure] = useState(false);
  const shown = sure ? t('web.sure') : word;
  return (
    <Button
      variant={sure ? 'filled' : 'default'}
      {...(sure ? { color: 'var(--bad)' } : {})}
      disabled={busy}
      {...(of === undefined ? {} : { 'aria-label': `${shown}: ${of}` })}
      onBlur={() => setSure(false)}
      onClick={() => {
        if (sure) onSure();
        setSure(!sure);
      }}
    >
      {shown}
    </Button>
  );
}
