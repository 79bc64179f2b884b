import type { DayRecord } from './day.ts';
import type { Facts, StoreFacts } from './facts.ts';

/** Fewer days say nothing about when a store is open. */
const DAYS_MIN = 14;
/** An hour belongs to the opening hours when sales fell into it on this part of the days. */
const USUAL_PART = 0.2;

/** Facts in which stores whose policy does not say when they are open have the hours of their sales on the days recorded. */
export function withLearntHours(facts: Facts, records: readonly DayRecord[]): Facts {
  const stores = [...facts.stores].map(([id, store]): [string, StoreFacts] => {
    if (store.hours.length > 0 && store.hoursLearnt !== true) return [id, store];
    const own = records.filter(
      ({ storeId, salesByHour }) => storeId === id && salesByHour.some((sales) => sales > 0),
    );
    const hours = usualHours(own);
    return [id, { ...store, hours, hoursLearnt: true }];
  });
  return { ...facts, stores: new Map(stores) };
}

function usualHours(records: readonly DayRecord[]): StoreFacts['hours'] {
  if (records.length < DAYS_MIN) return [];
  const usual = Array.from({ length: 24 }, (_, hour) => hour).filter(
    (hour) =>
      records.filter(({ salesByHour }) => (salesByHour[hour] ?? 0) > 0).length >= records.length * USUAL_PART,
  );
  return Array.from({ length: 7 }, (_, day) =>
    usual.map((hour) => ({ day, from: hour * 60, to: hour * 60 + 60 })),
  ).flat();
}
