import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { TillView } from '../../../shared/bridge.ts';
import { digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { EMPTY_SHIFT } from '../../shift/count-draft.ts';
import { useActions, useCall, useSaksi, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './shift.module.css';

type Open = NonNullable<NonNullable<TillView['cashShift']>['open']>;
type Count = NonNullable<Open['counted']>;
const REASON_MIN = 3;
const REASON_MAX = 140;

/** After the count: what was there beside what should be, what the difference asks for, and the close. */
export function Counted({ open, counted }: { readonly open: Open; readonly counted: Count }) {
  const { t, amount, language, error } = useWords();
  const { cashShift, till, status } = useView();
  const draft = useSaksi((state) => state.shift);
  const { setShift, goTo } = useActions();
  const close = useCall('cashShift.close');
  const ask = useCall('cashShift.askDifference');
  const [tried, setTried] = useState(false);
  const reasonField = useRef<HTMLInputElement>(null);
  const leftField = useRef<HTMLInputElement>(null);
  // What the difference asks for first; Enter in either closes.
  useEffect(() => (reasonField.current ?? leftField.current)?.focus(), []);
  const currency = till?.currency ?? 'IDR';
  const money = (value: number) => amount(value, 'deposit', currency);
  const proposed = Math.min(counted.counted, cashShift?.usualFloat ?? 0);
  const digits = draft.left ?? String(proposed);
  const left = digits === '' ? 0 : Number(digits);
  const reason = draft.reason.trim();
  const lacksReason = counted.needsReason && reason.length < REASON_MIN;
  const tooMuch = left > counted.counted;
  const lineDown = status.gateway.state === 'offline';
  const needsYes = counted.needsApproval && counted.approval !== 'approved' && open.mine && !lineDown;
  const again = () => setShift({ ...EMPTY_SHIFT, counting: true });
  const finish = async () => {
    setTried(true);
    if (lacksReason) return reasonField.current?.focus();
    if (tooMuch || counted.stale) return;
    if (needsYes) {
      if (counted.approval !== 'asked') await ask.run({ reason });
      return;
    }
    const result = await close.run({ left, reason: reason === '' ? null : reason });
    if (result?.ok) setShift(EMPTY_SHIFT);
  };
  useShortcuts([
    ['F8', counted.recountsLeft > 0 || counted.stale ? again : undefined],
    ['Escape', () => goTo('redeem')],
  ]);
  const failed = close.error ?? ask.error;
  return (
    <form
      className={layout.split}
      onSubmit={(event) => {
        event.preventDefault();
        void finish();
      }}
    >
      <section className={`${layout.left} ${layout.scroll}`}>
        <h1 className={layout.title}>{t('shift.counted')}</h1>
        <dl className={`${classes.facts} ${layout.card}`}>
          <dt>{t('shift.countedSum')}</dt>
          <dd>{money(counted.counted)}</dd>
          <dt>{t('shift.expected')}</dt>
          <dd>{money(counted.expected)}</dd>
          <dt>{t('shift.difference')}</dt>
          <dd data-off={counted.difference !== 0}>{money(counted.difference)}</dd>
        </dl>
        {open.floatAfterCount && <Notice tone="wait">{t('shift.floatAfterCount')}</Notice>}
        <Standing counted={counted} needsYes={needsYes} lineDown={lineDown} />
        {counted.needsReason && (
          <Field
            id="shift-reason"
            label={t('shift.reason')}
            value={draft.reason}
            maxLength={REASON_MAX}
            inputRef={reasonField}
            problem={tried && lacksReason ? t('shift.reasonShort') : null}
            onChange={(text) => setShift({ reason: text })}
          />
        )}
        <Field
          id="shift-left"
          inputRef={leftField}
          label={t('shift.leftIn', { unit: symbolOf(currency, language) })}
          numeric
          value={groupedText(digits, fractionDigits('deposit', currency), language)}
          help={t('shift.leftHelp', { amount: money(Math.max(0, counted.counted - left)) })}
          problem={tooMuch ? t('shift.leftTooMuch', { amount: money(counted.counted) }) : null}
          onChange={(text) => setShift({ left: digitsOf(text) })}
        />
        {failed !== null && (
          <Notice tone="bad" urgent>
            {error(failed, { asset: 'deposit', currency })}
          </Notice>
        )}
      </section>
      <section className={layout.right}>
        <Button
          type="submit"
          size="xl"
          className={classes.go ?? ''}
          disabled={counted.stale || (needsYes && counted.approval === 'asked')}
          loading={close.busy || ask.busy}
          rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
        >
          {needsYes ? t('shift.ask') : t('shift.close')}
        </Button>
        <Button
          variant="default"
          size="lg"
          className={classes.wide ?? ''}
          disabled={counted.recountsLeft === 0 && !counted.stale}
          rightSection={<KeyHint>F8</KeyHint>}
          onClick={again}
        >
          {t('shift.again', { number: counted.recountsLeft })}
        </Button>
      </section>
    </form>
  );
}

function Standing(props: {
  readonly counted: Count;
  readonly needsYes: boolean;
  readonly lineDown: boolean;
}) {
  const { t } = useWords();
  const { counted, needsYes, lineDown } = props;
  if (counted.stale) return <Notice tone="wait">{t('shift.stale')}</Notice>;
  if (counted.approval === 'approved') return <Notice tone="good">{t('shift.approved')}</Notice>;
  if (needsYes) {
    if (counted.approval === 'rejected') return <Notice tone="bad">{t('shift.rejected')}</Notice>;
    return <Notice tone="wait">{t(counted.approval === 'asked' ? 'shift.asked' : 'shift.needsYes')}</Notice>;
  }
  if (counted.needsApproval && lineDown) return <Notice tone="wait">{t('shift.unapproved')}</Notice>;
  if (counted.needsReason) return <Notice tone="info">{t('shift.needsReason')}</Notice>;
  return <Notice tone="good">{t('shift.fits')}</Notice>;
}
