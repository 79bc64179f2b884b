import { CHART_MEASURES, type ChartMeasure, type ChartsWish } from '../../shared/audit/charts.ts';
import type { AuditFilter } from '../../shared/audit/timeline.ts';

/** The filter whose events a number of the pictures counts. `place`: the day, hour, person or till that it is of. */
export function filterOf(
  measure: ChartMeasure,
  { from, to }: ChartsWish,
  place: Pick<AuditFilter, 'hour' | 'staffId' | 'tillId'> = {},
): AuditFilter {
  const { kinds, ...rest }: { kinds?: readonly string[]; q?: string } = CHART_MEASURES[measure];
  return { from, to, ...rest, ...(kinds === undefined ? {} : { kinds: [...kinds] }), ...place };
}
