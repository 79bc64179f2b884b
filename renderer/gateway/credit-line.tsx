import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { Field } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import classes from './setup.module.css';
import type { Setup } from './use-setup.ts';

const EMPTY = { creditLineId: '', currency: 'IDR', partnerToken: '' };

/** A solution partner pays for the account from now on. */
export function CreditLine({ setup }: { readonly setup: Setup }) {
  const { t } = useWords();
  const [typed, setTyped] = useState(EMPTY);
  const [done, setDone] = useState(false);
  const share = async (event: SyntheticEvent) => {
    event.preventDefault();
    setDone(false);
    if (!(await setup.act('shareCredit', typed))) return;
    setDone(true);
    setTyped(EMPTY);
  };
  const field = (name: keyof typeof EMPTY) => ({
    ...{ id: name, value: typed[name], maxLength: 1024 },
    onChange: (text: string) => setTyped({ ...typed, [name]: text.trim() }),
  });
  return (
    <details className={classes.details}>
      <summary>{t('setup.signup.creditTitle')}</summary>
      <p className={layout.help}>{t('setup.signup.creditWhy')}</p>
      <form className={classes.form} onSubmit={share} noValidate>
        <Field {...field('creditLineId')} label={t('setup.signup.creditLine')} />
        <Field {...field('currency')} label={t('setup.signup.currency')} maxLength={3} />
        <Field {...field('partnerToken')} label={t('setup.signup.partnerToken')} password />
        <div className={classes.actions}>
          <Button
            type="submit"
            variant="default"
            disabled={Object.values(typed).some((text) => text === '')}
            loading={setup.busy === 'shareCredit'}
          >
            {t('setup.signup.share')}
          </Button>
        </div>
      </form>
      <div aria-live="polite">{done && <Notice tone="good">{t('setup.signup.shared')}</Notice>}</div>
    </details>
  );
}
