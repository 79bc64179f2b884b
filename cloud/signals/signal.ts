import type { AuditEvent } from '../../shared/audit/event.ts';
import type { Finding, FindingPerson } from '../../shared/findings.ts';
import type { SignalId, SignalPolicy } from '../../shared/signal-policy.ts';
import type { Floor } from './floor.ts';
import type { Window } from './window.ts';

/** What a rate is taken over: how often a thing could have happened. `hours` are quarter hours with any work, times 0.25. */
export const EXPOSURES = [
  'sales',
  'hours',
  'shifts',
  'redemptions',
  'codes',
  'discounts',
  'asks',
  'decisions',
  'earned',
] as const;
export type Exposure = (typeof EXPOSURES)[number];

/** One time that what a signal looks for happened. */
export interface Occurrence {
  /** Epoch ms. */
  readonly at: number;
  readonly storeId: string;
  readonly tillId: string | null;
  /** Whom it counts for. */
  readonly personId: string;
  /** Epoch day and quarter of the day (0 night to 3 evening) in the store's time zone. */
  readonly day: number;
  readonly part: number;
  /** 1 unless the signal weighs. */
  readonly weight: number;
  /** What the signal tells occurrences of one person apart by: the approver of a pair, a customer, a till. */
  readonly key: string | null;
  /** Ids of the events behind it. */
  readonly ids: readonly number[];
}

/** Takes a store's events (a chain's, merged) in the order of their time. Holds state of bounded age. */
export interface Detector {
  see(event: AuditEvent): void;
  /** What waited for more events and has waited long enough; called with each event's time. */
  tick?(at: number): void;
  /** State of before `at` is not needed any more. */
  forget?(at: number): void;
}

export interface DetectorContext<Id extends SignalId = SignalId> {
  readonly floor: Floor;
  readonly thresholds: (storeId: string) => SignalPolicy[Id];
  /** Notes an occurrence at this event. Left out: no weight, no key, the event's own id. */
  emit(
    event: AuditEvent,
    personId: string | null,
    more?: Partial<Pick<Occurrence, 'weight' | 'key' | 'ids'>>,
  ): void;
}

/** A signal: what it looks for in the stream, and how the window's occurrences become findings. Pure and deterministic. */
export interface Signal<Id extends SignalId = SignalId> {
  readonly id: Id;
  readonly person: FindingPerson['kind'];
  readonly windowDays: number;
  /** Kinds of events that its detector takes. */
  readonly kinds: readonly string[];
  detect(context: DetectorContext<Id>): Detector;
  judge(window: Window): Finding[];
}
