import type { AuditEvent } from '../../shared/audit/event.ts';
import { createLocalTime, type LocalTime, type ZoneTime } from '../../shared/local-time.ts';
import type { Facts, StoreFacts } from './facts.ts';
import { getOrMake } from './memory.ts';

/** Who works where: what an event does not say itself is said by those before it. */
export interface Floor {
  see(event: AuditEvent): void;
  store(storeId: string): StoreFacts | undefined;
  localOf(event: AuditEvent): LocalTime;
  zoneOf(storeId: string): ZoneTime;
  /** Who did it: as the event says, as the thing it is of was asked for, or who is signed in at its till. */
  staffOf(event: AuditEvent): string | null;
  /** Tills of the store that were heard of. */
  tillsOf(storeId: string): ReadonlySet<string>;
  /** Things not heard of since `at` are forgotten. */
  forget(at: number): void;
}

export function createFloor(known: () => Facts): Floor {
  const zones = new Map<string, ZoneTime>();
  const seats = new Map<string, string>();
  const subjects = new Map<string, { staffId: string; at: number }>();
  const tills = new Map<string, Set<string>>();
  const none: ReadonlySet<string> = new Set();
  let localEvent: AuditEvent | null = null;
  let local: LocalTime = { day: 0, weekday: 4, minute: 0, part: 0 };

  function zoneOf(storeId: string): ZoneTime {
    let zone = zones.get(storeId);
    if (zone === undefined) {
      zone = createLocalTime(known().stores.get(storeId)?.timezone ?? 'UTC');
      zones.set(storeId, zone);
    }
    return zone;
  }

  return {
    zoneOf,
    store: (storeId) => known().stores.get(storeId),
    see(event) {
      const { kind, tillId, staffId, storeId, subjectId } = event;
      if (tillId !== null && storeId !== null) {
        const known = getOrMake(tills, storeId, () => new Set<string>());
        known.add(tillId);
        if (kind === 'session.signed_out') seats.delete(tillId);
        // A wrong PIN names whose it was tried for, who need not be there.
        else if (staffId !== null && event.source === 'till' && kind !== 'session.pin_wrong') {
          seats.set(tillId, staffId);
        }
      }
      if (subjectId !== null && staffId !== null && kind.endsWith('.requested')) {
        subjects.set(subjectId, { staffId, at: event.at });
      }
    },
    localOf(event) {
      if (event !== localEvent) {
        localEvent = event;
        local = zoneOf(event.storeId ?? '').of(event.at);
      }
      return local;
    },
    staffOf({ staffId, subjectId, tillId }) {
      const asked = subjectId === null ? undefined : subjects.get(subjectId)?.staffId;
      return staffId ?? asked ?? (tillId === null ? null : (seats.get(tillId) ?? null));
    },
    tillsOf: (storeId) => tills.get(storeId) ?? none,
    forget(at) {
      for (const [id, subject] of subjects) if (subject.at < at) subjects.delete(id);
    },
  };
}
