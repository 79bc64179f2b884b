import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { Dialog, DialogButtons } from './dialog.tsx';
import { KeyHint } from './key-hint.tsx';

interface ConfirmProps {
  readonly opened: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly keep: string;
  readonly leave: string;
  onKeep(): void;
  onLeave(): void;
}

/** Asks before something is left; Enter and Esc both stay. */
export function Confirm({ opened, title, children, keep, leave, onKeep, onLeave }: ConfirmProps) {
  const { t } = useWords();
  return (
    <Dialog opened={opened} title={title} size={500} onClose={onKeep}>
      <p>{children}</p>
      <DialogButtons>
        <Button size="lg" onClick={onKeep} data-autofocus rightSection={<KeyHint>{t('key.esc')}</KeyHint>}>
          {keep}
        </Button>
        <Button size="lg" variant="outline" color="var(--bad)" onClick={onLeave}>
          {leave}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
