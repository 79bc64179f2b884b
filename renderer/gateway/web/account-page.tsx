import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconKey } from '@tabler/icons-react';
import { type ReactNode, type SyntheticEvent, useEffect, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import { PASSWORD_MAX, PASSWORD_MIN, type WebAccount } from '../../../shared/web-api.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../../screens/layout.module.css';
import type { Answer } from '../call.ts';
import setup from '../setup.module.css';
import type { WebApi } from './api.ts';
import type { Passkeys } from './passkeys.ts';
import { SureButton } from './sure-button.tsx';
import classes from './web.module.css';

type Calls = Pick<
  WebApi,
  | 'account'
  | 'setPassword'
  | 'newPasskeyOptions'
  | 'newPasskey'
  | 'removeCredential'
  | 'endSession'
  | 'endOthers'
>;
type Part = 'password' | 'passkeys' | 'sessions';

export interface AccountPageProps {
  readonly api: Calls;
  readonly passkeys: Passkeys | null;
  readonly onEnded: (error: WireError) => void;
  /** They have something to sign in with, or have not any more. */
  readonly onCredentials: (has: boolean) => void;
}

/** What somebody signs in with, and where they are signed in. */
export function AccountPage({ api, passkeys, onEnded, onCredentials }: AccountPageProps) {
  const { t } = useWords();
  const [account, setAccount] = useState<WebAccount | null>(null);
  const [failed, setFailed] = useState<{ part: Part | null; error: WireError } | null>(null);
  const [busy, setBusy] = useState<Part | null>(null);

  const take = (part: Part | null, answer: Answer<WebAccount>): boolean => {
    if (answer.ok) {
      setAccount(answer.value);
      onCredentials(answer.value.login !== null || answer.value.passkeys.length > 0);
    } else if (answer.error.code === 'web_session_ended') onEnded(answer.error);
    setFailed(answer.ok ? null : { part, error: answer.error });
    return answer.ok;
  };
  const change = async (part: Part, ask: () => Promise<Answer<WebAccount> | null>): Promise<boolean> => {
    setBusy(part);
    setFailed(null);
    const answer = await ask();
    setBusy(null);
    return answer !== null && take(part, answer);
  };
  const load = async () => {
    setFailed(null);
    take(null, await api.account());
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    void load();
  }, []);

  if (account === null) {
    return failed === null ? (
      <Loading text={t('web.account.loading')} />
    ) : (
      <NotLoaded text={t('web.account.notLoaded')} error={failed.error} onRetry={() => void load()} />
    );
  }
  const shared = { api, account, busy, change, error: failed };
  return (
    <div className={classes.account}>
      <div className={classes.who}>
        <h1 className={layout.title}>{account.name}</h1>
        {account.phoneMasked === null ? (
          <Notice tone="wait">{t('web.account.noPhone')}</Notice>
        ) : (
          <p className={layout.help}>{t('web.account.codesTo', { phone: account.phoneMasked })}</p>
        )}
      </div>
      <div className={classes.parts}>
        <Password {...shared} />
        <PasskeyList {...shared} passkeys={passkeys} />
        <Sessions {...shared} />
      </div>
    </div>
  );
}

interface PartProps {
  readonly api: Calls;
  readonly account: WebAccount;
  readonly busy: Part | null;
  readonly error: { readonly part: Part | null; readonly error: WireError } | null;
  change(part: Part, ask: () => Promise<Answer<WebAccount> | null>): Promise<boolean>;
}

function Card({
  title,
  part,
  error: failed,
  children,
}: Pick<PartProps, 'error'> & { title: string; part: Part; children: ReactNode }) {
  const { error } = useWords();
  return (
    <section className={`${layout.card} ${classes.part}`} aria-label={title}>
      <h2>{title}</h2>
      {failed?.part === part && (
        <Notice tone="bad" urgent>
          {error(failed.error)}
        </Notice>
      )}
      {children}
    </section>
  );
}

