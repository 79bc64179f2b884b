import { useEffect, useState } from 'react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { Keypad } from '../../components/keypad.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import { CodeField } from '../code-field.tsx';
import layout from '../layout.module.css';
import classes from './approval-code.module.css';
import { WaitingFacts } from './waiting-facts.tsx';

interface ApprovalCodeProps {
  readonly approval: ApprovalView;
  readonly code: NonNullable<ApprovalView['code']>;
}

/** Without a webhook a supervisor says the code of their message; the last digit sends it. */
export function ApprovalCode({ approval, code }: ApprovalCodeProps) {
  const { t, error } = useWords();
  const [digits, setDigits] = useState('');
  const submit = useCall('approval.submitCode');
  const type = (text: string) => {
    const next = text.replace(/\D/g, '').slice(0, code.digits);
    setDigits(next);
    submit.clear();
    if (next.length === code.digits && next !== digits) void check(next);
  };
  const check = async (typed: string) => {
    await submit.run({ approvalId: approval.id, code: typed });
    setDigits('');
  };
  // Ready for the next try, also where the answer came with the view only.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is a new one
  useEffect(() => setDigits(''), [code.triesLeft]);
  return (
    <section className={`${layout.card} ${classes.code}`} aria-label={t('approvals.code.title')}>
      <div className={classes.entry}>
        <WaitingFacts approval={approval} />
        <h3>{submit.busy ? t('code.checking') : t('approvals.code.title')}</h3>
        <CodeField
          length={code.digits}
          digits={digits}
          checking={submit.busy}
          bad={submit.error !== null}
          onType={type}
        />
        <p className={classes.tries} data-last={code.triesLeft <= 1}>
          {t('code.tries', { triesLeft: code.triesLeft })}
        </p>
        {submit.error !== null && digits === '' && (
          <Notice tone="bad" urgent>
            {error(submit.error)}
          </Notice>
        )}
      </div>
      <div className={classes.keypad}>
        <Keypad
          disabled={submit.busy}
          onDigit={(digit) => type(digits + digit)}
          onBack={() => type(digits.slice(0, -1))}
          onClear={() => type('')}
        />
      </div>
    </section>
  );
}
