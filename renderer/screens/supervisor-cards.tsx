import { type KeyboardEvent, useRef, useState } from 'react';
import { KeyHint } from '../components/key-hint.tsx';
import { useWords } from '../i18n/use-words.ts';
import classes from './supervisor-cards.module.css';

interface Supervisor {
  readonly id: string;
  readonly name: string;
  readonly codesLeft: number;
}

interface CardsProps {
  readonly supervisors: readonly Supervisor[];
  /** Who is signed in: nobody uses a code of their own. */
  readonly self: string | undefined;
  readonly chosenId: string | null;
  onChoose(id: string): void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** One stop in the tab order; arrows move, Enter or Space chooses, and the digits 1 to 9 choose at once. */
export function SupervisorCards({ supervisors, self, chosenId, onChoose }: CardsProps) {
  const { t } = useWords();
  const usable = supervisors.filter((one) => one.id !== self && one.codesLeft > 0);
  const [at, setAt] = useState(0);
  const cards = useRef(new Map<string, HTMLButtonElement>());
  const onKeyDown = (event: KeyboardEvent) => {
    const named = /^[1-9]$/.test(event.key) ? usable[Number(event.key) - 1] : undefined;
    if (named !== undefined) {
      event.preventDefault();
      return onChoose(named.id);
    }
    const step = STEPS[event.key];
    if (step === undefined || usable.length === 0) return;
    event.preventDefault();
    const next = (at + step + usable.length) % usable.length;
    setAt(next);
    cards.current.get(usable[next]?.id ?? '')?.focus();
  };
  return (
    <div className={classes.cards} role="radiogroup" aria-label={t('sealed.title')} onKeyDown={onKeyDown}>
      {supervisors.map((one) => {
        const index = usable.indexOf(one);
        return (
          // biome-ignore lint/a11y/useSemanticElements: a card is a button that is one of a group
          <button
            key={one.id}
            ref={(card) => {
              if (card === null) cards.current.delete(one.id);
              else cards.current.set(one.id, card);
            }}
            type="button"
            role="radio"
            aria-checked={one.id === chosenId}
            aria-keyshortcuts={index >= 0 && index < 9 ? String(index + 1) : undefined}
            tabIndex={index === at ? 0 : -1}
            // biome-ignore lint/a11y/noAutofocus: choosing who says the code is the first thing to do here
            autoFocus={index === 0 && chosenId === null}
            disabled={index < 0}
            className={classes.card}
            onClick={() => {
              setAt(index);
              onChoose(one.id);
            }}
          >
            <span className={classes.who}>
              <span className={classes.name}>{one.name}</span>
              <span className={classes.left}>
                {one.id === self ? t('sealed.own') : t('sealed.codesLeft', { number: one.codesLeft })}
              </span>
            </span>
            {index >= 0 && index < 9 && <KeyHint>{String(index + 1)}</KeyHint>}
          </button>
        );
      })}
    </div>
  );
}
