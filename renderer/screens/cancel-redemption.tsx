import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RedemptionView } from '../../shared/bridge.ts';
import { Confirm } from '../components/confirm.tsx';
import { KeyHint } from '../components/key-hint.tsx';
import { useWords } from '../i18n/use-words.ts';
import { type Call, useShortcuts } from '../state/hooks.ts';

interface CancelRedemptionProps {
  readonly redemption: RedemptionView;
  readonly cancel: Call<'redemption.cancel'>;
}

/** The way out of a redemption that is under way: the button and Esc ask before it is given up. */
export function CancelRedemption({ redemption, cancel }: CancelRedemptionProps) {
  const { t, amount } = useWords();
  const [asking, setAsking] = useState(false);
  useShortcuts([['Escape', () => setAsking(true)]]);
  const money = amount(redemption.amount, redemption.asset, redemption.currency);
  return (
    <>
      <Button
        variant="default"
        size="lg"
        leftSection={<IconX size={20} aria-hidden />}
        rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
        onClick={() => setAsking(true)}
      >
        {t('code.cancel')}
      </Button>
      <Confirm
        opened={asking}
        title={t('code.cancelTitle')}
        keep={t('code.keep')}
        leave={t('code.cancelYes')}
        onKeep={() => setAsking(false)}
        onLeave={() => {
          setAsking(false);
          void cancel.run({ redemptionId: redemption.id });
        }}
      >
        {redemption.sealed === null
          ? t('code.cancelHelp', { amount: money })
          : t('sealed.cancelHelp', { amount: money })}
      </Confirm>
    </>
  );
}
