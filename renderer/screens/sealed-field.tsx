import type { Ref } from 'react';
import { groupedCode } from '../sealed/sealed-input.ts';
import classes from './sealed.module.css';

interface SealedFieldProps {
  readonly fieldRef: Ref<HTMLInputElement>;
  readonly label: string;
  readonly code: string;
  readonly disabled: boolean;
  readonly checking: boolean;
  readonly bad: boolean;
  onType(text: string): void;
  onPaste(text: string): void;
}

/** Eight letters and digits in two groups, as the messages write them. */
export function SealedField(props: SealedFieldProps) {
  const { fieldRef, label, code, disabled, checking, bad, onType, onPaste } = props;
  return (
    <div className={classes.entry}>
      <label className={classes.label} htmlFor="sealed-code">
        {label}
      </label>
      <input
        id="sealed-code"
        ref={fieldRef}
        className={classes.field}
        type="text"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="––––-––––"
        value={groupedCode(code)}
        disabled={disabled}
        readOnly={checking}
        aria-invalid={bad && code === ''}
        aria-describedby="sealed-note"
        onChange={(event) => onType(event.target.value)}
        onPaste={(event) => {
          event.preventDefault();
          onPaste(event.clipboardData.getData('text/plain'));
        }}
      />
    </div>
  );
}
