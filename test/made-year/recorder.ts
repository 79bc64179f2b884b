import type { AuditEvent } from '../../shared/audit/event.ts';
import type { Outlet, Till } from './chain.ts';

export type Told = Partial<
  Pick<
    AuditEvent,
    | 'staffId'
    | 'approverId'
    | 'customerId'
    | 'saleRef'
    | 'subjectId'
    | 'asset'
    | 'amount'
    | 'outcome'
    | 'detail'
  >
>;

/** Numbered when the day is over, in the order of time. */
type Draft = { -readonly [Key in keyof AuditEvent]: AuditEvent[Key] };

export interface Entry {
  readonly event: Draft;
  readonly counter: { next: number };
  fraud: number | null;
}

const NOTHING: AuditEvent['detail'] = {};

/** Collects a day's events; those that a fraud made are marked with its number. */
export function createRecorder() {
  let drafts: Entry[] = [];
  let fraud: number | null = null;
  let nextId = 1;

  function add(
    source: AuditEvent['source'],
    outlet: Outlet,
    till: Till | null,
    at: number,
    kind: string,
    told: Told,
  ): Entry {
    const event: Draft = {
      id: 0,
      storeId: outlet.id,
      tillId: till?.id ?? null,
      source,
      seq: 0,
      at: Math.round(at),
      kind,
      staffId: told.staffId ?? null,
      approverId: told.approverId ?? null,
      customerId: told.customerId ?? null,
      saleRef: told.saleRef ?? null,
      subjectId: told.subjectId ?? null,
      asset: told.asset ?? null,
      amount: told.amount ?? null,
      outcome: told.outcome ?? 'ok',
      detail: told.detail ?? NOTHING,
    };
    const counter = source === 'till' && till !== null ? till.seq : outlet.seq;
    const entry = { event, counter, fraud };
    drafts.push(entry);
    return entry;
  }

  return {
    till: (outlet: Outlet, till: Till, at: number, kind: string, told: Told = {}) =>
      add('till', outlet, till, at, kind, told),
    gateway: (outlet: Outlet, till: Till | null, at: number, kind: string, told: Told = {}) =>
      add('gateway', outlet, till, at, kind, told),

    /** Runs `act`; what it records is of fraud `number`. */
    plant(number: number, act: () => void): void {
      fraud = number;
      act();
      fraud = null;
    },

    /** Something that was recorded is the work of the fraud in hand. */
    claim(entry: Entry): void {
      entry.fraud = fraud;
    },

    /** The events of before `until`, in the order of time and numbered; `planted` gets the fraud of each that a fraud made. */
    take(until: number, planted: Map<number, number>): AuditEvent[] {
      const ready = drafts.filter(({ event }) => event.at < until);
      drafts = drafts.filter(({ event }) => event.at >= until);
      ready.sort((a, b) => a.event.at - b.event.at);
      return ready.map(({ event, counter, fraud: of }) => {
        event.id = nextId;
        event.seq = counter.next;
        nextId += 1;
        counter.next += 1;
        if (of !== null) planted.set(event.id, of);
        return event;
      });
    },
  };
}
export type Recorder = ReturnType<typeof createRecorder>;
