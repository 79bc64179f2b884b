import { IconBackspace } from '@tabler/icons-react';
import { useWords } from '../i18n/use-words.ts';
import classes from './keypad.module.css';

interface KeypadProps {
  readonly disabled?: boolean;
  onDigit(digit: string): void;
  onBack(): void;
  onClear(): void;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/**
 * Number keys for touch. They take neither the focus nor a place in the tab order: with a keyboard the digits are
 * typed, and the field that is being filled keeps the focus.
 */
export function Keypad({ disabled = false, onDigit, onBack, onClear }: KeypadProps) {
  const { t } = useWords();
  const key = (digit: string) => (
    <button
      key={digit}
      type="button"
      tabIndex={-1}
      className={classes.key}
      disabled={disabled}
      aria-label={t('keypad.digit', { digit })}
      onClick={() => onDigit(digit)}
    >
      {digit}
    </button>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings form semantics that this is not
    <div
      className={classes.keypad}
      role="group"
      aria-label={t('keypad.label')}
      onMouseDown={(event) => event.preventDefault()}
    >
      {DIGITS.map(key)}
      <button
        type="button"
        tabIndex={-1}
        className={classes.key}
        data-kind="side"
        disabled={disabled}
        aria-label={t('keypad.clear')}
        onClick={onClear}
      >
        C
      </button>
      {key('0')}
      <button
        type="button"
        tabIndex={-1}
        className={classes.key}
        data-kind="side"
        disabled={disabled}
        aria-label={t('keypad.back')}
        onClick={onBack}
      >
        <IconBackspace size={26} aria-hidden />
      </button>
    </div>
  );
}
