import type { AuditEvent } from '../../shared/audit/event.ts';
import type { Finding } from '../../shared/findings.ts';
import { SIGNAL_IDS, type SignalId } from '../../shared/signal-policy.ts';
import { createDayReader, type DayRecord } from './day.ts';
import type { Facts } from './facts.ts';
import { SIGNALS } from './signals.ts';
import { createWindow, type Window, windowOf } from './window.ts';

/**
 * Judges the windows that epoch day `day` lies in, as far as they have been recorded. `records`: of all stores that are
 * peers, from `BASELINE_DAYS` before the longest window. The same records make the same findings, in the same order.
 */
export function evaluateDay(day: number, facts: Facts, records: readonly DayRecord[]): Finding[] {
  const windows = new Map<number, Window>();
  return SIGNAL_IDS.flatMap((id) => {
    const { windowDays, judge } = SIGNALS[id];
    let window = windows.get(windowDays);
    if (window === undefined) {
      window = createWindow(windowOf(day, windowDays), facts, records);
      windows.set(windowDays, window);
    }
    return judge(window);
  });
}

/** One signal over a list of events in the order of their time: the window that the last of them lies in. */
export function evaluate(id: SignalId, events: readonly AuditEvent[], facts: Facts): Finding[] {
  const records = recordsOf(events, facts);
  const last = Math.max(...records.map(({ day }) => day));
  const { windowDays, judge } = SIGNALS[id];
  return judge(createWindow(windowOf(last, windowDays), facts, records));
}

/** All days of all stores that the events touch. */
export function recordsOf(events: readonly AuditEvent[], facts: Facts): DayRecord[] {
  const reader = createDayReader(facts);
  for (const event of events) reader.see(event);
  return reader.takeAll(Number.POSITIVE_INFINITY);
}

/** The same finding, however often and by whomever its window is judged. */
export function findingKey({ storeId, signal, person, window }: Finding): string {
  return `${storeId}/${signal}/${person.kind}:${person.id}/${window.from}`;
}
