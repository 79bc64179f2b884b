import { IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { fractionMark, percentField, readPercent, typedPercent } from '../../approvals/percent-input.ts';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { durationText } from '../../rules/rules-edit.ts';
import { useView } from '../../state/hooks.ts';
import classes from './rules-fields.module.css';
import { useRules } from './use-rules.ts';

interface NumberFieldProps {
  /** Where it is in the policy: its problems are told here. */
  readonly place: string;
  readonly label: string;
  /** NaN: emptied. */
  readonly value: number;
  readonly unit?: string;
  readonly help?: string | null;
  onChange(value: number): void;
}

const idOf = (place: string) => `rules-${place.replaceAll('.', '-')}`;

export function NumberField({ place, label, value, unit, help = null, onChange }: NumberFieldProps) {
  const { problem } = useRules();
  return (
    <Field
      id={idOf(place)}
      label={label}
      numeric
      value={Number.isNaN(value) ? '' : String(value)}
      maxLength={9}
      problem={problem(place)}
      help={help}
      {...(unit === undefined ? {} : { unit })}
      onChange={(text) => {
        const digits = text.replace(/\D/g, '');
        onChange(digits === '' ? Number.NaN : Number(digits));
      }}
    />
  );
}

/** Seconds, with the same in larger units below. */
export function SecondsField(props: Omit<NumberFieldProps, 'unit' | 'help'>) {
  const { t, language } = useWords();
  const { value } = props;
  return (
    <NumberField
      {...props}
      unit={t('rules.seconds')}
      help={value >= 60 ? `= ${durationText(value, language)}` : null}
    />
  );
}

/** Money in minor units; empty is 0 where `emptyIsZero`. */
export function MoneyField({
  place,
  label,
  value,
  help = null,
  emptyIsZero = false,
  onChange,
}: Omit<NumberFieldProps, 'unit'> & { readonly emptyIsZero?: boolean }) {
  const { language } = useWords();
  const { problem } = useRules();
  const currency = useView().till?.currency ?? 'IDR';
  const fraction = fractionDigits('deposit', currency);
  const shown =
    value === 0 && !emptyIsZero ? '0' : groupedText(value > 0 ? String(value) : '', fraction, language);
  return (
    <Field
      id={idOf(place)}
      label={label}
      numeric
      value={shown}
      placeholder="0"
      unit={symbolOf(currency, language)}
      problem={problem(place)}
      help={help}
      onChange={(text) => {
        const digits = digitsOf(text);
        if (digits !== '') onChange(Number(digits));
        else onChange(emptyIsZero || /0/.test(text) ? 0 : Number.NaN);
      }}
    />
  );
}

interface PercentRuleProps {
  readonly place: string;
  readonly label: string;
  /** Basis points; null: none. */
  readonly value: number | null;
  readonly help?: string | null;
  onChange(value: number | null): void;
}

/** Whole and half percents; empty: none. */
export function PercentRule({ place, label, value, help = null, onChange }: PercentRuleProps) {
  const { language } = useWords();
  const { problem } = useRules();
  const [text, setText] = useState(() =>
    value === null || Number.isNaN(value) ? '' : percentField(value, fractionMark(language)),
  );
  return (
    <Field
      id={idOf(place)}
      label={label}
      numeric
      value={text}
      unit="%"
      problem={problem(place)}
      help={help}
      onChange={(typed) => {
        const kept = typedPercent(typed);
        setText(kept);
        const read = readPercent(kept, 0);
        onChange(read.ok ? read.basisPoints : read.problem === 'empty' ? null : Number.NaN);
      }}
    />
  );
}

interface TextRuleProps {
  readonly place: string;
  readonly label: string;
  readonly value: string;
  readonly maxLength: number;
  readonly help?: string;
  onChange(value: string): void;
}

export function TextRule({ place, help, ...rest }: TextRuleProps) {
  const { problem } = useRules();
  return <Field {...rest} id={idOf(place)} problem={problem(place)} help={help ?? null} />;
}

/** A part of the editor under its heading, with what is wrong with the part as a whole. */
export function Group({
  title,
  help,
  place,
  children,
}: {
  readonly title: string;
  readonly help?: string;
  readonly place?: string;
  readonly children: ReactNode;
}) {
  const { problem } = useRules();
  const wrong = place === undefined ? null : problem(place);
  return (
    <section className={classes.group} aria-label={title}>
      <h2 className={classes.title}>{title}</h2>
      {help !== undefined && <p className={classes.help}>{help}</p>}
      {children}
      {wrong !== null && <p className={classes.problem}>{wrong}</p>}
    </section>
  );
}

export function Row({ children }: { readonly children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

/** One of several in a list, with its fields and a way to take it out. */
export function Item({
  name,
  onRemove,
  children,
}: {
  readonly name: string;
  readonly onRemove: (() => void) | undefined;
  readonly children: ReactNode;
}) {
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid everywhere
    <div className={classes.item} role="group" aria-label={name}>
      <div className={classes.itemFields}>{children}</div>
      {onRemove !== undefined && (
        <button
          type="button"
          className={classes.remove}
          aria-label={t('rules.removeItem', { name })}
          onClick={onRemove}
        >
          <IconTrash size={20} aria-hidden />
        </button>
      )}
    </div>
  );
}
