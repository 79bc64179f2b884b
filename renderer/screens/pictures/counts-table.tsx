import { CHART_MEASURE_NAMES, type ChartCounts, type ChartsWish } from '../../../shared/audit/charts.ts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import { filterOf } from '../../audit/chart-filter.ts';
import { useEventWords } from '../../audit/event-words.ts';
import layout from '../layout.module.css';
import { OpenNumber } from './open-number.tsx';
import classes from './pictures.module.css';
import { ScrollPart } from './scroll-part.tsx';

interface CountsTableProps {
  readonly title: string;
  /** What a row is. */
  readonly place: string;
  readonly span: ChartsWish;
  readonly rows: readonly {
    readonly key: string;
    readonly name: string;
    readonly counts: ChartCounts;
    /** Null: its events cannot be asked for. */
    readonly place: Pick<AuditFilter, 'staffId' | 'tillId'> | null;
  }[];
  onOpen(filter: AuditFilter): void;
}

/** Every measure of each cashier or till. */
export function CountsTable({ title, place, span, rows, onOpen }: CountsTableProps) {
  const { t, count } = useEventWords();
  if (rows.length === 0) return null;
  return (
    <figure className={`${layout.card} ${classes.picture}`}>
      <figcaption className={classes.name}>{title}</figcaption>
      <ScrollPart whole label={title}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{place}</th>
              {CHART_MEASURE_NAMES.map((measure) => (
                <th key={measure} scope="col">
                  {t(`pictures.measure.${measure}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} data-total={row.key === 'total'}>
                <th scope="row">{row.name}</th>
                {CHART_MEASURE_NAMES.map((measure) => {
                  const [value, text] = [row.counts[measure], count(row.counts[measure])];
                  return (
                    <td key={measure} data-alarm={measure === 'unexplained' && value > 0}>
                      <OpenNumber
                        text={text}
                        label={t('pictures.open', {
                          ...{ number: text, what: t(`pictures.measure.${measure}`), where: row.name },
                        })}
                        filter={row.place === null || value === 0 ? null : filterOf(measure, span, row.place)}
                        onOpen={onOpen}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollPart>
    </figure>
  );
}
