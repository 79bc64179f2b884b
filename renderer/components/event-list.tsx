import type { TimelineEvent } from '../../shared/audit/timeline.ts';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import { useView } from '../state/hooks.ts';
import classes from './event-list.module.css';

/** What a kind of event is called here; one that is not known goes by its name. */
export function useKindName() {
  const { t } = useWords();
  return (kind: string): string => t(`timeline.kind.${kind}` as never, { defaultValue: kind }) as string;
}

/** Events of the audit list, one row each. */
export function EventList({
  events,
  label,
}: {
  readonly events: readonly TimelineEvent[];
  readonly label: string;
}) {
  const { t, moment, amount } = useWords();
  const nameOf = useKindName();
  const { till } = useView();
  return (
    <ul className={classes.rows} aria-label={label}>
      {events.map((event) => {
        const facts = [
          [t('eventList.till'), event.tillName],
          [t('eventList.by'), event.staffName],
          [t('eventList.allowed'), event.approverName],
          [t('eventList.sale'), event.saleRef],
        ].filter(([, value]) => value !== null);
        return (
          <li key={event.id} className={classes.row}>
            <time className={classes.time}>{moment(event.at)}</time>
            <span className={classes.what}>
              <strong>{nameOf(event.kind)}</strong>
              <span className={layout.muted}>
                {facts.map(([name, value]) => `${name}: ${value}`).join(' · ')}
              </span>
            </span>
            <span className={classes.end}>
              {event.amount !== null && (
                <span>
                  {amount(
                    event.amount,
                    event.asset === 'points' ? 'points' : 'deposit',
                    till?.currency ?? 'IDR',
                  )}
                </span>
              )}
              {event.outcome !== null && event.outcome !== 'ok' && (
                <span className={classes.outcome}>{t(`eventList.outcome.${event.outcome}`)}</span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
