import { useState } from 'react';
import {
  type AuditCharts,
  CHART_MESSAGES,
  CHART_VOTES,
  type ChartMeasure,
  REDEMPTION_ENDS,
  redemptionEndSchema,
} from '../../../shared/audit/charts.ts';
import type { AuditFilter } from '../../../shared/audit/timeline.ts';
import { filterOf } from '../../audit/chart-filter.ts';
import { durationText, useEventWords } from '../../audit/event-words.ts';
import { Choice } from '../../components/choice.tsx';
import layout from '../layout.module.css';
import { BarPicture, type Point } from './bar-picture.tsx';
import { CountsTable } from './counts-table.tsx';
import { HeatTable } from './heat-table.tsx';
import classes from './pictures.module.css';
import { SpeedTable } from './speed-table.tsx';

const SERIES = ['events', 'voids', 'discounts', 'openings'] as const satisfies readonly ChartMeasure[];

interface ChartListProps {
  readonly charts: AuditCharts;
  onOpen(filter: AuditFilter): void;
}

/** All pictures of a span. Each number is a way to its events. */
export function ChartList({ charts, onOpen }: ChartListProps) {
  const words = useEventWords();
  const { t, language } = words;
  const [measure, setMeasure] = useState<(typeof SERIES)[number]>('events');
  const time = words.timeOf(null);
  const { from, to } = charts;
  const span = { from, to };
  const what = t(`pictures.measure.${measure}`);

  const days: Point[] = charts.days.map((day) => ({
    ...{ name: time.day(day.from), value: day[measure], text: words.count(day[measure]) },
    filter: filterOf(measure, day),
  }));
  const hours: Point[] = charts.hours.map((counts, hour) => ({
    ...{
      name: `${String(hour).padStart(2, '0')}:00`,
      value: counts[measure],
      text: words.count(counts[measure]),
    },
    filter: filterOf(measure, span, { hour }),
  }));
  const ends: Point[] = redemptionEndSchema.options.map((end) => {
    const value = charts.redemptions[end] ?? 0;
    const filter = { ...span, kinds: [REDEMPTION_ENDS[end]] };
    return { name: t(`pictures.end.${end}`), value, text: words.count(value), filter };
  });
  const spent: Point[] = charts.days.map((day) => ({
    ...{ name: time.day(day.from), value: day.spent, text: words.money(day.spent) },
    filter: { from: day.from, to: day.to, kinds: [...CHART_MESSAGES] },
  }));
  const speeds: Point[] = charts.approvals.approvers.map(({ staffId, name, medianMs }) => ({
    ...{ name: name ?? t('pictures.unknown'), value: medianMs ?? 0 },
    text: medianMs === null ? '–' : durationText(medianMs, language),
    filter: { ...span, kinds: [CHART_VOTES], approverId: staffId },
  }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={classes.body} tabIndex={0} aria-label={t('pictures.title')}>
      <div className={classes.choose}>
        <p className={layout.help}>{t('pictures.openHelp')}</p>
        <Choice
          label={t('pictures.number')}
          value={measure}
          options={SERIES.map((value) => ({ value, text: t(`pictures.measure.${value}`) }))}
          onChange={(next) => setMeasure(next)}
        />
      </div>
      <div className={classes.parts}>
        <BarPicture
          title={t('pictures.byDay')}
          place={t('pictures.day')}
          what={what}
          points={days}
          onOpen={onOpen}
        />
        <BarPicture
          title={t('pictures.byHour')}
          place={t('pictures.hour')}
          what={what}
          points={hours}
          onOpen={onOpen}
        />
        <BarPicture
          title={t('pictures.redemptions')}
          place={t('pictures.outcome')}
          what={t('pictures.measure.redemptions')}
          points={ends}
          onOpen={onOpen}
        />
        <BarPicture
          title={t('pictures.messages')}
          place={t('pictures.day')}
          what={t('pictures.spent')}
          points={spent}
          axisText={words.money}
          onOpen={onOpen}
        />
      </div>
      <HeatTable charts={charts} onOpen={onOpen} />
      <div className={classes.parts} data-wide="true">
        <BarPicture
          title={t('pictures.approvals')}
          place={t('pictures.approver')}
          what={t('pictures.median')}
          points={speeds}
          axisText={(value) => durationText(value, language)}
          none={t('pictures.approvalsNone')}
          onOpen={onOpen}
        />
        <SpeedTable charts={charts} onOpen={onOpen} />
      </div>
      <CountsTable
        title={t('pictures.cashiers')}
        place={t('pictures.cashier')}
        span={span}
        rows={charts.cashiers.map(({ staffId, name, counts }) => ({
          ...{ key: staffId, name: name ?? t('pictures.unknown'), counts, place: { staffId } },
        }))}
        onOpen={onOpen}
      />
      <CountsTable
        title={t('pictures.tills')}
        place={t('pictures.till')}
        span={span}
        rows={[
          ...charts.tills.map(({ tillId, name, counts }) => ({
            key: tillId ?? 'none',
            name: tillId === null ? t('pictures.noTill') : (name ?? t('pictures.unknown')),
            counts,
            // No filter of the list asks for events of no till.
            place: tillId === null ? null : { tillId },
          })),
          { key: 'total', name: t('pictures.total'), counts: charts.total, place: {} },
        ]}
        onOpen={onOpen}
      />
    </section>
  );
}
