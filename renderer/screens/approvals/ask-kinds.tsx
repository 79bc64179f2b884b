import {
  IconArrowBackUp,
  IconBan,
  IconCash,
  IconCashBanknoteMove,
  IconDiscount,
  IconPencilDollar,
  IconUserEdit,
  IconZoomQuestion,
} from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { type AskKind, EMPTY_ASK } from '../../approvals/ask-draft.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './ask-kinds.module.css';

const ICONS: Readonly<Record<string, typeof IconBan>> = {
  void: IconBan,
  refund: IconArrowBackUp,
  discount: IconDiscount,
  price_override: IconPencilDollar,
  no_sale: IconCash,
  cash_out: IconCashBanknoteMove,
  data_change: IconUserEdit,
};
/** Tiles in a row: what the arrow keys go by. */
const COLUMNS = 3;
const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: COLUMNS,
  ArrowUp: -COLUMNS,
};

/** What is asked for. One stop in the tab order; arrows move, Enter takes, a digit takes at once. */
export function AskKinds({ kinds }: { readonly kinds: readonly AskKind[] }) {
  const { t, language } = useWords();
  const { setAsk } = useActions();
  const before = useSaksi((state) => state.ask);
  const [at, setAt] = useState(0);
  const tiles = useRef<(HTMLButtonElement | null)[]>([]);
  // The sale and the note stay when only the kind was wrong.
  const take = ({ key }: AskKind) =>
    setAsk({ ...EMPTY_ASK, kind: key, note: before.note, saleRef: before.saleRef, digits: before.digits });
  const onKeyDown = (event: KeyboardEvent) => {
    const numbered = /^[1-9]$/.test(event.key) ? kinds[Number(event.key) - 1] : undefined;
    if (numbered !== undefined) {
      event.preventDefault();
      return take(numbered);
    }
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(kinds.length - 1, at + step));
    setAt(next);
    tiles.current[next]?.focus();
  };
  return (
    <div className={classes.step}>
      <p className={layout.help}>{t('ask.kindHelp')}</p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings form semantics that this is not */}
      <div className={classes.tiles} role="group" aria-label={t('ask.kind')} onKeyDown={onKeyDown}>
        {kinds.map((kind, index) => {
          const Icon = ICONS[kind.key] ?? IconZoomQuestion;
          return (
            <button
              key={kind.key}
              ref={(element) => {
                tiles.current[index] = element;
              }}
              type="button"
              className={classes.tile}
              tabIndex={index === at ? 0 : -1}
              // biome-ignore lint/a11y/noAutofocus: choosing is the first thing to do here
              autoFocus={index === at}
              data-autofocus={index === at ? true : undefined}
              onClick={() => take(kind)}
            >
              <Icon size={28} stroke={1.7} aria-hidden className={classes.icon} />
              <span className={classes.name}>{kind.name[language]}</span>
              {index < 9 && <KeyHint>{String(index + 1)}</KeyHint>}
            </button>
          );
        })}
      </div>
    </div>
  );
}
