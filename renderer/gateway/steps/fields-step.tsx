import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { SETUP_PATHS, type SettingField, type SetupStep } from '../../../shared/setup-api.ts';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { withAccount } from '../api.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

/** Of each step that is typed in. */
const FIELDS: Partial<Record<SetupStep, readonly SettingField[]>> = {
  account: ['wabaId'],
  number: ['phoneNumberId'],
  token: ['accessToken'],
  app: ['appId', 'appSecret', 'verifyToken'],
  webhook: ['publicUrl'],
};
const SECRETS: readonly SettingField[] = ['accessToken', 'appSecret', 'verifyToken'];
const VERIFY_TOKEN_BYTES = 18;

/** Text to be typed or pasted, kept and checked at once. */
export function FieldsStep({ step, setup, state }: StepProps) {
  const { t, moment } = useWords();
  const fields = FIELDS[step] ?? [];
  const isFixed = (field: SettingField) => state.fixed.includes(field);
  const knownText = (field: SettingField): string => {
    const known = state.settings[field];
    return typeof known === 'string' ? known : '';
  };
  const [typed, setTyped] = useState<Partial<Record<SettingField, string>>>({});
  const textOf = (field: SettingField) => typed[field] ?? knownText(field);
  const isKept = (field: SettingField) => SECRETS.includes(field) && state.settings[field] === true;

  const helpOf = (field: SettingField) => {
    if (isFixed(field)) return t('setup.fixed');
    if (isKept(field)) return t('setup.secretKept');
    return field === 'verifyToken' ? t('setup.verifyTokenHelp') : null;
  };
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    const changed = fields.flatMap((field) => {
      const value = textOf(field).trim();
      if (isFixed(field) || value === '' || value === knownText(field)) return [];
      return [[field, value] as const];
    });
    if (changed.length === 0) await setup.act('check', { step });
    else if (await setup.act('settings', Object.fromEntries(changed))) setTyped({});
  };
  const makeUp = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(VERIFY_TOKEN_BYTES));
    setTyped({ ...typed, verifyToken: btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, 'x') });
  };
  return (
    <form className={classes.form} onSubmit={save} noValidate>
      {step === 'account' && <Shops state={state} />}
      {fields.map((field) => (
        <Field
          key={field}
          id={field}
          label={t(`setup.field.${field}`)}
          value={textOf(field)}
          help={helpOf(field)}
          // The verify token is made up here and copied to Meta: it must be seen.
          password={SECRETS.includes(field) && field !== 'verifyToken'}
          disabled={isFixed(field)}
          maxLength={1024}
          {...(isKept(field) ? { placeholder: '••••••••••••' } : {})}
          {...(field === 'verifyToken' && !isFixed(field)
            ? {
                after: (
                  <Button variant="default" onClick={makeUp}>
                    {t('setup.makeUp')}
                  </Button>
                ),
              }
            : {})}
          onChange={(text) => setTyped({ ...typed, [field]: text })}
        />
      ))}
      {step === 'token' && state.token !== null && (
        <Notice tone={state.token.expiresAt === null ? 'info' : 'wait'}>
          {state.token.expiresAt === null
            ? t('setup.tokenForever')
            : t('setup.tokenUntil', { moment: moment(state.token.expiresAt) })}
        </Notice>
      )}
      <div className={classes.actions}>
        <Button type="submit" loading={setup.busy === 'settings' || setup.busy === 'check'}>
          {t('setup.saveAndCheck')}
        </Button>
        {(step === 'account' || step === 'token') && (
          <a className={classes.link} href={withAccount(SETUP_PATHS.signupPage, state.account)}>
            {t('setup.signup.link')}
          </a>
        )}
        {step === 'token' && state.settings.accessToken && !isFixed('accessToken') && (
          <Forget {...{ setup }} />
        )}
      </div>
    </form>
  );
}

function Shops({ state }: Pick<StepProps, 'state'>) {
  const { t } = useWords();
  if (state.shops.length === 0) return <Notice tone="wait">{t('setup.noShops')}</Notice>;
  const shops = state.shops.filter(({ account }) => account === state.account);
  if (shops.length === 0) return <Notice tone="wait">{t('setup.accounts.none')}</Notice>;
  return <p>{t('setup.shops', { shops: shops.map(({ name }) => name).join(', ') })}</p>;
}

/** In two steps: without the token no code leaves. */
function Forget({ setup }: Pick<StepProps, 'setup'>) {
  const { t } = useWords();
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <Button variant="default" onClick={() => setSure(true)}>
        {t('setup.forget')}
      </Button>
    );
  }
  return (
    <>
      <Button
        color="saga"
        variant="default"
        loading={setup.busy === 'forgetToken'}
        onClick={() => void setup.act('forgetToken').then(() => setSure(false))}
      >
        {t('setup.forgetSure')}
      </Button>
      <Button variant="default" onClick={() => setSure(false)}>
        {t('setup.keep')}
      </Button>
    </>
  );
}
