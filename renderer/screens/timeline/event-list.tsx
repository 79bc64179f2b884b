import { Button, Loader } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import type { TimelineEvent } from '../../../shared/audit/timeline.ts';
import { useEventWords } from '../../audit/event-words.ts';
import type { TimelineList } from '../../audit/use-timeline.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import classes from './timeline.module.css';

/** Every row is as high: what is above the window is measured without drawing it. */
const ROW_PX = 60;
const OVERSCAN = 8;
/** Older ones are asked for when so few are left below. */
const AHEAD = 10;
const PAGE_ROWS = 8;

interface EventListProps {
  readonly list: Extract<TimelineList, { state: 'shown' }>;
  readonly chosen: number | null;
  onChoose(event: TimelineEvent): void;
  onOlder(): void;
}

/** Newest first, however many: only the rows in the window are drawn. Arrow keys move the choice. */
export function EventList({ list: { events, next, older }, chosen, onChoose, onOlder }: EventListProps) {
  const { t, error } = useWords();
  const words = useEventWords();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => events[index]?.id ?? index,
    overscan: OVERSCAN,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  const at = events.findIndex((event) => event.id === chosen);
  useStillRows(box, events);

  const wantsMore = next !== null && older === 'rest' && lastShown >= events.length - AHEAD;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each end that is reached
  useEffect(() => {
    if (wantsMore) onOlder();
  }, [wantsMore, events.length]);

  const choose = (index: number) => {
    const event = events[Math.max(0, Math.min(index, events.length - 1))];
    if (event === undefined) return;
    onChoose(event);
    rows.scrollToIndex(events.indexOf(event), { align: 'auto' });
  };
  const onKeyDown = (key: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE_ROWS, PageUp: at - PAGE_ROWS },
      ...{ Home: 0, End: events.length - 1 },
    };
    const step = steps[key.key];
    if (step === undefined || key.ctrlKey || key.metaKey || key.altKey) return;
    key.preventDefault();
    choose(step);
  };
  return (
    <div className={classes.list}>
      <p className={layout.hidden} role="status">
        {next === null
          ? t('timeline.count', { number: events.length })
          : t('timeline.countMore', { number: events.length })}
      </p>
      <div
        ref={box}
        className={classes.rows}
        role="listbox"
        tabIndex={0}
        aria-label={t('timeline.list')}
        aria-activedescendant={at === -1 ? undefined : `${id}-${chosen}`}
        onKeyDown={onKeyDown}
      >
        <div className={classes.all} style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, key, start }) => {
            const event = events[index];
            if (event === undefined) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the chosen row
              <div
                key={key}
                id={`${id}-${event.id}`}
                role="option"
                className={classes.row}
                style={{ transform: `translateY(${start}px)` }}
                aria-selected={event.id === chosen}
                aria-setsize={next === null ? events.length : -1}
                aria-posinset={index + 1}
                onClick={() => onChoose(event)}
              >
                <Row event={event} words={words} />
              </div>
            );
          })}
        </div>
      </div>
      {older === 'loading' && (
        <p className={classes.older} role="status">
          <Loader size={18} aria-hidden color="var(--brand)" />
          {t('timeline.older')}
        </p>
      )}
      {typeof older === 'object' && (
        <Notice tone="bad" urgent>
          {error(older)}{' '}
          <Button variant="default" onClick={onOlder}>
            {t('timeline.retry')}
          </Button>
        </Notice>
      )}
    </div>
  );
}

function Row({
  event,
  words,
}: {
  readonly event: TimelineEvent;
  readonly words: ReturnType<typeof useEventWords>;
}) {
  const time = words.timeOf(event.storeId);
  const amount = words.amountText(event);
  return (
    <>
      <span className={classes.time}>
        <span>{time.clock(event.at)}</span>
        <span className={layout.muted}>{time.day(event.at)}</span>
      </span>
      <span className={classes.what}>
        <strong>{words.title(event)}</strong>
        <span className={layout.muted}>
          {[words.people(event), event.customerName, event.saleRef, event.tillName]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className={classes.end}>
        {amount !== null && <span className={layout.amount}>{amount}</span>}
        {event.outcome !== null && event.outcome !== 'ok' && (
          <span className={classes.outcome} data-outcome={event.outcome}>
            {words.t(`timeline.outcome.${event.outcome}`)}
          </span>
        )}
      </span>
    </>
  );
}

/** Whoever reads further down keeps the rows that they see, whatever comes in above them. */
function useStillRows(
  box: { readonly current: HTMLDivElement | null },
  events: readonly TimelineEvent[],
): void {
  const first = useRef<number | null>(null);
  useLayoutEffect(() => {
    const before = first.current;
    first.current = events[0]?.id ?? null;
    const above = before === null ? 0 : events.findIndex(({ id }) => id === before);
    if (box.current !== null && above > 0 && box.current.scrollTop > 0)
      box.current.scrollTop += above * ROW_PX;
  }, [box, events]);
}
