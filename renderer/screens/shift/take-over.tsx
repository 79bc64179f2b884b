import { Button } from '@mantine/core';
import { IconUserShare } from '@tabler/icons-react';
import { useState } from 'react';
import type { TillView } from '../../../shared/bridge.ts';
import { digitsOf, fractionDigits, groupedText, symbolOf } from '../../amount/amount-input.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall, useView } from '../../state/hooks.ts';
import attention from '../attention/attention.module.css';
import layout from '../layout.module.css';

type Open = NonNullable<NonNullable<TillView['cashShift']>['open']>;

/** Another cashier goes on with the shift; where policy asks for it they count first. */
export function TakeOver({ open }: { readonly open: Open }) {
  const { t, language, error } = useWords();
  const { cashShift, till } = useView();
  const takeOver = useCall('cashShift.takeOver');
  const [asked, setAsked] = useState(false);
  const [digits, setDigits] = useState('');
  const currency = till?.currency ?? 'IDR';
  const counts = cashShift?.takeoverCount === true;
  const ready = !counts || digits !== '';
  const run = async () => {
    const result = await takeOver.run({ count: counts ? { sum: Number(digits), pieces: null } : null });
    if (result?.ok) setAsked(false);
  };
  return (
    <>
      <Notice tone="info">{t('shift.others', { name: open.cashier })}</Notice>
      <Button
        variant="default"
        size="lg"
        leftSection={<IconUserShare size={20} aria-hidden />}
        onClick={() => setAsked(true)}
      >
        {t('shift.takeOver')}
      </Button>
      {asked && (
        <Dialog title={t('shift.takeOver')} size={480} onClose={() => setAsked(false)}>
          <form
            className={attention.form}
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) void run();
            }}
          >
            <p className={layout.help}>{t('shift.takeOverHelp', { name: open.cashier })}</p>
            {counts && (
              <Field
                id="take-over-sum"
                label={t('shift.sumIn', { unit: symbolOf(currency, language) })}
                numeric
                autoFocus
                placeholder="0"
                value={
                  digits === '0' ? '0' : groupedText(digits, fractionDigits('deposit', currency), language)
                }
                onChange={(text) => setDigits(digitsOf(text) || (/0/.test(text) ? '0' : ''))}
              />
            )}
            {takeOver.error !== null && (
              <Notice tone="bad" urgent>
                {error(takeOver.error)}
              </Notice>
            )}
            <DialogButtons>
              <Button
                size="lg"
                variant="default"
                rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
                onClick={() => setAsked(false)}
              >
                {t('attention.back')}
              </Button>
              <Button
                size="lg"
                type="submit"
                disabled={!ready}
                loading={takeOver.busy}
                rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
              >
                {t('shift.takeOver')}
              </Button>
            </DialogButtons>
          </form>
        </Dialog>
      )}
    </>
  );
}
