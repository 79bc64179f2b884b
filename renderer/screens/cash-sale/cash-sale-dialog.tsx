import { Button } from '@mantine/core';
import { type SyntheticEvent, useRef, useState } from 'react';
import type { BridgeOutput } from '../../../shared/bridge.ts';
import { SaksiError } from '../../../shared/errors.ts';
import { saleRefSchema } from '../../../shared/ids.ts';
import {
  checkAmount,
  fractionDigits,
  groupedText,
  pastedDigits,
  symbolOf,
  typedDigits,
} from '../../amount/amount-input.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useView } from '../../state/hooks.ts';
import type { CashDraft } from '../../state/store.ts';
import attention from '../attention/attention.module.css';
import layout from '../layout.module.css';
import type { OpenedFor } from './cash-sale.tsx';

const SALE_REF_LETTERS = 64;
type Answer = BridgeOutput<'cashSale.open'>;

interface CashSaleDialogProps {
  readonly draft: CashDraft;
  /** The drawer reported that it opened. */
  onOpened(sale: OpenedFor): void;
}

/** Which sale and how much; Enter goes on to the amount, then opens the drawer. */
export function CashSaleDialog({ draft, onOpened }: CashSaleDialogProps) {
  const { t, language, error, amount: amountText } = useWords();
  const { cashSale, status, till } = useView();
  const { setCashSale } = useActions();
  const open = useCall('cashSale.open');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const amountField = useRef<HTMLInputElement>(null);
  const saleField = useRef<HTMLInputElement>(null);
  const currency = till?.currency ?? 'IDR';
  const { saleRef, digits } = draft;
  const fraction = fractionDigits('deposit', currency);
  const shown = groupedText(digits, fraction, language);
  const most = cashSale?.amountMax ?? null;
  const check = checkAmount(digits, most ?? Number.MAX_SAFE_INTEGER);
  const named = saleRefSchema.safeParse(saleRef).success;
  const left = cashSale?.left ?? 0;
  const change = (next: Partial<CashDraft>) => {
    open.clear();
    setAnswer(null);
    setCashSale({ ...draft, ...next });
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!named) return saleField.current?.focus();
    if (!check.ok) return amountField.current?.focus();
    const result = await open.run({ saleRef: saleRef.trim(), amount: check.amount });
    if (!result?.ok) return;
    if (result.value.drawer === 'opened') onOpened({ saleRef: saleRef.trim(), amount: check.amount });
    else setAnswer(result.value);
  };
  const overLimit = !check.ok && check.problem === 'above_balance' && most !== null;
  const context = { asset: 'deposit', currency } as const;
  return (
    <Dialog title={t('cashSale.title')} size={520} onClose={() => setCashSale(null)}>
      <form className={attention.form} onSubmit={(event) => void submit(event)}>
        <Field
          id="cash-sale-ref"
          inputRef={saleField}
          label={t('cashSale.sale')}
          value={saleRef}
          maxLength={SALE_REF_LETTERS}
          problem={saleRef === '' || named ? null : t('cashSale.saleWrong')}
          autoFocus
          onChange={(text) => change({ saleRef: text })}
        />
        <Field
          id="cash-sale-amount"
          inputRef={amountField}
          label={t('redeem.amountOf', { unit: symbolOf(currency, language) })}
          numeric
          placeholder="0"
          value={shown}
          problem={
            overLimit
              ? t('cashSale.most', { amount: amountText(most, 'deposit', currency) })
              : !check.ok && check.problem === 'too_large'
                ? t('redeem.tooLarge')
                : null
          }
          onChange={(text) => {
            const pasted = text.length > shown.length + 1 ? pastedDigits(text, fraction) : null;
            change({ digits: pasted ?? typedDigits(digits, text, shown).digits });
          }}
        />
        {open.error !== null ? (
          <Notice tone="bad" urgent>
            {error(open.error, context)}
          </Notice>
        ) : answer !== null ? (
          <Notice tone="wait" urgent>
            {error(answer.error ?? new SaksiError('drawer_not_confirmed').toWire())}
          </Notice>
        ) : left === 0 ? (
          <Notice tone="bad" urgent>
            {error(new SaksiError('shift_grant_missing').toWire())}
          </Notice>
        ) : (
          <p className={layout.help} role="status">
            {status.gateway.state === 'offline'
              ? t('cashSale.leftOffline', { number: left })
              : t('cashSale.left', { number: left })}
          </p>
        )}
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            onClick={() => setCashSale(null)}
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          >
            {t('attention.back')}
          </Button>
          {/* Ready or not: pressed too early it leads to what is missing. */}
          <Button
            size="lg"
            type="submit"
            disabled={left === 0}
            loading={open.busy}
            rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
          >
            {open.busy ? t('cashSale.opening') : t('cashSale.open')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
