import { Button } from '@mantine/core';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import { digitsOf } from '../../amount/amount-input.ts';
import {
  ASK_FIELDS,
  type AskField,
  type AskKind,
  checkAsk,
  EMPTY_ASK,
  NOTE_MAX,
} from '../../approvals/ask-draft.ts';
import { typedPercent } from '../../approvals/percent-input.ts';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Keypad } from '../../components/keypad.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useSaksi, useView } from '../../state/hooks.ts';
import classes from './ask-form.module.css';
import { AmountField, PercentField } from './ask-measures.tsx';
import { AskReason } from './ask-reason.tsx';

/** How much and why; Enter sends, or goes to the first thing that is wrong. */
export function AskForm({ kind }: { readonly kind: AskKind }) {
  const { t, language } = useWords();
  const { status } = useView();
  const draft = useSaksi((state) => state.ask);
  const { setAsk, openPanel } = useActions();
  const start = useCall('approval.start');
  const [tried, setTried] = useState(false);
  const measured = { amount: kind.amount !== 'none', percent: kind.percent !== 'none' };
  const [typing, setTyping] = useState<'amount' | 'percent'>(
    measured.amount && kind.amount === 'required' ? 'amount' : measured.percent ? 'percent' : 'amount',
  );
  const fields = useRef<Partial<Record<AskField, HTMLInputElement | null>>>({});
  const fieldRef = (field: AskField) => (element: HTMLInputElement | null) => {
    fields.current[field] = element;
  };

  // The panel was open before: what this step begins with takes the focus.
  const first = measured.amount || measured.percent ? typing : 'reason';
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the kind was chosen
  useEffect(() => fields.current[first]?.focus(), []);

  const check = checkAsk(kind, draft);
  const problem = (field: AskField): string | null => {
    const found = check.ok || !tried ? undefined : check.problems[field];
    return found === undefined ? null : t(`ask.problem.${found}`);
  };
  const lineUp = status.gateway.state === 'online' || status.gateway.state === 'connecting';
  const change = (next: Parameters<typeof setAsk>[0]) => {
    setAsk(next);
    start.clear();
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!check.ok) {
      const wrong = ASK_FIELDS.find((field) => check.problems[field] !== undefined);
      if (wrong !== undefined) fields.current[wrong]?.focus();
      return;
    }
    if (!lineUp) return;
    const result = await start.run(check.input);
    if (!result?.ok) return;
    setAsk(EMPTY_ASK);
    openPanel('list', result.value.approvalId);
  };
  const press = (next: (text: string) => string) => {
    if (typing === 'amount') change({ digits: digitsOf(next(draft.digits)) });
    else change({ percent: typedPercent(next(draft.percent)) });
    fields.current[typing]?.focus();
  };

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <div className={classes.head}>
        <h2>{kind.name[language]}</h2>
        <Button
          variant="default"
          onClick={() => setAsk({ kind: null })}
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
        >
          {t('ask.otherKind')}
        </Button>
      </div>
      <div className={classes.columns} data-keypad={measured.amount || measured.percent}>
        <div className={classes.fields}>
          {(measured.amount || measured.percent) && (
            <div className={classes.pair}>
              {measured.amount && (
                <AmountField
                  optional={kind.amount === 'optional'}
                  digits={draft.digits}
                  problem={problem('amount')}
                  autoFocus={typing === 'amount'}
                  inputRef={fieldRef('amount')}
                  onFocus={() => setTyping('amount')}
                  onChange={(digits) => change({ digits })}
                />
              )}
              {measured.percent && (
                <PercentField
                  optional={kind.percent === 'optional'}
                  percent={draft.percent}
                  problem={problem('percent')}
                  autoFocus={typing === 'percent'}
                  inputRef={fieldRef('percent')}
                  onFocus={() => setTyping('percent')}
                  onChange={(percent) => change({ percent })}
                />
              )}
            </div>
          )}
          <AskReason
            kind={kind}
            draft={draft}
            problem={problem('reason')}
            fieldRef={fieldRef('reason')}
            onChange={change}
          />
          <div className={classes.pair}>
            <Field
              id="ask-sale"
              label={t('ask.sale')}
              value={draft.saleRef}
              maxLength={64}
              problem={problem('saleRef')}
              inputRef={fieldRef('saleRef')}
              onChange={(saleRef) => change({ saleRef })}
            />
            <Field
              id="ask-note"
              label={t('ask.note')}
              value={draft.note}
              maxLength={NOTE_MAX}
              inputRef={fieldRef('note')}
              onChange={(note) => change({ note })}
            />
          </div>
          <Trouble error={start.error} lineUp={lineUp} />
        </div>
        {(measured.amount || measured.percent) && (
          <div className={classes.keypad}>
            <Keypad
              onDigit={(digit) => press((text) => text + digit)}
              onBack={() => press((text) => text.slice(0, -1))}
              onClear={() => press(() => '')}
            />
          </div>
        )}
      </div>
      <Button
        type="submit"
        size="xl"
        className={classes.send ?? ''}
        disabled={!lineUp}
        loading={start.busy}
        rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
      >
        {t('ask.send')}
      </Button>
    </form>
  );
}

interface TroubleProps {
  readonly error: ReturnType<typeof useCall<'approval.start'>>['error'];
  readonly lineUp: boolean;
}

function Trouble({ error: refusal, lineUp }: TroubleProps) {
  const { t, error } = useWords();
  const { state } = useView().status.gateway;
  if (refusal !== null) {
    return (
      <Notice tone="bad" urgent>
        {error(refusal)}
      </Notice>
    );
  }
  if (lineUp) return null;
  return (
    <Notice tone={state === 'refused' ? 'bad' : 'wait'}>
      {state === 'refused' ? t('redeem.refused') : t('ask.offline')}
    </Notice>
  );
}
