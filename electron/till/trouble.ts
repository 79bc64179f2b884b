import type { Trouble } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/effects.ts';
import type { SaksiError, WireError } from '../../shared/errors.ts';

export type TroubleKind = Trouble['kind'];

/** Notices: what was done already, and waits only for somebody to read it. */
const NOTICES: readonly TroubleKind[] = ['recovered', 'clock_back'];

/**
 * What is the matter with this till's own disk or clock, worst first. While something stops money, nothing is redeemed,
 * approved or handed to a device: no money moves on doubt.
 */
export function createTroubles(clock: Pick<Clock, 'now'>, changed: () => void) {
  const list = new Map<TroubleKind, Trouble>();

  return {
    /** `stopsMoney` left out: everything but a notice does. Raised again with the same error it keeps its time. */
    raise(kind: TroubleKind, error: SaksiError, stopsMoney = !NOTICES.includes(kind)): void {
      const before = list.get(kind);
      const wire = error.toWire();
      if (before !== undefined && before.stopsMoney === stopsMoney && sameError(before.error, wire)) return;
      list.set(kind, { kind, error: wire, stopsMoney, since: before?.since ?? clock.now() });
      changed();
    },

    clear(kind: TroubleKind): void {
      if (list.delete(kind)) changed();
    },

    has: (kind: TroubleKind): boolean => list.has(kind),
    error: (kind: TroubleKind): WireError | null => list.get(kind)?.error ?? null,

    /** The error to refuse with, or null while money may move. */
    stopsMoney: (): WireError | null =>
      [...list.values()].find((trouble) => trouble.stopsMoney)?.error ?? null,

    view: (): Trouble[] =>
      [...list.values()].sort((one, other) => Number(other.stopsMoney) - Number(one.stopsMoney)),
  };
}
export type Troubles = ReturnType<typeof createTroubles>;

function sameError(one: WireError, other: WireError): boolean {
  return one.code === other.code && JSON.stringify(one.params) === JSON.stringify(other.params);
}
