import { Button } from '@mantine/core';
import { type SyntheticEvent, useRef, useState } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Keypad } from '../../components/keypad.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import classes from './attention.module.css';
import { Dialog } from './dialog.tsx';

const PIN_DIGITS = { min: 4, max: 8 } as const;
const NOTE_LETTERS = { min: 3, max: 280 } as const;

interface HandOverProps {
  readonly item: OutboxItemView;
  onDone(): void;
  onClose(): void;
}

/** A manager says by PIN and note that they see to it. */
export function HandOverDialog({ item, onDone, onClose }: HandOverProps) {
  const { t, error } = useWords();
  const [note, setNote] = useState('');
  const [pin, setPin] = useState('');
  const pinField = useRef<HTMLInputElement>(null);
  const handOver = useCall('outbox.handOver');
  const ready = note.trim().length >= NOTE_LETTERS.min && pin.length >= PIN_DIGITS.min;
  const type = (text: string) => {
    setPin(text.replace(/\D/g, '').slice(0, PIN_DIGITS.max));
    handOver.clear();
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) {
      if (note.trim().length >= NOTE_LETTERS.min) pinField.current?.focus();
      return;
    }
    const result = await handOver.run({ itemId: item.id, pin, note: note.trim() });
    setPin('');
    if (result?.ok) onDone();
    else pinField.current?.focus();
  };
  return (
    <Dialog title={t('attention.handTitle')} size={440} onClose={onClose}>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <p>{t('attention.handHelp')}</p>
        <Field
          id="attention-note"
          label={t('attention.note')}
          value={note}
          maxLength={NOTE_LETTERS.max}
          autoFocus
          help={t('attention.noteHelp')}
          onChange={setNote}
        />
        <Field
          id="attention-pin"
          inputRef={pinField}
          label={t('attention.managerPin')}
          value={pin}
          password
          numeric
          onChange={type}
        />
        {handOver.error !== null && (
          <Notice tone="bad" urgent>
            {error(handOver.error)}
          </Notice>
        )}
        <div className={classes.keypad}>
          <Keypad
            disabled={handOver.busy}
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
            {t('attention.back')}
          </Button>
          <Button size="lg" type="submit" disabled={!ready} loading={handOver.busy}>
            {t('attention.handYes')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
