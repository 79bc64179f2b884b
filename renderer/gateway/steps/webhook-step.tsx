import { Button } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';
import { FieldsStep } from './fields-step.tsx';

/** The address; Meta is told of it, and what it sends back is seen. */
export function WebhookStep(props: StepProps) {
  const { t, moment } = useWords();
  const { setup, state } = props;
  const { url, heardAt } = state.webhook;
  const [connected, setConnected] = useState(false);
  const appKnown = state.settings.appId !== null && state.settings.appSecret && state.settings.verifyToken;
  return (
    <>
      <FieldsStep {...props} />
      {url !== null && (
        <>
          <p>{t('setup.callback')}</p>
          <code className={classes.value}>{url}</code>
          <div className={classes.actions}>
            <Button
              disabled={!appKnown}
              loading={setup.busy === 'connectWebhook'}
              onClick={() => void setup.act('connectWebhook').then(setConnected)}
            >
              {t('setup.connect')}
            </Button>
          </div>
          {connected && <Notice tone="good">{t('setup.connected')}</Notice>}
          {!appKnown && <Notice tone="wait">{t('setup.connectNeedsApp')}</Notice>}
        </>
      )}
      <Notice tone={heardAt === null ? 'info' : 'good'}>
        {heardAt === null ? t('setup.notHeard') : t('setup.heard', { moment: moment(heardAt) })}
      </Notice>
    </>
  );
}
