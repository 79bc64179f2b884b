import type { AuditCharts } from '../../../shared/audit/charts.ts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import { filterOf } from '../../audit/chart-filter.ts';
import { useEventWords } from '../../audit/event-words.ts';
import layout from '../layout.module.css';
import { OpenNumber } from './open-number.tsx';
import classes from './pictures.module.css';
import { ScrollPart } from './scroll-part.tsx';

/** Shades of a cell, from none to the most. */
const SHADES = 5;

interface HeatTableProps {
  readonly charts: AuditCharts;
  onOpen(filter: AuditFilter): void;
}

/** Who did how much at which hour: a table whose cells are shaded by their numbers. Hours with nothing at all are left out. */
export function HeatTable({ charts: { from, to, cashiers }, onOpen }: HeatTableProps) {
  const { t, count } = useEventWords();
  const busy = cashiers[0]?.hours.map((_, hour) => hour) ?? [];
  const first = busy.find((hour) => cashiers.some(({ hours }) => (hours[hour] ?? 0) > 0)) ?? 0;
  const last = busy.findLast((hour) => cashiers.some(({ hours }) => (hours[hour] ?? 0) > 0)) ?? -1;
  const shown = busy.filter((hour) => hour >= first && hour <= last);
  const most = Math.max(1, ...cashiers.flatMap(({ hours }) => hours));
  const shadeOf = (value: number) => (value === 0 ? 0 : Math.max(1, Math.ceil((value / most) * SHADES)));
  const hourText = (hour: number) => String(hour).padStart(2, '0');
  if (shown.length === 0) return null;
  return (
    <figure className={`${layout.card} ${classes.picture}`}>
      <figcaption className={classes.name}>{t('pictures.heat')}</figcaption>
      <p className={layout.help}>{t('pictures.heatHelp')}</p>
      <ScrollPart whole label={t('pictures.heat')}>
        <table className={`${classes.table} ${classes.heat}`}>
          <thead>
            <tr>
              <th scope="col">{t('pictures.cashier')}</th>
              {shown.map((hour) => (
                <th key={hour} scope="col">
                  {hourText(hour)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cashiers.map(({ staffId, name, hours }) => {
              const who = name ?? t('pictures.unknown');
              return (
                <tr key={staffId}>
                  <th scope="row">{who}</th>
                  {shown.map((hour) => {
                    const value = hours[hour] ?? 0;
                    const text = count(value);
                    return (
                      <td key={hour} data-shade={shadeOf(value)}>
                        <OpenNumber
                          text={text}
                          label={t('pictures.open', {
                            ...{ number: text, what: t('pictures.measure.events') },
                            where: `${who}, ${hourText(hour)}:00`,
                          })}
                          filter={value === 0 ? null : filterOf('events', { from, to }, { hour, staffId })}
                          onOpen={onOpen}
                        />
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollPart>
    </figure>
  );
}
