import type { Ref } from 'react';
import {
  fractionDigits,
  groupedText,
  pastedDigits,
  symbolOf,
  typedDigits,
} from '../../amount/amount-input.ts';
import { fractionMark, toggleHalf, typedPercent } from '../../approvals/percent-input.ts';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useView } from '../../state/hooks.ts';
import classes from './ask-measures.module.css';

interface MeasureProps {
  readonly optional: boolean;
  readonly problem: string | null;
  readonly autoFocus: boolean;
  readonly inputRef: Ref<HTMLInputElement>;
  onFocus(): void;
}

interface AmountFieldProps extends MeasureProps {
  /** Minor units, without leading zeros. */
  readonly digits: string;
  onChange(digits: string): void;
}

/** Whole minor units, grouped as the language writes them. */
export function AmountField({ optional, digits, onChange, ...rest }: AmountFieldProps) {
  const { t, language } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  const fraction = fractionDigits('deposit', currency);
  const shown = groupedText(digits, fraction, language);
  const unit = symbolOf(currency, language);
  return (
    <Field
      {...rest}
      id="ask-amount"
      label={optional ? t('ask.amountOptional', { unit }) : t('redeem.amountOf', { unit })}
      numeric
      placeholder="0"
      value={shown}
      onChange={(text) => {
        // More than one character more than before was pasted: it may have its own grouping.
        const pasted = text.length > shown.length + 1 ? pastedDigits(text, fraction) : null;
        onChange(pasted ?? typedDigits(digits, text, shown).digits);
      }}
    />
  );
}

interface PercentFieldProps extends MeasureProps {
  readonly percent: string;
  onChange(percent: string): void;
}

/** Whole and half percents. */
export function PercentField({ optional, percent, onChange, ...rest }: PercentFieldProps) {
  const { t, language } = useWords();
  const half = /[.,]50?$/.test(percent);
  return (
    <Field
      {...rest}
      id="ask-percent"
      label={optional ? t('ask.percentOptional') : t('ask.percent')}
      numeric
      placeholder="0"
      unit="%"
      help={t('ask.percentHelp')}
      value={percent}
      onChange={(text) => onChange(typedPercent(text))}
      after={
        <button
          type="button"
          className={classes.half}
          aria-pressed={half}
          aria-label={t('ask.half')}
          onClick={() => onChange(toggleHalf(percent, fractionMark(language)))}
        >
          ½
        </button>
      }
    />
  );
}
