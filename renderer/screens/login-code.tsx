import { Button, Switch } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { TillView } from '../../shared/bridge.ts';
import { KeyHint } from '../components/key-hint.tsx';
import { Keypad } from '../components/keypad.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { useCall, useShortcuts } from '../state/hooks.ts';
import classes from './code.module.css';
import { CodeFacts } from './code-facts.tsx';
import { CodeField } from './code-field.tsx';
import { DeliveryPanel } from './delivery-panel.tsx';
import layout from './layout.module.css';

type Login = NonNullable<TillView['login']>;

/** The PIN (or the password, or the passkey) was right: the person types the code that came to their own WhatsApp; the last digit sends it. */
export function LoginCode({ login, back: backWord }: { readonly login: Login; readonly back?: string }) {
  const { t } = useWords();
  const { code, checking: isChecking, ended, name, phoneMasked, rememberDays } = login;
  const [digits, setDigits] = useState('');
  const [remember, setRemember] = useState(false);
  const submit = useCall('session.submitCode');
  const resend = useCall('session.resendCode');
  const cancel = useCall('session.cancelLogin');
  const checking = isChecking || submit.busy;
  const error = submit.error ?? resend.error ?? login.error;

  const type = (text: string) => {
    const next = text.replace(/\D/g, '').slice(0, code.digits);
    setDigits(next);
    submit.clear();
    if (next.length === code.digits && next !== digits) void check(next);
  };
  const check = async (typed: string) => {
    const result = await submit.run({ code: typed, remember });
    if (result?.ok === false) setDigits('');
  };
  // Ready for the next try, also where the answer came with the view only.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is a new one
  useEffect(() => setDigits(''), [code.triesLeft]);
  const sendAgain = () => void resend.run({});
  const back = () => void cancel.run({});
  useShortcuts([
    ['F8', ended ? undefined : sendAgain],
    ['Escape', back],
  ]);

  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <div className={`${layout.card} ${layout.grow} ${classes.code}`}>
          <h1 className={layout.title} aria-live="polite">
            {checking ? t('code.checking') : t('loginCode.title', { name })}
          </h1>
          {phoneMasked !== null && (
            <p className={layout.help}>{t('loginCode.sentTo', { phone: phoneMasked })}</p>
          )}
          {!ended && (
            <>
              <CodeField
                length={code.digits}
                digits={digits}
                checking={checking}
                bad={submit.error !== null}
                onType={type}
              />
              <CodeFacts code={code} />
            </>
          )}
          <LoginTrouble error={error} hidden={digits.length > 0 || checking} />
        </div>
        {!ended && <DeliveryPanel code={code} words="staff" busy={resend.busy} onResend={sendAgain} />}
      </section>
      <section className={layout.right}>
        <Keypad
          disabled={checking || ended}
          onDigit={(digit) => type(digits + digit)}
          onBack={() => type(digits.slice(0, -1))}
          onClear={() => type('')}
        />
        {rememberDays > 0 && !ended && (
          <Switch
            size="md"
            checked={remember}
            label={t('loginCode.remember', { days: rememberDays })}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
        )}
        <Button
          key={String(ended)}
          variant={ended ? 'filled' : 'default'}
          size="lg"
          leftSection={<IconArrowLeft size={20} aria-hidden />}
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          autoFocus={ended}
          onClick={back}
        >
          {backWord ?? t('loginCode.back')}
        </Button>
      </section>
    </div>
  );
}

/** Why the last try failed; out of the way while the next one is typed. */
function LoginTrouble({ error, hidden }: { readonly error: Login['error']; readonly hidden: boolean }) {
  const { error: sentence } = useWords();
  return (
    <div className={classes.trouble}>
      {error !== null && !hidden && (
        <Notice tone="bad" urgent>
          {sentence(error)}
        </Notice>
      )}
    </div>
  );
}
