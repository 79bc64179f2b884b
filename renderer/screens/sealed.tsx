import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { RedemptionView } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';
import { SEALED_LENGTH } from '../../shared/offline.ts';
import { CodeKeypad } from '../components/keypad.tsx';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { pastedCode, typedCode } from '../sealed/sealed-input.ts';
import { clockText } from '../state/countdown.ts';
import { useActions, useCall, useSecondsLeft, useView } from '../state/hooks.ts';
import { CancelRedemption } from './cancel-redemption.tsx';
import layout from './layout.module.css';
import { RedemptionSummary } from './redemption-summary.tsx';
import classes from './sealed.module.css';
import { SealedField } from './sealed-field.tsx';
import { SupervisorCards } from './supervisor-cards.tsx';

/** Without a line: a supervisor says one of their codes for this till; the eighth character sends it. */
export function SealedScreen() {
  const { redemption } = useView();
  if (redemption === null || redemption.sealed === null) return null;
  return <SealedEntry redemption={redemption} sealed={redemption.sealed} />;
}

type Sealed = NonNullable<RedemptionView['sealed']>;
interface Props {
  readonly redemption: RedemptionView;
  readonly sealed: Sealed;
}

function SealedEntry({ redemption, sealed }: Props) {
  const { t } = useWords();
  const { session, status } = useView();
  const self = session?.staffId;
  const { id, stage } = redemption;
  const others = sealed.supervisors.filter((one) => one.id !== self && one.codesLeft > 0);
  const [chosenId, setChosenId] = useState(others.length === 1 ? (others[0]?.id ?? null) : null);
  const [code, setCode] = useState('');
  const [note, setNote] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const submit = useCall('redemption.submitSealed');
  const cancel = useCall('redemption.cancel');
  const lockedSeconds = useSecondsLeft(sealed.lockedForMs) ?? 0;
  const locked = lockedSeconds > 0;
  const checking = stage === 'checking' || stage === 'requesting' || submit.busy;
  const lineBack = status.gateway.state === 'online' && stage === 'awaiting_sealed';
  const chosen = sealed.supervisors.find((one) => one.id === chosenId) ?? null;

  const check = async (supervisorId: string, typed: string) => {
    const result = await submit.run({ redemptionId: id, supervisorId, code: typed });
    if (result?.ok === false) setCode('');
    field.current?.focus();
  };
  const take = (next: string, problem: string | null) => {
    if (checking || locked) return;
    setCode(next);
    setNote(problem);
    submit.clear();
    if (next.length === SEALED_LENGTH && next !== code && chosenId !== null) void check(chosenId, next);
  };
  const type = (text: string) => {
    const { code: next, odd } = typedCode(text);
    take(next, odd === null ? null : t('sealed.odd', { letter: odd }));
  };
  const paste = (text: string) => {
    const pasted = pastedCode(text);
    take(pasted ?? code, pasted === null ? t('sealed.pastedWrong') : null);
  };
  const choose = (supervisorId: string) => {
    setChosenId(supervisorId);
    submit.clear();
    requestAnimationFrame(() => field.current?.focus());
    // The code was typed first.
    if (code.length === SEALED_LENGTH && !checking && !locked) void check(supervisorId, code);
  };
  // Once the field is there to be typed in; again when a lock or a try has ended.
  useEffect(() => {
    if (chosenId !== null && !locked && !checking) field.current?.focus();
  }, [chosenId, locked, checking]);

  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <RedemptionSummary redemption={redemption} />
        <SealedWhy redemption={redemption} lineBack={lineBack} />
        {sealed.supervisors.length === 0 ? (
          <div className={`${layout.card} ${layout.grow}`}>
            <div className={layout.empty}>
              <h1>{t('sealed.nobody')}</h1>
              <p>{t('sealed.nobodyHelp')}</p>
            </div>
          </div>
        ) : (
          <div className={`${layout.card} ${layout.grow} ${classes.body}`}>
            <h1 className={layout.title}>{t('sealed.title')}</h1>
            <SupervisorCards
              supervisors={sealed.supervisors}
              self={self}
              chosenId={chosenId}
              onChoose={choose}
            />
            <SealedField
              fieldRef={field}
              label={chosen === null ? t('sealed.chooseFirst') : t('sealed.codeOf', { name: chosen.name })}
              code={code}
              disabled={locked}
              checking={checking}
              bad={submit.error !== null}
              onType={type}
              onPaste={paste}
            />
            <SealedNote
              redemption={redemption}
              sealed={sealed}
              lockedSeconds={lockedSeconds}
              checking={checking}
              note={note}
              error={code === '' ? (submit.error ?? cancel.error) : null}
              typing={code !== ''}
            />
          </div>
        )}
        {!lineBack && <SealedLimits redemption={redemption} sealed={sealed} />}
      </section>
      <section className={layout.right}>
        {redemption.startedBy === 'terminal' && <Notice tone="info">{t('summary.terminal')}</Notice>}
        <CodeKeypad
          disabled={locked || checking || sealed.supervisors.length === 0}
          onKey={(letter) => type(code + letter)}
          onBack={() => take(code.slice(0, -1), null)}
          onClear={() => take('', null)}
        />
        <CancelRedemption redemption={redemption} cancel={cancel} />
      </section>
    </div>
  );
}

