import { Button } from '@mantine/core';
import type { i18n as I18n } from 'i18next';
import { type SyntheticEvent, useEffect, useState } from 'react';
import { SETUP_PATHS, type SetupState } from '../../shared/setup-api.ts';
import { Field } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import { AccountName } from './accounts-panel.tsx';
import { type SetupApi, withAccount } from './api.ts';
import { CreditLine } from './credit-line.tsx';
import type { OpenSignup, SignupOutcome } from './embedded-signup.ts';
import { Frame } from './frame.tsx';
import classes from './setup.module.css';
import { SignIn, Starting } from './sign-in.tsx';
import { type Setup, useSetup } from './use-setup.ts';

interface SignupPageProps {
  readonly api: SetupApi;
  /** Whose token and number it will be; left out: the default one's. */
  readonly account?: string;
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  readonly open: OpenSignup;
}

/** Embedded Signup: on a page of its own, because only here may anything of Meta's run. */
export function SignupPage({ api, account, i18n, kept, open }: SignupPageProps) {
  const setup = useSetup(api, null, account);
  const { phase, state, error } = setup;
  return (
    <Frame i18n={i18n} kept={kept} onSignOut={phase === 'signed_in' ? setup.signOut : undefined}>
      {phase === 'signed_out' ? (
        <SignIn error={error} />
      ) : phase === 'starting' || state === null ? (
        <Starting />
      ) : (
        <Signup setup={setup} state={state} open={open} />
      )}
    </Frame>
  );
}

const FIELDS = ['appId', 'appSecret', 'configId'] as const;

function Signup({ setup, state, open }: { setup: Setup; state: SetupState; open: OpenSignup }) {
  const { t, error } = useWords();
  const [typed, setTyped] = useState<Partial<Record<(typeof FIELDS)[number], string>>>({});
  const { settings } = state;
  const known = (field: (typeof FIELDS)[number]) => (field === 'appSecret' ? '' : (settings[field] ?? ''));
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    const changed = FIELDS.flatMap((field) => {
      const value = (typed[field] ?? '').trim();
      return value === '' || value === known(field) ? [] : [[field, value] as const];
    });
    if (changed.length > 0 && (await setup.act('settings', Object.fromEntries(changed)))) setTyped({});
  };
  const ready = settings.appId !== null && settings.appSecret && settings.configId !== null;
  return (
    <div className={classes.halves}>
      <section className={`${layout.card} ${classes.half}`}>
        <h1 className={layout.title}>{t('setup.signup.title')}</h1>
        <AccountName state={state} />
        <p className={layout.help}>{t('setup.signup.why')}</p>
        <Notice tone="wait">{t('setup.signup.notRun')}</Notice>
        {ready && <Connect setup={setup} state={state} open={open} />}
        {setup.error !== null && (
          <Notice tone="bad" urgent>
            {error(setup.error)}
          </Notice>
        )}
        {settings.wabaId !== null && <CreditLine setup={setup} />}
        <a className={classes.link} href={withAccount(SETUP_PATHS.pages, setup.account)}>
          {t('setup.signup.back')}
        </a>
      </section>
      <section className={`${layout.card} ${classes.half}`}>
        <form className={classes.form} onSubmit={save} noValidate>
          <p>{t('setup.signup.needs')}</p>
          {FIELDS.map((field) => (
            <Field
              key={field}
              id={field}
              label={t(`setup.field.${field}`)}
              value={typed[field] ?? known(field)}
              password={field === 'appSecret'}
              disabled={state.fixed.includes(field)}
              maxLength={1024}
              {...(field === 'appSecret' && settings.appSecret ? { placeholder: '••••••••••••' } : {})}
              onChange={(text) => setTyped({ ...typed, [field]: text })}
            />
          ))}
          <div className={classes.actions}>
            <Button type="submit" variant="default" loading={setup.busy === 'settings'}>
              {t('setup.signup.config')}
            </Button>
          </div>
        </form>
      </section>
    </div>
  );
}

type Told = 'no_sdk' | 'cancelled' | 'working' | 'done';

function Connect({ setup, state, open }: { setup: Setup; state: SetupState; open: OpenSignup }) {
  const { t } = useWords();
  const { sdk } = state;
  const { appId, configId } = state.settings;
  const [start, setStart] = useState<(() => Promise<SignupOutcome>) | null>(null);
  const [told, setTold] = useState<Told | null>(null);

  // Loaded before it is asked for: a window may only be opened in the tap itself.
  useEffect(() => {
    if (appId === null || configId === null) return undefined;
    let gone = false;
    setStart(null);
    open({ url: sdk.url, version: sdk.version, appId, configId }).then(
      (opens) => {
        if (!gone) setStart(() => opens);
      },
      () => {
        if (!gone) setTold('no_sdk');
      },
    );
    return () => {
      gone = true;
    };
  }, [open, sdk.url, sdk.version, appId, configId]);

  const connect = async () => {
    const given = await start?.();
    if (given === undefined) return;
    if (given.outcome === 'cancelled') return setTold('cancelled');
    setTold('working');
    const { code, wabaId, phoneNumberId } = given;
    setTold((await setup.act('signup', { code, wabaId, phoneNumberId })) ? 'done' : null);
  };
  return (
    <>
      <div className={classes.actions}>
        <Button
          size="md"
          disabled={start === null}
          loading={told === 'working'}
          onClick={() => void connect()}
        >
          {t('setup.signup.start')}
        </Button>
      </div>
      <div aria-live="polite">
        {told === 'no_sdk' && <Notice tone="bad">{t('setup.signup.noSdk')}</Notice>}
        {told === 'cancelled' && <Notice tone="info">{t('setup.signup.cancelled')}</Notice>}
        {told === 'working' && <Notice tone="info">{t('setup.signup.working')}</Notice>}
        {told === 'done' && <Notice tone="good">{t('setup.signup.done')}</Notice>}
      </div>
    </>
  );
}
