import { Button, Modal } from '@mantine/core';
import type { RedemptionView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import classes from './confirm-cancel.module.css';
import { KeyHint } from './key-hint.tsx';

interface ConfirmCancelProps {
  readonly opened: boolean;
  readonly redemption: RedemptionView;
  onKeep(): void;
  onCancel(): void;
}

/** Asks before a redemption is given up; Enter and Esc both go on with it. */
export function ConfirmCancel({ opened, redemption, onKeep, onCancel }: ConfirmCancelProps) {
  const { t, amount } = useWords();
  const money = amount(redemption.amount, redemption.asset, redemption.currency);
  return (
    <Modal
      opened={opened}
      onClose={onKeep}
      title={t('code.cancelTitle')}
      centered
      size={480}
      radius="lg"
      withCloseButton={false}
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      classNames={{ title: classes.title ?? '', body: classes.body ?? '' }}
    >
      <p>
        {redemption.sealed === null
          ? t('code.cancelHelp', { amount: money })
          : t('sealed.cancelHelp', { amount: money })}
      </p>
      <div className={classes.buttons}>
        <Button size="lg" onClick={onKeep} data-autofocus rightSection={<KeyHint>{t('key.esc')}</KeyHint>}>
          {t('code.keep')}
        </Button>
        <Button size="lg" variant="outline" color="var(--bad)" onClick={onCancel}>
          {t('code.cancelYes')}
        </Button>
      </div>
    </Modal>
  );
}
