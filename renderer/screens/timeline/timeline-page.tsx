import { Button, Loader } from '@mantine/core';
import { IconChartBar, IconCloudOff, IconFilter, IconListSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { AuditFilter, TimelineEvent } from '../../../shared/audit/timeline.ts';
import { changed, isEmpty } from '../../audit/filter-set.ts';
import { useChips } from '../../audit/use-chips.ts';
import { useTimeline } from '../../audit/use-timeline.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { EventDetail } from './event-detail.tsx';
import { EventList } from './event-list.tsx';
import { FilterPanel } from './filter-panel.tsx';
import classes from './timeline.module.css';
import { ViewsMenu } from './views-menu.tsx';

interface TimelinePageProps {
  readonly filter: AuditFilter;
  onFilter(filter: AuditFilter): void;
  /** To the pictures of the list. */
  onPictures(): void;
}

/** The audit list of an open desk (`AuditDeskContext`), narrowed and followed as its reader likes. */
export function TimelinePage({ filter, onFilter, onPictures }: TimelinePageProps) {
  const { t, error } = useWords();
  const [chosen, setChosen] = useState<TimelineEvent | null>(null);
  const [filtering, setFiltering] = useState(false);
  const [isLive, setLive] = useState(true);
  const [customers, setCustomers] = useState<ReadonlyMap<string, string>>(new Map());
  const { list, load, older, lost } = useTimeline(filter, isLive);
  const events = list.state === 'shown' ? list.events : [];
  // What was chosen stays so for as long as it is in the list.
  const shown = events.find(({ id }) => id === chosen?.id) ?? events[0] ?? null;
  const customerName = (id: string) =>
    customers.get(id) ?? events.find(({ customerId }) => customerId === id)?.customerName ?? null;
  const narrow = (next: AuditFilter) => {
    if (shown?.customerId && shown.customerName !== null) remember(shown.customerId, shown.customerName);
    onFilter(next);
  };
  const remember = (id: string, name: string) => setCustomers((known) => new Map(known).set(id, name));

  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className={layout.title}>{t('timeline.title')}</h1>
        <input
          className={`${layout.control} ${classes.search}`}
          type="search"
          aria-label={t('timeline.search')}
          placeholder={t('timeline.searchHelp')}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={filter.q ?? ''}
          onChange={({ target }) => onFilter(changed(filter, { q: target.value }))}
        />
        <Live isLive={isLive} isLost={lost !== null} onChange={setLive} />
        <Button
          variant={filtering ? 'filled' : 'default'}
          aria-expanded={filtering}
          leftSection={<IconFilter size={18} aria-hidden />}
          onClick={() => setFiltering(!filtering)}
        >
          {t('timeline.filters')}
        </Button>
        <ViewsMenu filter={filter} onChoose={onFilter} />
        <Button variant="default" leftSection={<IconChartBar size={18} aria-hidden />} onClick={onPictures}>
          {t('timeline.pictures')}
        </Button>
      </div>
      <SetChips filter={filter} customerName={customerName} onFilter={onFilter} />
      <div className={classes.body} data-alone={!filtering && shown === null}>
        <div className={classes.main}>
          {list.state === 'loading' && (
            <div className={layout.empty} role="status">
              <Loader size={36} aria-hidden color="var(--brand)" />
              <strong>{t('timeline.loading')}</strong>
            </div>
          )}
          {list.state === 'failed' && (
            <div className={layout.empty} role="alert">
              <IconCloudOff size={44} stroke={1.5} aria-hidden />
              <strong>{t('timeline.notLoaded')}</strong>
              <p>{error(list.error)}</p>
              <Button size="lg" onClick={() => void load()}>
                {t('timeline.retry')}
              </Button>
            </div>
          )}
          {list.state === 'shown' && shown === null && (
            <div className={layout.empty} role="status">
              <IconListSearch size={44} stroke={1.5} aria-hidden />
              <strong>{isEmpty(filter) ? t('timeline.nothing') : t('timeline.none')}</strong>
              <p>{isEmpty(filter) ? t('timeline.nothingHelp') : t('timeline.noneHelp')}</p>
            </div>
          )}
          {list.state === 'shown' && shown !== null && (
            <EventList list={list} chosen={shown.id} onChoose={setChosen} onOlder={() => void older()} />
          )}
        </div>
        {filtering ? (
          <FilterPanel
            filter={filter}
            onFilter={onFilter}
            onCustomer={remember}
            onClose={() => setFiltering(false)}
          />
        ) : (
          shown !== null && <EventDetail event={shown} onFilter={narrow} />
        )}
      </div>
    </div>
  );
}

interface LiveProps {
  readonly isLive: boolean;
  readonly isLost: boolean;
  onChange(isLive: boolean): void;
}

function Live({ isLive, isLost, onChange }: LiveProps) {
  const { t } = useWords();
  const state = isLive ? (isLost ? 'lost' : 'live') : 'off';
  return (
    <>
      <Button
        variant="default"
        role="switch"
        aria-checked={isLive}
        title={t(`timeline.liveState.${state}`)}
        leftSection={<span className={classes.dot} data-state={state} />}
        onClick={() => onChange(!isLive)}
      >
        {t('timeline.live')}
      </Button>
      <span className={layout.hidden} role="status">
        {isLost && t('timeline.liveState.lost')}
      </span>
    </>
  );
}

interface SetChipsProps {
  readonly filter: AuditFilter;
  customerName(id: string): string | null;
  onFilter(filter: AuditFilter): void;
}

/** What is set, each with a way to take it off. */
function SetChips({ filter, customerName, onFilter }: SetChipsProps) {
  const { t } = useWords();
  const chips = useChips(filter, customerName);
  if (chips.length === 0) return null;
  return (
    <ul className={classes.set} aria-label={t('timeline.set')}>
      {chips.map(({ key, text, without }) => (
        <li key={key}>
          <button
            type="button"
            className={classes.chip}
            aria-label={t('timeline.remove', { what: text })}
            onClick={() => onFilter(without)}
          >
            {text}
            <IconX size={16} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <Button variant="subtle" onClick={() => onFilter({})}>
          {t('timeline.clear')}
        </Button>
      </li>
    </ul>
  );
}
