import { Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { RedemptionView } from '../../shared/bridge.ts';
import { Keypad } from '../components/keypad.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { useCall, useShortcuts, useView } from '../state/hooks.ts';
import { CancelRedemption } from './cancel-redemption.tsx';
import classes from './code.module.css';
import { CodeFacts } from './code-facts.tsx';
import { CodeField } from './code-field.tsx';
import { DeliveryPanel } from './delivery-panel.tsx';
import layout from './layout.module.css';
import { RedemptionSummary, StartedByTerminal } from './redemption-summary.tsx';

/** The customer reads the code out; the last digit sends it. */
export function CodeScreen() {
  const { redemption } = useView();
  return redemption === null ? null : <CodeEntry redemption={redemption} />;
}

function CodeEntry({ redemption }: { readonly redemption: RedemptionView }) {
  const { id, stage, code } = redemption;
  const [digits, setDigits] = useState('');
  const submit = useCall('redemption.submitCode');
  const resend = useCall('redemption.resend');
  const cancel = useCall('redemption.cancel');
  const length = code?.digits ?? 0;
  const checking = stage === 'checking' || submit.busy;

  const type = (text: string) => {
    const next = text.replace(/\D/g, '').slice(0, length);
    setDigits(next);
    submit.clear();
    if (next.length === length && next !== digits) void check(next);
  };
  const check = async (typed: string) => {
    const result = await submit.run({ redemptionId: id, code: typed });
    if (result?.ok === false) setDigits('');
  };
  // Ready for the next try, also where the answer came with the view only.
  const triesLeft = code?.triesLeft;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is a new one
  useEffect(() => {
    if (stage === 'awaiting_code') setDigits('');
  }, [stage, triesLeft]);
  const sendAgain = () => void resend.run({ redemptionId: id });
  useShortcuts([['F8', code === null ? undefined : sendAgain]]);

  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <RedemptionSummary redemption={redemption} />
        <div className={`${layout.card} ${layout.grow} ${classes.code}`}>
          {code === null ? (
            <Requesting />
          ) : (
            <>
              <CodeTitle checking={checking} />
              <CodeField
                length={length}
                digits={digits}
                checking={checking}
                bad={submit.error !== null}
                onType={type}
              />
              <CodeFacts code={code} />
              <CodeTrouble
                redemption={redemption}
                error={submit.error ?? resend.error ?? cancel.error}
                typing={digits.length > 0 || checking}
              />
            </>
          )}
        </div>
        {code !== null && <DeliveryPanel code={code} busy={resend.busy} onResend={sendAgain} />}
      </section>
      <section className={layout.right}>
        <StartedByTerminal redemption={redemption} />
        <Keypad
          disabled={code === null || checking}
          onDigit={(digit) => type(digits + digit)}
          onBack={() => type(digits.slice(0, -1))}
          onClear={() => type('')}
        />
        <CancelRedemption redemption={redemption} cancel={cancel} />
      </section>
    </div>
  );
}

function Requesting() {
  const { t } = useWords();
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <h1>{t('code.requesting')}</h1>
      <p>{t('code.requestingHelp')}</p>
    </div>
  );
}

function CodeTitle({ checking }: { readonly checking: boolean }) {
  const { t } = useWords();
  return (
    <h1 className={layout.title} aria-live="polite">
      {checking ? t('code.checking') : t('code.title')}
    </h1>
  );
}

interface CodeTroubleProps {
  readonly redemption: RedemptionView;
  readonly error: RedemptionView['error'];
  readonly typing: boolean;
}

/** Why the last try failed: as answered, else as the view keeps it; out of the way while the next one is typed. */
function CodeTrouble({ redemption, error: answered, typing }: CodeTroubleProps) {
  const { error: sentence } = useWords();
  const error = answered ?? redemption.error;
  if (error === null || typing) return <div className={classes.trouble} />;
  return (
    <div className={classes.trouble}>
      <Notice tone="bad" urgent>
        {sentence(error, redemption)}
      </Notice>
    </div>
  );
}