function Password({ api, account, busy, error, change }: PartProps) {
  const { t, moment } = useWords();
  const { login } = account;
  const [isOpen, setOpen] = useState(login === null);
  const [name, setName] = useState(login?.name ?? '');
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const short = password.length < PASSWORD_MIN;
  const ready = name.trim().length >= 3 && !short && (login === null || current !== '');
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || busy !== null) return;
    const wish = { name: name.trim().toLowerCase(), password, current: login === null ? null : current };
    const done = await change('password', () => api.setPassword(wish));
    setCurrent('');
    setPassword('');
    if (done) setOpen(false);
  };
  return (
    <Card title={t('web.account.password')} part="password" error={error}>
      {login !== null && (
        <p>{t('web.account.passwordSince', { name: login.name, moment: moment(login.since) })}</p>
      )}
      {isOpen ? (
        <form className={setup.form} onSubmit={save}>
          <Field
            id="account-name"
            label={t('web.signIn.name')}
            value={name}
            maxLength={64}
            autoComplete="username"
            onChange={setName}
          />
          {login !== null && (
            <Field
              id="account-current"
              label={t('web.account.current')}
              value={current}
              maxLength={PASSWORD_MAX}
              password
              autoComplete="current-password"
              onChange={setCurrent}
            />
          )}
          <Field
            id="account-password"
            label={t('web.account.newPassword')}
            value={password}
            help={t('web.account.passwordHelp', { min: PASSWORD_MIN })}
            maxLength={PASSWORD_MAX}
            password
            autoComplete="new-password"
            onChange={setPassword}
          />
          <Button type="submit" disabled={!ready} loading={busy === 'password'}>
            {t('web.account.save')}
          </Button>
        </form>
      ) : (
        <div className={classes.actions}>
          <Button variant="default" onClick={() => setOpen(true)}>
            {t('web.account.changePassword')}
          </Button>
          {login !== null && (
            <SureButton
              word={t('web.account.remove')}
              busy={busy === 'password'}
              onSure={() => void change('password', () => api.removeCredential(login.id))}
            />
          )}
        </div>
      )}
    </Card>
  );
}

function PasskeyList({
  api,
  account,
  busy,
  error,
  change,
  passkeys,
}: PartProps & Pick<AccountPageProps, 'passkeys'>) {
  const { t, moment } = useWords();
  const [label, setLabel] = useState('');
  const [cancelled, setCancelled] = useState(false);
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (passkeys === null || label.trim() === '' || busy !== null) return;
    setCancelled(false);
    const done = await change('passkeys', async () => {
      const options = await api.newPasskeyOptions();
      if (!options.ok) return options;
      const answer = await passkeys.create(options.value.options);
      if (answer === null) setCancelled(true);
      return answer && api.newPasskey({ ticket: options.value.ticket, answer, label: label.trim() });
    });
    if (done) setLabel('');
  };
  return (
    <Card title={t('web.account.passkeys')} part="passkeys" error={error}>
      <p className={layout.help}>{t('web.account.passkeysWhat')}</p>
      {cancelled && (
        <Notice tone="wait" urgent>
          {t('web.account.passkeyNotMade')}
        </Notice>
      )}
      <ul className={classes.rows}>
        {account.passkeys.map(({ id, label: name, since, usedAt }) => (
          <li key={id}>
            <IconKey size={20} aria-hidden />
            <span>
              <strong>{name}</strong>
              <span className={layout.help}>
                {usedAt === null
                  ? t('web.account.since', { moment: moment(since) })
                  : t('web.account.used', { moment: moment(usedAt) })}
              </span>
            </span>
            <SureButton
              word={t('web.account.remove')}
              of={name}
              busy={busy === 'passkeys'}
              onSure={() => void change('passkeys', () => api.removeCredential(id))}
            />
          </li>
        ))}
      </ul>
      {passkeys === null ? (
        <p className={layout.help}>{t('web.account.noPasskeys')}</p>
      ) : (
        <form className={setup.form} onSubmit={add}>
          <Field
            id="passkey-label"
            label={t('web.account.passkeyLabel')}
            value={label}
            maxLength={40}
            placeholder={t('web.account.passkeyExample')}
            onChange={setLabel}
          />
          <Button type="submit" disabled={label.trim() === ''} loading={busy === 'passkeys'}>
            {t('web.account.addPasskey')}
          </Button>
        </form>
      )}
    </Card>
  );
}

function Sessions({ api, account, busy, error, change }: PartProps) {
  const { t, moment } = useWords();
  const others = account.sessions.filter(({ current }) => !current);
  return (
    <Card title={t('web.account.sessions')} part="sessions" error={error}>
      <ul className={classes.rows}>
        {account.sessions.map(({ id, current, by, browser, seenAt }) => (
          <li key={id}>
            <IconDeviceDesktop size={20} aria-hidden />
            <span>
              <strong>{browser ?? t('web.account.someBrowser')}</strong>
              <span className={layout.help}>
                {current
                  ? t('web.account.thisOne', { by: t(`web.account.by.${by}`) })
                  : t('web.account.seen', { by: t(`web.account.by.${by}`), moment: moment(seenAt) })}
              </span>
            </span>
            {!current && (
              <Button
                variant="default"
                disabled={busy === 'sessions'}
                onClick={() => void change('sessions', () => api.endSession(id))}
              >
                {t('web.account.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 && (
        <Button
          variant="default"
          loading={busy === 'sessions'}
          onClick={() => void change('sessions', () => api.endOthers())}
        >
          {t('web.account.endOthers')}
        </Button>
      )}
    </Card>
  );
}
