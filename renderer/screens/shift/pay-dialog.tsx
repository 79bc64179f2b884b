import { Button } from '@mantine/core';
import { type SyntheticEvent, useRef, useState } from 'react';
import { checkAmount, digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall, useView } from '../../state/hooks.ts';
import attention from '../attention/attention.module.css';
import layout from '../layout.module.css';

const REASON_MIN = 3;

interface PayDialogProps {
  readonly way: 'in' | 'out';
  onClose(): void;
  /** The amount needs an approval: it is asked for with these digits. */
  onAsk(digits: string): void;
}

/** Cash in or out where policy lets small sums go without asking anybody; more is asked for. */
export function PayDialog({ way, onClose, onAsk }: PayDialogProps) {
  const { t, language, amount, error } = useWords();
  const { cashShift, till } = useView();
  const pay = useCall('cashShift.pay');
  const [digits, setDigits] = useState('');
  const [reason, setReason] = useState('');
  const reasonField = useRef<HTMLInputElement>(null);
  const currency = till?.currency ?? 'IDR';
  const free = cashShift?.freeBelow[way] ?? 0;
  const check = checkAmount(digits, Number.MAX_SAFE_INTEGER);
  const asks = check.ok && check.amount >= free;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!check.ok) return;
    if (asks) return onAsk(digits);
    if (reason.trim().length < REASON_MIN) return reasonField.current?.focus();
    const result = await pay.run({ way, amount: check.amount, reason: reason.trim() });
    if (result?.ok) onClose();
  };
  return (
    <Dialog title={t(`shift.${way}`)} size={520} onClose={onClose}>
      <form className={attention.form} onSubmit={(event) => void submit(event)}>
        <Field
          id="pay-amount"
          label={t('redeem.amountOf', { unit: symbolOf(currency, language) })}
          numeric
          autoFocus
          placeholder="0"
          value={groupedText(digits, fractionDigits('deposit', currency), language)}
          onChange={(text) => setDigits(digitsOf(text))}
        />
        {!asks && (
          <Field
            id="pay-reason"
            inputRef={reasonField}
            label={t('shift.reason')}
            value={reason}
            maxLength={140}
            onChange={setReason}
          />
        )}
        {pay.error !== null ? (
          <Notice tone="bad" urgent>
            {error(pay.error)}
          </Notice>
        ) : (
          <p className={layout.help} role="status">
            {asks ? t('shift.payAsks') : t('shift.payFree', { amount: amount(free, 'deposit', currency) })}
          </p>
        )}
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
            onClick={onClose}
          >
            {t('attention.back')}
          </Button>
          <Button
            size="lg"
            type="submit"
            loading={pay.busy}
            rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          >
            {asks ? t('shift.payAsk') : t('shift.pay')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
