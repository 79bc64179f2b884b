import type { AuditEvent } from '../../shared/audit/event.ts';

/** Forgets what was noted before `at`. */
export function forgetBefore<T>(notes: Map<string, T>, at: number, timeOf: (note: T) => number): void {
  for (const [key, note] of notes) if (timeOf(note) < at) notes.delete(key);
}

/** A sale of a store; null where the event names none. */
export function saleOf({ storeId, saleRef }: AuditEvent): string | null {
  return saleRef === null ? null : `${storeId}/${saleRef}`;
}

/**
 * The customer across outlets: by the keyed tag of their phone number where an event has one, for each store has customers of
 * its own.
 */
export function customerOf({ customerId, detail }: AuditEvent): string | null {
  return typeof detail.phoneTag === 'string' ? detail.phoneTag : customerId;
}

export function numberOf(event: AuditEvent, name: string): number | null {
  const value = event.detail[name];
  return typeof value === 'number' ? value : null;
}

export function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
