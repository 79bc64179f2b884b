import type { AuditFilter } from '../../shared/audit/timeline.ts';

/** A filter with some of it changed; what is undefined or empty is left out. */
export function changed(
  filter: AuditFilter,
  change: { [K in keyof AuditFilter]?: AuditFilter[K] | undefined },
): AuditFilter {
  return Object.fromEntries(
    Object.entries({ ...filter, ...change }).filter(
      ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

export const isEmpty = (filter: AuditFilter): boolean => Object.keys(changed(filter, {})).length === 0;
