import { Button } from '@mantine/core';
import type { WireError } from '../../shared/errors.ts';
import { useWords } from '../i18n/use-words.ts';
import { DialogButtons } from './dialog.tsx';
import { KeyHint } from './key-hint.tsx';
import { Notice } from './notice.tsx';

/** How a dialog's form ends: why it was refused, the way back, and what sends it. */
export function FormEnd(props: {
  readonly error: WireError | null;
  readonly back: string;
  readonly send: string;
  readonly ready?: boolean;
  readonly busy: boolean;
  readonly onClose: () => void;
}) {
  const { error: failure, back, send, ready = true, busy, onClose } = props;
  const { t, error } = useWords();
  return (
    <>
      {failure !== null && (
        <Notice tone="bad" urgent>
          {error(failure)}
        </Notice>
      )}
      <DialogButtons>
        <Button
          size="lg"
          variant="default"
          onClick={onClose}
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
        >
          {back}
        </Button>
        <Button size="lg" type="submit" disabled={!ready} loading={busy}>
          {send}
        </Button>
      </DialogButtons>
    </>
  );
}
