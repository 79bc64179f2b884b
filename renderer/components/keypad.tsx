import { IconBackspace } from '@tabler/icons-react';
import { SEALED_ALPHABET } from '../../shared/offline.ts';
import { useWords } from '../i18n/use-words.ts';
import classes from './keypad.module.css';

interface KeysProps {
  readonly disabled?: boolean;
  onBack(): void;
  onClear(): void;
}

interface KeypadProps extends KeysProps {
  onDigit(digit: string): void;
}

interface CodeKeypadProps extends KeysProps {
  onKey(letter: string): void;
}

const DIGIT_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'clear', '0', 'back'] as const;
const CODE_KEYS = [...SEALED_ALPHABET, 'clear', 'back'] as const;

/** Number keys for touch. */
export function Keypad({ onDigit, ...rest }: KeypadProps) {
  const { t } = useWords();
  return (
    <Keys
      kind="digits"
      label={t('keypad.label')}
      keys={DIGIT_KEYS}
      nameOf={(digit) => t('keypad.digit', { digit })}
      onKey={onDigit}
      {...rest}
    />
  );
}

/** The letters and digits of sealed codes for touch. */
export function CodeKeypad(props: CodeKeypadProps) {
  const { t } = useWords();
  return <Keys kind="code" label={t('sealed.keypad')} keys={CODE_KEYS} {...props} />;
}

interface AllKeysProps extends CodeKeypadProps {
  readonly kind: 'digits' | 'code';
  readonly label: string;
  /** In the order they stand in; `clear` and `back` take away instead of adding. */
  readonly keys: readonly string[];
  /** What a key is called where its letter alone does not say it. */
  nameOf?(letter: string): string;
}

/**
 * They take neither the focus nor a place in the tab order: with a keyboard one types, and the field that is being
 * filled keeps the focus.
 */
function Keys({ kind, label, keys, nameOf, disabled = false, onKey, onBack, onClear }: AllKeysProps) {
  const { t } = useWords();
  const faceOf = (key: string) => {
    if (key === 'clear') return { name: t('keypad.clear'), face: 'C', side: true, press: onClear };
    if (key === 'back') {
      const face = <IconBackspace size={26} aria-hidden />;
      return { name: t('keypad.back'), face, side: true, press: onBack };
    }
    return { name: nameOf?.(key), face: key, side: false, press: () => onKey(key) };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings form semantics that this is not
    <div
      className={classes.keypad}
      data-kind={kind}
      role="group"
      aria-label={label}
      onMouseDown={(event) => event.preventDefault()}
    >
      {keys.map((key) => {
        const { name, face, side, press } = faceOf(key);
        return (
          <button
            key={key}
            type="button"
            tabIndex={-1}
            className={classes.key}
            data-side={side}
            disabled={disabled}
            aria-label={name}
            onClick={press}
          >
            {face}
          </button>
        );
      })}
    </div>
  );
}
