import { expect, it } from 'vitest';
import { CHART_MEASURE_NAMES } from '../../shared/audit/charts.ts';
import { auditFilterSchema } from '../../shared/audit/timeline.ts';
import { filterOf } from './chart-filter.ts';

it('every number of the pictures is a filter that the list takes, of its own place', () => {
  const staffId = '0190a6e0-0000-7000-8000-000000000001';
  for (const measure of CHART_MEASURE_NAMES) {
    const filter = filterOf(measure, { from: 1, to: 2 }, { hour: 9, staffId });
    expect(auditFilterSchema.parse(filter)).toMatchObject({ from: 1, to: 2, hour: 9, staffId });
  }
  expect(filterOf('voids', { from: 1, to: 2 })).toEqual({
    from: 1,
    to: 2,
    kinds: ['approval.approved'],
    q: 'void',
  });
});
