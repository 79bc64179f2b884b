import type { AuditFilter, TimelineEvent } from '../../../shared/audit/timeline.ts';
import { useEventWords } from '../../audit/event-words.ts';
import { useAuditDesk } from '../../audit/reader.ts';
import layout from '../layout.module.css';
import classes from './timeline.module.css';

interface EventDetailProps {
  readonly event: TimelineEvent;
  onFilter(filter: AuditFilter): void;
}

/** One event: all that it says, the ways on from it, and its place in its chain. */
export function EventDetail({ event, onFilter }: EventDetailProps) {
  const words = useEventWords();
  const { t } = words;
  const { about } = useAuditDesk();
  const { staffId, approverId, customerId, saleRef, subjectId } = event;
  const unknown = t('timeline.unknownPerson');
  const facts = [
    ['at', words.timeOf(event.storeId).toTheSecond(event.at)],
    ['who', staffId === null ? null : (event.staffName ?? unknown)],
    ['approver', approverId === null ? null : (event.approverName ?? unknown)],
    ['customer', event.customerName],
    ['amount', words.amountText(event)],
    ['outcome', event.outcome === null ? null : t(`timeline.outcome.${event.outcome}`)],
    ['sale', saleRef],
    ['till', event.tillName],
    ['store', about.stores.length > 1 ? about.stores.find(({ id }) => id === event.storeId)?.name : null],
  ] as const;
  const ways: readonly (readonly [text: string, filter: AuditFilter | null])[] = [
    [t('timeline.all.subject'), subjectId && { subjectId }],
    [t('timeline.all.sale', { sale: saleRef ?? '' }), saleRef && { q: saleRef }],
    [t('timeline.all.staff', { name: event.staffName ?? unknown }), staffId && { staffId }],
    [t('timeline.all.approver', { name: event.approverName ?? unknown }), approverId && { approverId }],
    [t('timeline.all.customer', { name: event.customerName ?? '' }), customerId && { customerId }],
  ].map(([text, filter]) => [text, filter || null] as never);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={`${layout.card} ${classes.side}`} tabIndex={0} aria-label={t('timeline.detail')}>
      <h2 className={classes.sideTitle}>{words.title(event)}</h2>
      <dl className={classes.facts}>
        {facts.map(([name, value]) =>
          value === null || value === undefined || value === '' ? null : (
            <div key={name}>
              <dt>{t(`timeline.fact.${name}`)}</dt>
              <dd data-outcome={name === 'outcome' ? event.outcome : undefined}>{value}</dd>
            </div>
          ),
        )}
        {words.details(event).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={classes.ways}>
        {ways.map(([text, filter]) =>
          filter === null ? null : (
            <button key={text} type="button" className={classes.way} onClick={() => onFilter(filter)}>
              {text}
            </button>
          ),
        )}
      </div>
      <h3 className={classes.sideTitle}>{t('timeline.proof.title')}</h3>
      <p>{t(`timeline.proof.${event.source}`, { seq: words.count(event.seq) })}</p>
      <p className={layout.muted}>{t('timeline.proof.hash')}</p>
      <p className={classes.hash}>{event.hash}</p>
      <details className={classes.raw}>
        <summary>{t('timeline.proof.raw')}</summary>
        <pre>{JSON.stringify({ kind: event.kind, at: event.at, ...event.detail }, null, 2)}</pre>
      </details>
    </section>
  );
}
