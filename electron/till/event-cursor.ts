import type { Cancel, Clock } from '../../shared/effects.ts';
import type { SettingsRepository } from '../store/settings.ts';

/**
 * The last id is written this long after it came, so that no event costs a commit while a customer waits. What a crash
 * forgets is sent again, and taking an event twice changes nothing.
 */
const WRITE_AFTER_MS = 1_000;

/** How far this till has followed the gateway's events. */
export function createEventCursor(settings: SettingsRepository, clock: Clock) {
  let last = settings.lastEventId();
  let written = last;
  let cancel: Cancel | null = null;

  function flush(): void {
    cancel?.();
    cancel = null;
    if (last === null || last === written) return;
    settings.saveLastEventId(last);
    written = last;
  }

  return {
    last: () => last,
    /** Called when the event was dealt with. */
    passed(id: string | null): void {
      if (id === null) return;
      last = id;
      cancel ??= clock.schedule(WRITE_AFTER_MS, flush);
    },
    flush,
  };
}
