import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import type { Policy } from '../../../shared/policy.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { PinEntry } from '../../components/pin-entry.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { isPinComplete } from '../../pin/pin-input.ts';
import { useCall } from '../../state/hooks.ts';

interface SaveDialogProps {
  readonly baseVersion: number;
  readonly policy: Omit<Policy, 'version'>;
  onSaved(policy: Policy): void;
  /** Somebody else changed the rules meanwhile. */
  onConflict(): void;
  onClose(): void;
}

/** The manager's PIN once more: whoever stands at an open screen cannot change the rules. */
export function SaveDialog({ baseVersion, policy, onSaved, onConflict, onClose }: SaveDialogProps) {
  const { t } = useWords();
  const [pin, setPin] = useState('');
  const save = useCall('policy.save');
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isPinComplete(pin)) return;
    const result = await save.run({ pin, baseVersion, policy });
    setPin('');
    if (result === null) return;
    if (result.ok) onSaved(result.value.policy);
    else if (result.error.code === 'policy_conflict') onConflict();
  };
  return (
    <Dialog title={t('rules.saveTitle')} size={420} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <PinEntry
          id="rules-pin"
          label={t('rules.yourPin')}
          pin={pin}
          help={t('signIn.pinHelp')}
          busy={save.busy}
          error={save.error}
          autoFocus
          onType={(typed) => {
            setPin(typed);
            save.clear();
          }}
        />
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            onClick={onClose}
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          >
            {t('rules.back')}
          </Button>
          <Button
            size="lg"
            type="submit"
            disabled={!isPinComplete(pin)}
            loading={save.busy}
            rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          >
            {t('rules.save')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