/** Why a supervisor is asked and not the customer; and the way back once the line is there again. */
function SealedWhy({
  redemption,
  lineBack,
}: {
  readonly redemption: RedemptionView;
  readonly lineBack: boolean;
}) {
  const { t } = useWords();
  const { call } = useActions();
  const own = redemption.startedBy === 'cashier';
  if (!lineBack) return <Notice tone="wait">{t('sealed.why')}</Notice>;
  // What was prepared is kept: the amount is on the screen again, ready to be sent.
  const goOnline = async () => {
    const cancelled = await call('redemption.cancel', { redemptionId: redemption.id });
    if (cancelled.ok) await call('redemption.dismiss', { redemptionId: redemption.id });
  };
  return (
    <Notice tone="good" urgent>
      <div className={classes.back}>
        <p>{t('sealed.lineBack')}</p>
        {own && (
          <Button variant="default" onClick={() => void goOnline()}>
            {t('sealed.goOnline')}
          </Button>
        )}
      </div>
    </Notice>
  );
}

interface NoteProps extends Props {
  readonly lockedSeconds: number;
  readonly checking: boolean;
  readonly note: string | null;
  readonly error: WireError | null;
  readonly typing: boolean;
}

/** What matters most of: the lock, why the last try failed, what is wrong with what is typed, how it is typed. */
function SealedNote({ redemption, sealed, lockedSeconds, checking, note, error, typing }: NoteProps) {
  const { t, error: sentence } = useWords();
  const kept = typing ? null : (error ?? redemption.error);
  const content = () => {
    if (lockedSeconds > 0) {
      return <Notice tone="wait">{t('sealed.locked', { time: clockText(lockedSeconds) })}</Notice>;
    }
    if (checking) return <span className={layout.help}>{t('code.checking')}</span>;
    if (kept !== null) {
      return (
        <Notice tone="bad" urgent>
          {sentence(kept, redemption)}
        </Notice>
      );
    }
    return (
      <span className={classes.help} data-bad={note !== null} role="status">
        {note ?? t('sealed.help', { length: SEALED_LENGTH })}
        {note === null && ` · ${t('code.tries', { triesLeft: sealed.triesLeft })}`}
      </span>
    );
  };
  return (
    <div id="sealed-note" className={classes.note}>
      {content()}
    </div>
  );
}

/** What it is spent from, never without its age, and what the limits leave. */
function SealedLimits({ redemption, sealed }: Props) {
  const { t, amount, ago } = useWords();
  const { asset, currency } = redemption;
  const text = (value: number) => amount(value, asset, currency);
  return (
    <p className={layout.help}>
      {t('sealed.known', { amount: text(sealed.available), ago: ago(sealed.ageMs) })}.{' '}
      {t('sealed.left', { customer: text(sealed.left.customer), till: text(sealed.left.till) })}.
    </p>
  );
}
