import { type AskDraft, type AskKind, inOwnWords, REASON_MAX } from '../../approvals/ask-draft.ts';
import { Chips } from '../../components/chips.tsx';
import { Field } from '../../components/field.tsx';
import { useWords } from '../../i18n/use-words.ts';
import classes from './ask-reason.module.css';

/** Stands for 'in other words' among the reasons: no reason's key may be this. */
const OWN_WORDS = '';

interface AskReasonProps {
  readonly kind: AskKind;
  readonly draft: AskDraft;
  readonly problem: string | null;
  /** What takes the focus when the reason is wrong. */
  readonly fieldRef: (element: HTMLInputElement | null) => void;
  onChange(change: Partial<AskDraft>): void;
}

/** One of the kind's reasons, or the cashier's own words. */
export function AskReason({ kind, draft, problem, fieldRef, onChange }: AskReasonProps) {
  const { t, language } = useWords();
  const own = inOwnWords(kind, draft);
  const chips = [
    ...kind.reasons.map(({ key, name }) => ({ value: key, text: name[language] })),
    ...(kind.freeReason ? [{ value: OWN_WORDS, text: t('ask.ownWords') }] : []),
  ];
  const chosen = own ? [OWN_WORDS] : draft.reasonKey === null ? [] : [draft.reasonKey];
  return (
    <div className={classes.reason}>
      {kind.reasons.length > 0 && (
        <>
          <span className={classes.label} aria-hidden="true">
            {t('ask.reason')}
          </span>
          <Chips
            label={t('ask.reason')}
            chips={chips}
            values={chosen}
            invalid={problem !== null && !own}
            describedBy={problem !== null && !own ? 'ask-reason-note' : undefined}
            firstRef={own ? undefined : fieldRef}
            onChange={([value = OWN_WORDS]) =>
              onChange(
                value === OWN_WORDS
                  ? { ownWords: true, reasonKey: null }
                  : { ownWords: false, reasonKey: value },
              )
            }
          />
        </>
      )}
      {own ? (
        <Field
          id="ask-words"
          label={t('ask.words')}
          value={draft.reasonText}
          maxLength={REASON_MAX}
          problem={problem}
          inputRef={fieldRef}
          onChange={(reasonText) => onChange({ reasonText })}
        />
      ) : (
        problem !== null && (
          <p id="ask-reason-note" className={classes.problem}>
            {problem}
          </p>
        )
      )}
    </div>
  );
}
