import { Button } from '@mantine/core';
import { type ReactNode, type SyntheticEvent, useEffect, useRef } from 'react';
import type { CashCount } from '../../../shared/cash-shift.ts';
import { digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { Choice } from '../../components/choice.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Keypad } from '../../components/keypad.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { countOf, pieceDigits } from '../../shift/count-draft.ts';
import { useActions, useSaksi, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './shift.module.css';

interface CountEntryProps {
  readonly title: string;
  readonly help: string;
  readonly submit: string;
  readonly busy: boolean;
  /** What is to be said of the count as it stands, below the sum. */
  note(count: CashCount | null): ReactNode;
  readonly side?: ReactNode;
  onSubmit(count: CashCount): void;
}

const HOWS = ['sum', 'pieces'] as const;

/** Cash by notes and coins or as one sum; Enter goes from field to field, then submits. */
export function CountEntry({ title, help, submit, busy, note, side, onSubmit }: CountEntryProps) {
  const { t, amount } = useWords();
  const { cashShift, till } = useView();
  const draft = useSaksi((state) => state.shift);
  const { setShift } = useActions();
  const form = useRef<HTMLFormElement>(null);
  const last = useRef<HTMLInputElement | null>(null);
  const allowed = cashShift?.count ?? 'either';
  const how = allowed === 'sum' ? 'sum' : allowed === 'denominations' ? 'pieces' : draft.how;
  const denominations = cashShift?.denominations ?? [];
  const currency = till?.currency ?? 'IDR';
  const count = countOf({ ...draft, how }, denominations);
  const fields = () =>
    [...(form.current?.querySelectorAll('input[inputmode="numeric"]') ?? [])] as HTMLInputElement[];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first field, each time that there are others
  useEffect(() => fields()[0]?.focus(), [how]);

  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const all = fields();
    const at = all.indexOf(document.activeElement as HTMLInputElement);
    const next = at === -1 ? undefined : all[at + 1];
    if (next !== undefined) return next.focus();
    if (count === null) return all[0]?.focus();
    onSubmit(count);
  };
  /** The keys for touch write where one last was. */
  const press = (change: (text: string) => string) => {
    const field = last.current?.isConnected ? last.current : fields()[0];
    if (field === undefined) return;
    field.focus();
    const value = Number(field.dataset.value ?? 0);
    if (value === 0)
      setShift({ digits: digitsOf(change(draft.digits)) || (change(draft.digits) === '' ? '' : '0') });
    else setShift({ pieces: { ...draft.pieces, [value]: pieceDigits(change(draft.pieces[value] ?? '')) } });
  };

  return (
    <form ref={form} className={layout.split} onSubmit={send}>
      <section className={layout.left}>
        <div className={classes.head}>
          <h1 className={layout.title}>{title}</h1>
          <p className={layout.help}>{help}</p>
        </div>
        {allowed === 'either' && (
          <Choice
            label={t('shift.how')}
            value={how}
            options={HOWS.map((value) => ({ value, text: t(`shift.by.${value}`) }))}
            onChange={(value) => setShift({ how: value })}
          />
        )}
        {how === 'sum' ? (
          <SumField onFocus={(field) => (last.current = field)} />
        ) : (
          <div className={classes.pieces}>
            {denominations.map((value) => {
              const typed = draft.pieces[value] ?? '';
              const face = amount(value, 'deposit', currency);
              return (
                <label key={value} className={classes.piece}>
                  <span className={classes.face}>{face}</span>
                  <input
                    className={classes.number}
                    type="text"
                    inputMode="numeric"
                    autoComplete="off"
                    placeholder="0"
                    aria-label={t('shift.piecesOf', { face })}
                    data-value={value}
                    value={typed}
                    onChange={(event) =>
                      setShift({ pieces: { ...draft.pieces, [value]: pieceDigits(event.target.value) } })
                    }
                    onFocus={(event) => {
                      last.current = event.target;
                    }}
                  />
                  <span className={classes.product}>
                    {typed === '' ? '' : amount(value * Number(typed), 'deposit', currency)}
                  </span>
                </label>
              );
            })}
          </div>
        )}
        <div className={classes.total} role="status">
          <span>{t('shift.total')}</span>
          <strong>{count === null ? '–' : amount(count.sum, 'deposit', currency)}</strong>
        </div>
        {note(count)}
      </section>
      <section className={layout.right}>
        <Keypad
          onDigit={(digit) => press((text) => text + digit)}
          onBack={() => press((text) => text.slice(0, -1))}
          onClear={() => press(() => '')}
        />
        <Button
          size="xl"
          type="button"
          className={classes.go ?? ''}
          disabled={count === null}
          loading={busy}
          rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          onClick={() => count !== null && onSubmit(count)}
        >
          {submit}
        </Button>
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
        {side}
      </section>
    </form>
  );
}

function SumField({ onFocus }: { onFocus(field: HTMLInputElement): void }) {
  const { t, language } = useWords();
  const { till } = useView();
  const { digits } = useSaksi((state) => state.shift);
  const { setShift } = useActions();
  const currency = till?.currency ?? 'IDR';
  const unit = symbolOf(currency, language);
  return (
    <div className={`${classes.sum} ${layout.card}`}>
      <label htmlFor="shift-sum">{t('shift.sumIn', { unit })}</label>
      <input
        id="shift-sum"
        className={classes.big}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        placeholder="0"
        value={digits === '0' ? '0' : groupedText(digits, fractionDigits('deposit', currency), language)}
        onChange={({ target }) => {
          const typed = digitsOf(target.value);
          // An empty drawer is a count too.
          setShift({ digits: typed === '' && /^\D*0/.test(target.value) ? '0' : typed });
        }}
        onFocus={(event) => onFocus(event.target)}
      />
    </div>
  );
}
