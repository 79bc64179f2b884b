import { Button } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type SyntheticEvent, useState } from 'react';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import { PASSWORD_MAX, type WebChallenge, type WebDesk } from '../../../shared/web-api.ts';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import type { Answer } from '../call.ts';
import setup from '../setup.module.css';
import { MANAGER_COMMAND } from '../sign-in.tsx';
import type { WebApi } from './api.ts';
import { CodeStep } from './code-step.tsx';
import type { Passkeys } from './passkeys.ts';

export interface WebSignInProps {
  readonly api: Pick<WebApi, 'password' | 'passkeyOptions' | 'passkey' | 'code' | 'resend' | 'look'>;
  readonly passkeys: Passkeys | null;
  readonly clock: Clock;
  /** Why they are here, where it is news. */
  readonly error: WireError | null;
  readonly onEntered: (desk: WebDesk) => void;
  /** Where the first factor was right already. */
  readonly challenge?: WebChallenge | undefined;
}

/** A password or a passkey, then the code that came on WhatsApp. */
export function WebSignIn(props: WebSignInProps) {
  const { api, passkeys, clock, error: first, onEntered } = props;
  const [challenge, setChallenge] = useState(props.challenge ?? null);
  const [error, setError] = useState(first);
  if (challenge !== null) {
    const back = (why: WireError | null) => {
      setError(why);
      setChallenge(null);
    };
    return <CodeStep {...{ api, clock, challenge, onEntered }} onBack={back} />;
  }
  const asked = (answer: Answer<WebChallenge>) => {
    if (answer.ok) setChallenge(answer.value);
    setError(answer.ok ? null : answer.error);
  };
  return <FirstFactor {...{ api, passkeys, error, asked }} onTry={() => setError(null)} />;
}

interface FirstFactorProps extends Pick<WebSignInProps, 'api' | 'passkeys' | 'error'> {
  readonly asked: (answer: Answer<WebChallenge>) => void;
  readonly onTry: () => void;
}

function FirstFactor({ api, passkeys, error: refusal, asked, onTry }: FirstFactorProps) {
  const { t, error } = useWords();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState<'password' | 'passkey' | null>(null);
  const [cancelled, setCancelled] = useState(false);
  const ready = name.trim() !== '' && password !== '';

  const begin = (what: 'password' | 'passkey') => {
    setBusy(what);
    setCancelled(false);
    onTry();
  };
  const byPassword = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || busy !== null) return;
    begin('password');
    const answer = await api.password({ name, password });
    setBusy(null);
    setPassword('');
    asked(answer);
  };
  const byPasskey = async (of: Passkeys) => {
    begin('passkey');
    const options = await api.passkeyOptions();
    const signed = options.ok ? await of.get(options.value.options) : null;
    const answer =
      options.ok && signed !== null
        ? await api.passkey({ ticket: options.value.ticket, answer: signed })
        : options;
    setBusy(null);
    if (options.ok && signed === null) setCancelled(true);
    else asked(answer as Answer<WebChallenge>);
  };

  return (
    <div className={setup.center}>
      <section className={`${layout.card} ${setup.narrow}`}>
        <h1 className={layout.title}>{t('web.signIn.title')}</h1>
        {refusal !== null && (
          <Notice tone="bad" urgent>
            {error(refusal)}
          </Notice>
        )}
        {cancelled && (
          <Notice tone="wait" urgent>
            {t('web.signIn.noPasskey')}
          </Notice>
        )}
        <form className={setup.form} onSubmit={byPassword}>
          <Field
            id="name"
            label={t('web.signIn.name')}
            value={name}
            maxLength={64}
            autoComplete="username"
            autoFocus
            onChange={setName}
          />
          <Field
            id="password"
            label={t('web.signIn.password')}
            value={password}
            maxLength={PASSWORD_MAX}
            password
            autoComplete="current-password"
            onChange={setPassword}
          />
          <Button
            size="lg"
            type="submit"
            disabled={!ready || busy === 'passkey'}
            loading={busy === 'password'}
          >
            {t('web.signIn.go')}
          </Button>
        </form>
        {passkeys !== null && (
          <Button
            size="lg"
            variant="default"
            leftSection={<IconKey size={22} aria-hidden />}
            disabled={busy === 'password'}
            loading={busy === 'passkey'}
            onClick={() => void byPasskey(passkeys)}
          >
            {t('web.signIn.passkey')}
          </Button>
        )}
        <p className={layout.help}>{t('web.signIn.then')}</p>
        <details className={setup.details}>
          <summary>{t('web.signIn.first')}</summary>
          <p>{t('web.signIn.firstHow')}</p>
          <code className={setup.value}>{MANAGER_COMMAND}</code>
        </details>
      </section>
    </div>
  );
}
