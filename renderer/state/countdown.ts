/** Milliseconds left now of what was left when the view arrived; never below zero. Both times are monotonic. */
export function remainingMs(leftMs: number, receivedAtMs: number, nowMs: number): number {
  return Math.max(0, leftMs - Math.max(0, nowMs - receivedAtMs));
}

/** Whole seconds as people count down: 0 only when the time is over. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** 65 → '1:05' */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Seconds at which the time left is spoken. */
const SPOKEN_SECONDS: ReadonlySet<number> = new Set([60, 30, 10]);

export function isSpoken(seconds: number): boolean {
  return SPOKEN_SECONDS.has(seconds);
}
