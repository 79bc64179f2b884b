import { Button } from '@mantine/core';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import type { Policy } from '../../../shared/policy.ts';
import { type Danger, dangersOf } from '../../../shared/policy-danger.ts';
import { Chips } from '../../components/chips.tsx';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { PinEntry } from '../../components/pin-entry.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { isPinComplete } from '../../pin/pin-input.ts';
import { useCall, useView } from '../../state/hooks.ts';
import classes from './save-dialog.module.css';

type Rules = Omit<Policy, 'version'>;

interface SaveDialogProps {
  readonly baseVersion: number;
  /** As loaded. */
  readonly saved: Rules;
  readonly policy: Rules;
  onSaved(policy: Policy): void;
  /** Somebody else changed the rules meanwhile. */
  onConflict(): void;
  onClose(): void;
}

/**
 * The manager's PIN once more: whoever stands at an open screen cannot change the rules. Where a change weakens them, somebody else's
 * after it.
 */
export function SaveDialog({ baseVersion, saved, policy, onSaved, onConflict, onClose }: SaveDialogProps) {
  const { t } = useWords();
  const others = useOthers();
  const [pin, setPin] = useState('');
  const [step, setStep] = useState<'own' | 'second'>('own');
  const save = useCall('policy.save');

  const send = async (second?: { staffId: string; pin: string }) => {
    const result = await save.run({ pin, baseVersion, policy, ...(second === undefined ? {} : { second }) });
    if (result === null) return;
    if (result.ok) return onSaved(result.value.policy);
    if (result.error.code === 'policy_conflict') return onConflict();
    // The gateway says so once the first PIN was right.
    if (result.error.code === 'policy_needs_second') setStep('second');
    else if (result.error.params.who !== 'second') {
      setStep('own');
      setPin('');
    }
  };
  return (
    <Dialog
      title={step === 'own' ? t('rules.saveTitle') : t('rules.secondTitle')}
      size={step === 'own' ? 420 : 780}
      onClose={onClose}
    >
      {step === 'own' ? (
        <OwnPin
          {...{ pin, onClose }}
          busy={save.busy}
          error={save.error}
          onType={(typed) => {
            setPin(typed);
            save.clear();
          }}
          onSend={() => void send()}
        />
      ) : (
        <SecondPin
          others={others}
          dangers={dangersOf(saved, policy)}
          busy={save.busy}
          error={save.error?.code === 'policy_needs_second' ? null : save.error}
          onType={save.clear}
          onSend={(second) => void send(second)}
          onBack={() => {
            save.clear();
            setStep('own');
          }}
        />
      )}
    </Dialog>
  );
}

/** Who may agree: other managers, and supervisors. */
function useOthers() {
  const { staff, session } = useView();
  return staff.filter(({ id, role }) => role !== 'cashier' && id !== session?.staffId);
}

interface OwnPinProps {
  readonly pin: string;
  readonly busy: boolean;
  readonly error: WireError | null;
  onType(pin: string): void;
  onSend(): void;
  onClose(): void;
}

function OwnPin({ pin, busy, error, onType, onSend, onClose }: OwnPinProps) {
  const { t } = useWords();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isPinComplete(pin)) onSend();
  };
  return (
    <form onSubmit={submit}>
      <PinEntry
        id="rules-pin"
        label={t('rules.yourPin')}
        help={t('signIn.pinHelp')}
        autoFocus
        {...{ pin, busy, error, onType }}
      />
      <Buttons
        back={t('rules.back')}
        send={t('rules.save')}
        ready={isPinComplete(pin)}
        busy={busy}
        onBack={onClose}
      />
    </form>
  );
}

interface SecondPinProps {
  readonly dangers: readonly Danger[];
  readonly others: ReturnType<typeof useOthers>;
  readonly busy: boolean;
  readonly error: WireError | null;
  onType(): void;
  onSend(second: { staffId: string; pin: string }): void;
  onBack(): void;
}

function SecondPin({ dangers, others, busy, error, onType, onSend, onBack }: SecondPinProps) {
  const { t } = useWords();
  const [chosen, setChosen] = useState(others.length === 1 ? others[0]?.id : undefined);
  const [pin, setPin] = useState('');
  const who = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (chosen !== undefined) field.current?.focus();
  }, [chosen]);
  const ready = chosen !== undefined && isPinComplete(pin);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen === undefined) return who.current?.focus();
    if (!ready) return;
    onSend({ staffId: chosen, pin });
    setPin('');
  };
  return (
    <form onSubmit={submit}>
      <div className={classes.second}>
        <div className={classes.told}>
          <Notice tone="wait">
            {t('rules.secondHelp')}
            {dangers.length > 0 && (
              <ul className={classes.dangers}>
                {dangers.map((danger) => (
                  <li key={danger}>{t(`rules.danger.${danger}`)}</li>
                ))}
              </ul>
            )}
          </Notice>
          <Chips
            label={t('rules.secondWho')}
            chips={others.map(({ id, name }) => ({ value: id, text: name }))}
            values={chosen === undefined ? [] : [chosen]}
            firstRef={who}
            autoFocus={chosen === undefined}
            onChange={([id]) => {
              setChosen(id);
              setPin('');
              onType();
            }}
          />
        </div>
        <PinEntry
          id="rules-second-pin"
          label={t('rules.secondPin')}
          pin={pin}
          disabled={chosen === undefined}
          fieldRef={field}
          autoFocus={chosen !== undefined}
          {...{ busy, error }}
          onType={(typed) => {
            setPin(typed);
            onType();
          }}
        />
      </div>
      <Buttons back={t('rules.back')} send={t('rules.save')} ready={ready} busy={busy} onBack={onBack} />
    </form>
  );
}

interface ButtonsProps {
  readonly back: string;
  readonly send: string;
  readonly ready: boolean;
  readonly busy: boolean;
  onBack(): void;
}

function Buttons({ back, send, ready, busy, onBack }: ButtonsProps) {
  const { t } = useWords();
  return (
    <DialogButtons>
      <Button size="lg" variant="default" onClick={onBack} rightSection={<KeyHint>{t('key.esc')}</KeyHint>}>
        {back}
      </Button>
      <Button
        size="lg"
        type="submit"
        disabled={!ready}
        loading={busy}
        rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
      >
        {send}
      </Button>
    </DialogButtons>
  );
}
