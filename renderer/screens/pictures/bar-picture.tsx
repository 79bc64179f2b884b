import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import { useEventWords } from '../../audit/event-words.ts';
import layout from '../layout.module.css';
import { OpenNumber } from './open-number.tsx';
import classes from './pictures.module.css';
import { ScrollPart } from './scroll-part.tsx';

/** Before the page was measured. */
const FIRST_SIZE = { width: 480, height: 190 };
const AXIS = { stroke: 'var(--line-strong)', tick: { fill: 'var(--muted)', fontSize: 13 } } as const;

/** A bar, and the events that it counts. */
export interface Point {
  readonly name: string;
  readonly value: number;
  /** The value as it is read. */
  readonly text: string;
  readonly filter: AuditFilter;
}

interface BarPictureProps {
  readonly title: string;
  /** What a point is, and what its value is. */
  readonly place: string;
  readonly what: string;
  readonly points: readonly Point[];
  /** What stands where there is no point at all. */
  readonly none?: string;
  axisText?(value: number): string;
  onOpen(filter: AuditFilter): void;
}

/** Bars for the eye and the mouse; the same numbers below as a table, for the keyboard, a reader and paper. */
export function BarPicture({ title, place, what, points, none, axisText, onOpen }: BarPictureProps) {
  const { t, count } = useEventWords();
  const choose = (index: number) => {
    const point = points[index];
    if (point !== undefined && point.value > 0) onOpen(point.filter);
  };
  return (
    <figure className={`${layout.card} ${classes.picture}`}>
      <figcaption className={classes.name}>{title}</figcaption>
      {points.length === 0 && <p className={layout.muted}>{none}</p>}
      {points.length > 0 && (
        <>
          <div className={classes.bars} aria-hidden="true" data-picture={title}>
            <ResponsiveContainer width="100%" height="100%" initialDimension={FIRST_SIZE}>
              <BarChart
                data={points as Point[]}
                accessibilityLayer={false}
                margin={{ top: 6, right: 4, bottom: 0, left: 0 }}
              >
                <CartesianGrid vertical={false} stroke="var(--line)" />
                <XAxis dataKey="name" {...AXIS} minTickGap={16} tickLine={false} />
                <YAxis
                  {...AXIS}
                  width="auto"
                  allowDecimals={false}
                  tickLine={false}
                  tickFormatter={axisText ?? count}
                />
                <Tooltip
                  cursor={{ fill: 'var(--sunken)' }}
                  isAnimationActive={false}
                  content={({ label, payload }) => (
                    <div className={classes.tip}>
                      <strong>{label}</strong> {(payload[0]?.payload as Point | undefined)?.text}
                    </div>
                  )}
                />
                {/* The whole column takes the click, also where its bar is low. */}
                <Bar
                  dataKey="value"
                  fill="var(--brand)"
                  radius={[3, 3, 0, 0]}
                  isAnimationActive={false}
                  background={{ fill: 'transparent' }}
                  onClick={(_bar, index) => choose(index)}
                />
              </BarChart>
            </ResponsiveContainer>
          </div>
          <details className={classes.numbers}>
            <summary>
              {t('pictures.numbers')}
              <span className={layout.hidden}>: {title}</span>
            </summary>
            <ScrollPart label={title}>
              <table className={classes.table}>
                <thead>
                  <tr>
                    <th scope="col">{place}</th>
                    <th scope="col">{what}</th>
                  </tr>
                </thead>
                <tbody>
                  {points.map(({ name, value, text, filter }) => (
                    <tr key={`${name} ${filter.from}`}>
                      <th scope="row">{name}</th>
                      <td>
                        <OpenNumber
                          text={text}
                          label={t('pictures.open', { number: text, what, where: name })}
                          filter={value > 0 ? filter : null}
                          onOpen={onOpen}
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollPart>
          </details>
        </>
      )}
    </figure>
  );
}
