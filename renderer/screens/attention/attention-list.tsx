import { type KeyboardEvent, useRef } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useView } from '../../state/hooks.ts';
import classes from './attention.module.css';

interface ListProps {
  readonly items: readonly OutboxItemView[];
  readonly chosenId: string;
  onChoose(id: string): void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** One stop in the tab order; arrows move, and the one they are at is shown beside the list. */
export function AttentionList({ items, chosenId, onChoose }: ListProps) {
  const { t } = useWords();
  const rows = useRef(new Map<string, HTMLButtonElement>());
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = items.findIndex(({ id }) => id === chosenId);
    const next = items[(at + step + items.length) % items.length];
    if (next === undefined) return;
    onChoose(next.id);
    rows.current.get(next.id)?.focus();
  };
  return (
    <div className={classes.list} role="listbox" aria-label={t('attention.list')} onKeyDown={onKeyDown}>
      {items.map((item, index) => (
        <Row
          key={item.id}
          item={item}
          chosen={item.id === chosenId}
          autoFocus={index === 0}
          rowRef={(row) => {
            if (row === null) rows.current.delete(item.id);
            else rows.current.set(item.id, row);
          }}
          onChoose={() => onChoose(item.id)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  readonly item: OutboxItemView;
  readonly chosen: boolean;
  readonly autoFocus: boolean;
  rowRef(row: HTMLButtonElement | null): void;
  onChoose(): void;
}

function Row({ item, chosen, autoFocus, rowRef, onChoose }: RowProps) {
  const { t, amount, moment } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  return (
    <button
      ref={rowRef}
      type="button"
      role="option"
      aria-selected={chosen}
      tabIndex={chosen ? 0 : -1}
      // biome-ignore lint/a11y/noAutofocus: the list is what this page is for
      autoFocus={autoFocus}
      className={classes.row}
      onClick={onChoose}
    >
      <span className={classes.who}>
        <span className={classes.state} data-state={item.state}>
          {t(`attention.state.${item.state}`)}
        </span>
        <span className={classes.name}>{item.customerName ?? t(`attention.kind.${item.kind}`)}</span>
        <span className={classes.sale}>{[item.saleRef, moment(item.at)].filter(Boolean).join('  ·  ')}</span>
      </span>
      {item.amount !== null && (
        <span className={classes.amount}>{amount(item.amount, item.asset ?? 'deposit', currency)}</span>
      )}
    </button>
  );
}
