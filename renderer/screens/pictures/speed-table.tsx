import { type AuditCharts, CHART_VOTES } from '../../../shared/audit/charts.ts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import { durationText, useEventWords } from '../../audit/event-words.ts';
import layout from '../layout.module.css';
import { OpenNumber } from './open-number.tsx';
import classes from './pictures.module.css';
import { ScrollPart } from './scroll-part.tsx';

interface SpeedTableProps {
  readonly charts: AuditCharts;
  onOpen(filter: AuditFilter): void;
}

/** How long each approver took, and all together. */
export function SpeedTable({ charts: { from, to, approvals }, onOpen }: SpeedTableProps) {
  const { t, language, count } = useEventWords();
  const rows = [
    ...approvals.approvers.map(({ staffId, name, ...speed }) => ({
      ...{ key: staffId, name: name ?? t('pictures.unknown'), speed, place: { approverId: staffId } },
    })),
    { key: 'total', name: t('pictures.everyone'), speed: approvals.total, place: {} },
  ];
  const took = (ms: number | null) => (ms === null ? '–' : durationText(ms, language));
  if (approvals.approvers.length === 0) return null;
  return (
    <figure className={`${layout.card} ${classes.picture}`}>
      <figcaption className={classes.name}>{t('pictures.approver')}</figcaption>
      <ScrollPart whole label={t('pictures.approver')}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('pictures.approver')}</th>
              {(['approved', 'rejected', 'median', 'p90'] as const).map((name) => (
                <th key={name} scope="col">
                  {t(`pictures.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, name, speed, place }) => (
              <tr key={key} data-total={key === 'total'}>
                <th scope="row">{name}</th>
                {(['approved', 'rejected'] as const).map((answer) => (
                  <td key={answer}>
                    <OpenNumber
                      text={count(speed[answer])}
                      label={t('pictures.open', {
                        ...{ number: count(speed[answer]), what: t(`pictures.${answer}`), where: name },
                      })}
                      filter={
                        speed[answer] === 0
                          ? null
                          : {
                              ...{ from, to, kinds: [CHART_VOTES], ...place },
                              outcomes: [answer === 'approved' ? 'ok' : 'refused'],
                            }
                      }
                      onOpen={onOpen}
                    />
                  </td>
                ))}
                <td>{took(speed.medianMs)}</td>
                <td>{took(speed.p90Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollPart>
    </figure>
  );
}
