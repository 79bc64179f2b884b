import { Button } from '@mantine/core';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { PinEntry } from '../../components/pin-entry.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { isPinComplete } from '../../pin/pin-input.ts';
import { clockText } from '../../state/countdown.ts';
import { useCall, useSecondsLeft } from '../../state/hooks.ts';
import classes from './attention.module.css';
import { Managers, useManager } from './managers.tsx';

const NOTE_LETTERS = { min: 3, max: 280 } as const;

interface HandOverProps {
  readonly item: OutboxItemView;
  onDone(): void;
  onClose(): void;
}

/** A manager says who they are, what they will do about it, and that it is they, by PIN. */
export function HandOverDialog({ item, onDone, onClose }: HandOverProps) {
  const { t } = useWords();
  const { managers, manager, choose } = useManager();
  const [note, setNote] = useState('');
  const [pin, setPin] = useState('');
  const whoField = useRef<HTMLInputElement>(null);
  const noteField = useRef<HTMLInputElement>(null);
  const pinField = useRef<HTMLInputElement>(null);
  const handOver = useCall('outbox.handOver');
  const lockedSeconds = useSecondsLeft(manager?.lockedForMs ?? null) ?? 0;
  const locked = lockedSeconds > 0;
  const noted = note.trim().length >= NOTE_LETTERS.min;
  const ready = manager !== null && !locked && noted && isPinComplete(pin);
  // The PIN's field goes away with the lock: the focus is with who could take it on instead.
  useEffect(() => {
    if (locked) whoField.current?.focus();
  }, [locked]);
  const type = (typed: string) => {
    setPin(typed);
    handOver.clear();
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) {
      // On to what is missing.
      const missing = manager === null ? whoField : noted ? pinField : noteField;
      missing.current?.focus();
      return;
    }
    const result = await handOver.run({ itemId: item.id, staffId: manager.id, pin, note: note.trim() });
    setPin('');
    if (result?.ok) onDone();
    else pinField.current?.focus();
  };
  return (
    <Dialog title={t('attention.handTitle')} size={780} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div className={classes.hand}>
          <div className={classes.told}>
            <p>{t('attention.handHelp')}</p>
            <Managers
              managers={managers}
              chosen={manager}
              firstRef={whoField}
              onChoose={(id) => {
                choose(id);
                type('');
              }}
            />
            <Field
              id="attention-note"
              inputRef={noteField}
              label={t('attention.note')}
              value={note}
              maxLength={NOTE_LETTERS.max}
              autoFocus={manager !== null}
              help={t('attention.noteHelp')}
              onChange={setNote}
            />
          </div>
          {locked ? (
            <Notice tone="wait">{t('signIn.lockedHelp', { time: clockText(lockedSeconds) })}</Notice>
          ) : (
            <PinEntry
              id="attention-pin"
              fieldRef={pinField}
              label={manager === null ? t('attention.choose') : t('signIn.pinOf', { name: manager.name })}
              pin={pin}
              disabled={manager === null}
              busy={handOver.busy}
              error={handOver.error}
              onType={type}
            />
          )}
        </div>
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            onClick={onClose}
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          >
            {t('attention.back')}
          </Button>
          {/* Ready or not: pressed too early it leads to what is missing. */}
          <Button size="lg" type="submit" disabled={locked || managers.length === 0} loading={handOver.busy}>
            {t('attention.handYes')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
