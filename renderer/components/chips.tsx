import { type ReactNode, type Ref, useId } from 'react';
import classes from './chips.module.css';

interface Chip<V extends string> {
  readonly value: V;
  readonly text: ReactNode;
}

interface ChipsProps<V extends string> {
  readonly label: string;
  readonly chips: readonly Chip<V>[];
  /** The chosen ones; of a group of which one is chosen, at most one. */
  readonly values: readonly V[];
  readonly many?: boolean;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
  readonly firstRef?: Ref<HTMLInputElement> | undefined;
  /** In a dialog: the first one has the focus when it opens. */
  readonly autoFocus?: boolean;
  onChange(values: V[]): void;
}

/** One or several of a list that may take more than a line: radio buttons, or check boxes. */
export function Chips<V extends string>(props: ChipsProps<V>) {
  const {
    label,
    chips,
    values,
    many = false,
    describedBy,
    invalid = false,
    firstRef,
    autoFocus,
    onChange,
  } = props;
  const name = useId();
  const choose = (value: V) => {
    if (!many) return onChange([value]);
    onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
  };
  return (
    <fieldset className={classes.group} aria-describedby={describedBy} data-invalid={invalid}>
      <legend className={classes.legend}>{label}</legend>
      {chips.map(({ value, text }, index) => (
        <label key={value} className={classes.chip} data-checked={values.includes(value)}>
          <input
            ref={index === 0 ? firstRef : undefined}
            type={many ? 'checkbox' : 'radio'}
            name={name}
            className={classes.input}
            value={value}
            data-autofocus={autoFocus && index === 0 ? true : undefined}
            checked={values.includes(value)}
            onChange={() => choose(value)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
