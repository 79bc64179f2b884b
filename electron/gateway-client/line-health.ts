import type { Clock } from '../../shared/effects.ts';
import type { SaksiError } from '../../shared/errors.ts';
import { EVENT_PING_MS } from '../../shared/gateway-api.ts';

/** How soon the state of the line is known: a change shows within `silenceMs + probeLimitMs`, under 3 s. */
export const LINE = {
  /** Without one byte of the stream for this long the line is in doubt. */
  silenceMs: 1_200,
  /** A probe that takes longer has failed. */
  probeLimitMs: 1_500,
  /** Between probes while anything is in doubt. */
  probeEveryMs: 900,
  /** A call that is on the line for this long puts the line in doubt. */
  doubtMs: 1_000,
  /** The median of the last few above this: slow. */
  slowMs: 2_000,
  /** Outcomes that are looked at. */
  recent: 3,
  /** Two pings missed, though probes get through: the stream only just holds. */
  streamMuteMs: 2.2 * EVENT_PING_MS,
  /** A till whose clock is further off than this is not served. */
  skewMaxMs: 5 * 60_000,
  /** A ping that disagrees with the gateway's clock by more than this has it measured again. */
  pingAstrayMs: 10_000,
} as const;

export interface Outcome {
  ms: number;
  /** Null: it got through. */
  error: SaksiError | null;
}

/** The last few calls and probes, of whatever endpoint: slow or failing some is a strained line. */
export function createLineHealth() {
  let recent: Outcome[] = [];
  return {
    note(outcome: Outcome): void {
      recent = [...recent, outcome].slice(-LINE.recent);
    },
    strained(): boolean {
      if (recent.some(({ error }) => error !== null)) return true;
      const sorted = recent.map(({ ms }) => ms).sort((one, other) => one - other);
      return (sorted[Math.floor(sorted.length / 2)] ?? 0) > LINE.slowMs;
    },
    error: (): SaksiError | null => recent.findLast(({ error }) => error !== null)?.error ?? null,
    clear(): void {
      recent = [];
    },
  };
}

/** What calls tell the connection while they are on the line. */
export interface CallWatch {
  /** A try of a call left. The answer is called once with how it ended. */
  sent(): (error: SaksiError | null) => void;
  /** A call ended, after all its tries. */
  ended(endpoint: string, error: SaksiError | null): void;
  /** Throws `gateway_unreachable` at once while this endpoint is known to be dead. */
  admit(endpoint: string): void;
}

/** Calls of one endpoint in a row that got no answer before it is left alone for a while. */
export const BREAKER = { failures: 3, baseMs: 1_000, maxMs: 15_000 } as const;

/**
 * A breaker per endpoint: a dead one costs a single try per pause, not a time limit for each caller. The pause doubles
 * with each failed try and is jittered between half and all of it.
 */
export function createBreakers(clock: Pick<Clock, 'monotonic'>, jitter: () => number) {
  const endpoints = new Map<string, { failures: number; closedUntil: number; trying: boolean }>();
  const isOpen = ({ failures }: { failures: number }) => failures >= BREAKER.failures;
  return {
    /** Whether a call may leave; after the pause one at a time may. */
    admits(endpoint: string): boolean {
      const entry = endpoints.get(endpoint);
      if (entry === undefined || !isOpen(entry)) return true;
      if (entry.trying || clock.monotonic() < entry.closedUntil) return false;
      entry.trying = true;
      return true;
    },
    note(endpoint: string, ok: boolean): void {
      if (ok) {
        endpoints.delete(endpoint);
        return;
      }
      const failures = (endpoints.get(endpoint)?.failures ?? 0) + 1;
      const limit = Math.min(BREAKER.maxMs, BREAKER.baseMs * 2 ** Math.max(0, failures - BREAKER.failures));
      const closedUntil = clock.monotonic() + limit * (0.5 + jitter() / 2);
      endpoints.set(endpoint, { failures, closedUntil, trying: false });
    },
    anyOpen: (): boolean => [...endpoints.values()].some(isOpen),
    reset: (): void => endpoints.clear(),
  };
}
