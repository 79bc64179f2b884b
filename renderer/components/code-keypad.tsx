import { IconBackspace } from '@tabler/icons-react';
import { SEALED_ALPHABET } from '../../shared/offline.ts';
import { useWords } from '../i18n/use-words.ts';
import classes from './code-keypad.module.css';

interface CodeKeypadProps {
  readonly disabled?: boolean;
  onKey(letter: string): void;
  onBack(): void;
  onClear(): void;
}

/** The letters and digits of sealed codes for touch; like the number keys, they never take the focus. */
export function CodeKeypad({ disabled = false, onKey, onBack, onClear }: CodeKeypadProps) {
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings form semantics that this is not
    <div
      className={classes.keypad}
      role="group"
      aria-label={t('sealed.keypad')}
      onMouseDown={(event) => event.preventDefault()}
    >
      {[...SEALED_ALPHABET].map((letter) => (
        <button
          key={letter}
          type="button"
          tabIndex={-1}
          className={classes.key}
          disabled={disabled}
          onClick={() => onKey(letter)}
        >
          {letter}
        </button>
      ))}
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
      <button
        type="button"
        tabIndex={-1}
        className={classes.key}
        data-kind="side"
        disabled={disabled}
        aria-label={t('keypad.back')}
        onClick={onBack}
      >
        <IconBackspace size={24} aria-hidden />
      </button>
    </div>
  );
}
