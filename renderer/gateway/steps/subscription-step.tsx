import { Button } from '@mantine/core';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

export function SubscriptionStep({ step, setup }: StepProps) {
  const { t } = useWords();
  return (
    <div className={classes.actions}>
      <Button loading={setup.busy === 'subscribe'} onClick={() => void setup.act('subscribe')}>
        {t('setup.subscribe')}
      </Button>
      <Button
        variant="default"
        loading={setup.busy === 'check'}
        onClick={() => void setup.act('check', { step })}
      >
        {t('setup.check')}
      </Button>
    </div>
  );
}
