import type { ReactNode, Ref } from 'react';
import classes from './field.module.css';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly help?: string | null;
  /** What is wrong, in words; null: nothing. */
  readonly problem?: string | null;
  readonly unit?: string;
  readonly numeric?: boolean;
  readonly password?: boolean;
  /** What a browser may fill in; by default nothing. */
  readonly autoComplete?: string;
  readonly disabled?: boolean;
  readonly maxLength?: number;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly after?: ReactNode;
  readonly inputRef?: Ref<HTMLInputElement> | undefined;
  onChange(text: string): void;
  onFocus?(): void;
}

/** A field with its name, its unit, and below it what is wrong or what helps. */
export function Field(props: FieldProps) {
  const { id, label, value, help = null, problem = null, unit, after, inputRef, onChange } = props;
  const note = problem ?? help;
  return (
    <div className={classes.field}>
      <label htmlFor={id} className={classes.label}>
        {label}
      </label>
      <div className={classes.line}>
        <div className={classes.box} data-bad={problem !== null}>
          <input
            id={id}
            ref={inputRef}
            className={classes.input}
            type={props.password ? 'password' : 'text'}
            inputMode={props.numeric ? 'numeric' : 'text'}
            autoComplete={props.autoComplete ?? 'off'}
            value={value}
            disabled={props.disabled}
            maxLength={props.maxLength}
            placeholder={props.placeholder}
            aria-invalid={problem !== null}
            aria-describedby={note === null ? undefined : `${id}-note`}
            data-numeric={props.numeric}
            data-autofocus={props.autoFocus ? true : undefined}
            onChange={(event) => onChange(event.target.value)}
            onFocus={props.onFocus}
          />
          {unit !== undefined && <span className={classes.unit}>{unit}</span>}
        </div>
        {after}
      </div>
      {note !== null && (
        <p id={`${id}-note`} className={classes.note} data-bad={problem !== null}>
          {note}
        </p>
      )}
    </div>
  );
}
