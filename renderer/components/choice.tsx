import { type ReactNode, useId } from 'react';
import classes from './choice.module.css';

interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { value: V; text: ReactNode; title?: string; disabled?: boolean }[];
  readonly tone?: 'page' | 'header';
  onChange(value: V): void;
}

/** One of a few, as radio buttons: arrow keys move between them. */
export function Choice<V extends string>({ label, value, options, tone = 'page', onChange }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className={classes.group} data-tone={tone}>
      <legend className={classes.legend}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={classes.option} data-checked={option.value === value}>
          <input
            type="radio"
            name={name}
            className={classes.input}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            aria-label={option.title}
            onChange={() => onChange(option.value)}
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  );
}
