import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

const PIN_DIGITS = 6;

/** The PIN is handed to Meta and kept nowhere here. */
export function RegistrationStep({ step, setup, state }: StepProps) {
  const { t } = useWords();
  const [pin, setPin] = useState('');
  const [tried, setTried] = useState(false);
  const complete = pin.length === PIN_DIGITS;
  const register = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (complete && (await setup.act('register', { pin }))) {
      setPin('');
      setTried(false);
    }
  };
  const done = state.steps.some((it) => it.step === step && it.state === 'done');
  return (
    <form className={classes.form} onSubmit={register} noValidate>
      <Field
        id="pin"
        label={t('setup.pin')}
        value={pin}
        help={done ? t('setup.pinDone') : t('setup.pinHelp')}
        problem={tried && !complete ? t('setup.pinWrong') : null}
        password
        numeric
        maxLength={PIN_DIGITS}
        onChange={(text) => setPin(text.replace(/\D/g, ''))}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={setup.busy === 'register'}>
          {t('setup.register')}
        </Button>
        <Button
          variant="default"
          loading={setup.busy === 'check'}
          onClick={() => void setup.act('check', { step })}
        >
          {t('setup.check')}
        </Button>
      </div>
    </form>
  );
}
