import { Button, Modal } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import type { Policy } from '../../../shared/policy.ts';
import dialog from '../../components/confirm-cancel.module.css';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Keypad } from '../../components/keypad.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import classes from './save-dialog.module.css';

const PIN_DIGITS = { min: 4, max: 8 } as const;

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
  const { t, error } = useWords();
  const [pin, setPin] = useState('');
  const save = useCall('policy.save');
  const type = (text: string) => {
    setPin(text.replace(/\D/g, '').slice(0, PIN_DIGITS.max));
    save.clear();
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (pin.length < PIN_DIGITS.min) return;
    const result = await save.run({ pin, baseVersion, policy });
    setPin('');
    if (result === null) return;
    if (result.ok) onSaved(result.value.policy);
    else if (result.error.code === 'policy_conflict') onConflict();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('rules.saveTitle')}
      centered
      size={420}
      radius="lg"
      withCloseButton={false}
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      classNames={{ title: dialog.title ?? '', body: dialog.body ?? '' }}
    >
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <Field
          id="rules-pin"
          label={t('rules.yourPin')}
          value={pin}
          password
          numeric
          autoFocus
          help={t('signIn.pinHelp')}
          onChange={type}
        />
        {save.error !== null && (
          <Notice tone="bad" urgent>
            {error(save.error)}
          </Notice>
        )}
        <div className={classes.keypad}>
          <Keypad
            disabled={save.busy}
            onDigit={(digit) => type(pin + digit)}
            onBack={() => type(pin.slice(0, -1))}
            onClear={() => type('')}
          />
        </div>
        <div className={classes.buttons}>
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
            disabled={pin.length < PIN_DIGITS.min}
            loading={save.busy}
            rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          >
            {t('rules.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
