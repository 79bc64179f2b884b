import type { Clock } from '../../shared/effects.ts';

/** Tells listeners that something changed, at most once per turn of the event loop. */
export function createChangeNotice(clock: Clock) {
  const listeners = new Set<() => void>();
  let cancel: (() => void) | null = null;
  return {
    changed(): void {
      cancel ??= clock.schedule(0, () => {
        cancel = null;
        for (const listener of [...listeners]) listener();
      });
    },
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop(): void {
      cancel?.();
      cancel = null;
    },
  };
}
export type ChangeNotice = ReturnType<typeof createChangeNotice>;
