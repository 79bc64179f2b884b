import type { AuditEvent } from '../../shared/audit/event.ts';
import type { SignalId } from '../../shared/signal-policy.ts';
import { judgeByPeers } from './judge.ts';
import type { DetectorContext, Exposure, Signal } from './signal.ts';

/** Four weeks: every weekday, and one payday, weighs the same in each window. */
export const WINDOW_DAYS = 28;

/** A signal that counts per cashier (or approver), and compares over four weeks with peers. */
export function peerSignal<Id extends SignalId>(spec: {
  readonly id: Id;
  readonly exposure: Exposure;
  readonly kinds: readonly string[];
  readonly person?: 'cashier' | 'approver';
  readonly detect: Signal<Id>['detect'];
}): Signal<Id> {
  const { id, exposure, kinds, person = 'cashier', detect } = spec;
  const by = { id, person, exposure };
  return { id, person, windowDays: WINDOW_DAYS, kinds, detect, judge: (window) => judgeByPeers(window, by) };
}

/** One whose events need nothing from before them. */
export function countSignal<Id extends SignalId>(spec: {
  readonly id: Id;
  readonly exposure: Exposure;
  readonly kinds: readonly string[];
  readonly when?: (event: AuditEvent) => boolean;
}): Signal<Id> {
  const { when = () => true } = spec;
  return peerSignal({
    ...spec,
    detect: ({ emit, floor }: DetectorContext<Id>) => ({
      see(event) {
        if (when(event)) emit(event, floor.staffOf(event));
      },
    }),
  });
}

export const approved = (action: string) => (event: AuditEvent) => event.detail.action === action;
