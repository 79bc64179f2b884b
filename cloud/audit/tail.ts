/** Live tails of the audit list (server-sent events): what is new, as it is linked, narrowed as its reader asked. */
import { AUDIT_TAIL_EVENT, type AuditFilter } from '../../shared/audit/timeline.ts';
import type { Cancel } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Unlisten } from '../db/engine.ts';
import type { Sink } from '../events/streams.ts';
import type { ManagerScope } from './access.ts';
import { AUDIT_CHANNEL, type AuditContext } from './context.ts';
import type { Timeline } from './timeline.ts';

/** A word of what is new may be lost with a connection; a dead line is to be noticed. */
const LOOK_EVERY_MS = 5_000;
const TAILS_MAX = 200;
/** A reader's proof is good for about as long; the list itself tells when it is over. */
const OPEN_MAX_MS = 30 * 60_000;

export interface AuditTails {
  start(): Promise<void>;
  /** @param after the last event seen; null: from now. @throws SaksiError not_ready when there are too many */
  open(
    scope: ManagerScope,
    filter: AuditFilter,
    after: number | null,
    sink: Sink,
  ): Promise<{ close(): void }>;
  stop(): Promise<void>;
}

interface Tail {
  readonly scope: ManagerScope;
  readonly filter: AuditFilter;
  readonly sink: Sink;
  readonly endsAt: number;
  cursor: number;
  busy: boolean;
  again: boolean;
}

export function createAuditTails(
  { engine, effects: { clock } }: AuditContext,
  timeline: Timeline,
  onError: (error: unknown) => void,
): AuditTails {
  const tails = new Set<Tail>();
  let unlisten: Unlisten = async () => {};
  let cancel: Cancel = () => {};
  let stopped = false;

  function close(tail: Tail): void {
    if (tails.delete(tail)) tail.sink.end();
  }

  function look(tail: Tail): void {
    if (tail.busy) {
      tail.again = true;
      return;
    }
    tail.busy = true;
    pump(tail)
      .catch((error: unknown) => {
        onError(error);
        close(tail);
      })
      .finally(() => {
        tail.busy = false;
        if (tail.again && tails.has(tail)) look(tail);
      });
  }

  async function pump(tail: Tail): Promise<void> {
    do {
      tail.again = false;
      for (;;) {
        // Read first: what is linked while this looks has a higher number, and wakes it again.
        const newest = await timeline.newestId();
        const events = newest > tail.cursor ? await timeline.since(tail.scope, tail.filter, tail.cursor) : [];
        if (!tails.has(tail)) return;
        for (const event of events) {
          const more = tail.sink.write(
            `id: ${event.id}\nevent: ${AUDIT_TAIL_EVENT}\ndata: ${JSON.stringify(event)}\n\n`,
          );
          tail.cursor = event.id;
          if (!more) await new Promise<void>((resolve) => tail.sink.drained(resolve));
        }
        if (events.length === 0) {
          tail.cursor = Math.max(tail.cursor, newest);
          break;
        }
      }
    } while (tail.again);
  }

  function everySoOften(): void {
    if (stopped) return;
    for (const tail of tails) {
      if (tail.endsAt <= clock.monotonic()) close(tail);
      else {
        tail.sink.write(':\n\n');
        look(tail);
      }
    }
    cancel = clock.schedule(LOOK_EVERY_MS, everySoOften);
  }

  return {
    async start() {
      unlisten = await engine.listen(AUDIT_CHANNEL, () => {
        for (const tail of tails) look(tail);
      });
      cancel = clock.schedule(LOOK_EVERY_MS, everySoOften);
    },
    async open(scope, filter, after, sink) {
      if (stopped || tails.size >= TAILS_MAX) throw new SaksiError('not_ready');
      // What the filter refuses is refused before the stream begins.
      await timeline.since(scope, filter, Number.MAX_SAFE_INTEGER);
      const cursor = after ?? (await timeline.newestId());
      const tail = {
        scope,
        filter,
        sink,
        cursor,
        endsAt: clock.monotonic() + OPEN_MAX_MS,
        busy: false,
        again: false,
      };
      tails.add(tail);
      sink.write(':\n\n');
      look(tail);
      return { close: () => close(tail) };
    },
    async stop() {
      stopped = true;
      cancel();
      for (const tail of tails) close(tail);
      await unlisten();
    },
  };
}
