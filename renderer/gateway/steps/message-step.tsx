import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import type { SetupState } from '../../../shared/setup-api.ts';
import { Field } from '../../components/field.tsx';
import { Notice, type Tone } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

type Message = NonNullable<SetupState['message']>;

/** A code that is bound to nothing, to a phone at hand; how far it came is seen as it happens. */
export function MessageStep({ setup, state }: StepProps) {
  const { t, language } = useWords();
  const [to, setTo] = useState('');
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    void setup.act('testMessage', { to, language });
  };
  return (
    <>
      {state.number?.isTest === true && <Notice tone="wait">{t('setup.kind.test')}</Notice>}
      {state.message !== null && <Delivery message={state.message} />}
      <form className={classes.form} onSubmit={send} noValidate>
        <Field
          id="to"
          label={t('setup.to')}
          value={to}
          help={t('setup.toHelp')}
          maxLength={32}
          onChange={setTo}
        />
        <div className={classes.actions}>
          <Button type="submit" disabled={to.trim().length < 5} loading={setup.busy === 'testMessage'}>
            {t('setup.send')}
          </Button>
        </div>
      </form>
    </>
  );
}

function Delivery({ message }: { readonly message: Message }) {
  const { t } = useWords();
  const { to, state, reason } = message;
  const tone: Tone = state === 'failed' ? 'bad' : state === 'delivered' || state === 'read' ? 'good' : 'info';
  return (
    <div aria-live="polite" data-delivery={state}>
      <Notice tone={tone}>
        {t('setup.sentTo', { to })}: {t(`setup.delivery.${state}`)}
        {reason === null ? '' : `. ${t(`setup.reason.${reason}`)}`}
      </Notice>
    </div>
  );
}
