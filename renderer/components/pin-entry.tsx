import type { RefObject } from 'react';
import type { WireError } from '../../shared/errors.ts';
import { useWords } from '../i18n/use-words.ts';
import { typedPin } from '../pin/pin-input.ts';
import { Field } from './field.tsx';
import { Keypad } from './keypad.tsx';
import { Notice } from './notice.tsx';
import classes from './pin-entry.module.css';

interface PinEntryProps {
  readonly id: string;
  readonly label: string;
  readonly pin: string;
  readonly help?: string;
  /** Nobody is named yet whose PIN it could be. */
  readonly disabled?: boolean;
  readonly busy: boolean;
  /** Why the last try was refused. */
  readonly error: WireError | null;
  readonly autoFocus?: boolean;
  readonly fieldRef?: RefObject<HTMLInputElement | null>;
  onType(pin: string): void;
}

/** A PIN inside a dialog: the field, why the last one was refused, and the number keys. */
export function PinEntry(props: PinEntryProps) {
  const { id, label, pin, help, disabled = false, busy, error, autoFocus = false, fieldRef, onType } = props;
  const { error: sentence } = useWords();
  const type = (text: string) => onType(typedPin(text));
  return (
    <div className={classes.entry}>
      <Field
        id={id}
        inputRef={fieldRef}
        label={label}
        value={pin}
        disabled={disabled}
        password
        numeric
        autoFocus={autoFocus}
        help={help ?? null}
        onChange={type}
      />
      {error !== null && (
        <Notice tone="bad" urgent>
          {sentence(error)}
        </Notice>
      )}
      <div className={classes.keypad}>
        <Keypad
          disabled={disabled || busy}
          onDigit={(digit) => type(pin + digit)}
          onBack={() => type(pin.slice(0, -1))}
          onClear={() => type('')}
        />
      </div>
    </div>
  );
}
