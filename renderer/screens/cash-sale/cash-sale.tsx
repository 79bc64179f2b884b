import { Button } from '@mantine/core';
import { IconCash } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { CashSaleDialog } from './cash-sale-dialog.tsx';

export interface OpenedFor {
  readonly saleRef: string;
  readonly amount: number;
}

/** The way to open the drawer for an ordinary cash sale, where the store's rules allow it from the screen. `onClosed`: its dialog is gone. */
export function CashSale({ onClosed }: { onClosed(): void }) {
  const { t, amount } = useWords();
  const { cashSale, till } = useView();
  const draft = useSaksi((state) => state.cashSale);
  const { setCashSale } = useActions();
  const [opened, setOpened] = useState<OpenedFor | null>(null);
  const wasOpen = useRef(false);
  const closed = useRef(onClosed);
  closed.current = onClosed;
  // The dialog took the focus and is gone: the screen has it back.
  useEffect(() => {
    if (wasOpen.current && draft === null) closed.current();
    wasOpen.current = draft !== null;
  }, [draft]);
  const manual = cashSale?.manual === true;
  const begin = () => {
    setOpened(null);
    setCashSale({ saleRef: '', digits: '' });
  };
  useShortcuts([['F6', manual ? begin : undefined]]);
  if (!manual) return null;
  return (
    <>
      <Button
        variant="default"
        size="lg"
        leftSection={<IconCash size={20} aria-hidden />}
        rightSection={<KeyHint>F6</KeyHint>}
        aria-keyshortcuts="F6"
        onClick={begin}
      >
        {t('cashSale.title')}
      </Button>
      <p className={layout.help} role="status">
        {opened !== null &&
          t('cashSale.opened', {
            sale: opened.saleRef,
            amount: amount(opened.amount, 'deposit', till?.currency ?? 'IDR'),
          })}
      </p>
      {draft !== null && (
        <CashSaleDialog
          draft={draft}
          onOpened={(sale) => {
            setOpened(sale);
            setCashSale(null);
          }}
        />
      )}
    </>
  );
}
