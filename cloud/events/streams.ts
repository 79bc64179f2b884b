/**
 * The event streams of the tills connected to this process (WHATWG HTML, section 9.2). A stream reads its till's
 * kept events in order from where the till left off; being woken only says that it may be worth looking, so a
 * wake-up too many or too few neither repeats nor loses an event. Whoever wakes it may hand it the event.
 */
import type { Cancel, Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { EVENT_PING_MS } from '../../shared/gateway-api.ts';
import type { Engine, Unlisten } from '../db/engine.ts';
import type { AuthenticatedTill } from '../tills/service.ts';
import type { KeptEvent, TillEvents } from './append.ts';
import { formatEvent, formatPing } from './format.ts';

/** A second early, so that with the way there a ping comes at least every `EVENT_PING_MS`. */
const TICK_MS = EVENT_PING_MS - 1000;
/** A comment on every quiet stream, so that a till knows within a second or two that its line is dead. */
const BEAT_MS = 1000;
const BEAT = ':\n\n';
const EVENTS_PER_READ = 100;
/** A till that takes nothing for this long is cut; it comes back and goes on where it was. */
const DRAIN_MS = 5000;
const STREAMS_MAX = 20_000;
/** A till that reconnects may not have noticed that its old connection is gone. */
const STREAMS_PER_TILL_MAX = 2;

/** Where a stream's text goes: an HTTP response. */
export interface Sink {
  /** @returns whether more may follow at once; if not, wait for `drained` */
  write(text: string): boolean;
  drained(onDrained: () => void): void;
  end(): void;
}

export interface Streams {
  start(): Promise<void>;
  /** @param lastEventId null: from now. @throws SaksiError not_ready when there are too many streams */
  open(till: AuthenticatedTill, lastEventId: number | null, sink: Sink): Promise<{ close(): void }>;
  readonly size: number;
  /** Ends all streams; the tills connect again, to another process or later. */
  stop(): Promise<void>;
}

interface Stream {
  readonly till: AuthenticatedTill;
  readonly sink: Sink;
  cursor: number;
  pumping: boolean;
  /** Woken while it was pumping. */
  again: boolean;
  /** Took no more when a ping or a beat was offered. */
  stuck: boolean;
  open: boolean;
}

export interface StreamsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly events: TillEvents;
  /** Messages waiting to be sent, by store. */
  readonly waitingByStore: () => Promise<ReadonlyMap<string, number>>;
  /** The newest wallet change of each of these stores. */
  readonly walletCursors: (storeIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly onError: (error: unknown) => void;
}

export function createStreams(options: StreamsOptions): Streams {
  const { engine, clock, events, waitingByStore, walletCursors, onError } = options;
  const db = engine.kysely;
  const byTill = new Map<string, Set<Stream>>();
  let size = 0;
  let unsubscribe: Unlisten | null = null;
  let tick: Cancel | null = null;
  let beat: Cancel | null = null;
  let stopped = false;

  async function start(): Promise<void> {
    unsubscribe = await events.subscribe((tillIds, kept) => {
      for (const tillId of tillIds) {
        const event = kept?.tillId === tillId ? kept : null;
        for (const stream of byTill.get(tillId) ?? []) wake(stream, event);
      }
    });
    scheduleTick();
    scheduleBeat();
  }

  function scheduleBeat(): void {
    if (stopped) return;
    beat = clock.schedule(BEAT_MS, () => {
      for (const streams of byTill.values()) {
        for (const stream of streams) if (!stream.pumping) offer(stream, BEAT);
      }
      scheduleBeat();
    });
  }

  function scheduleTick(): void {
    if (stopped) return;
    tick = clock.schedule(TICK_MS, () => {
      onTick().catch(onError).finally(scheduleTick);
    });
  }

  async function open(till: AuthenticatedTill, lastEventId: number | null, sink: Sink) {
    if (stopped || size >= STREAMS_MAX) throw new SaksiError('not_ready');
    const { event_seq: newest } = await db
      .selectFrom('tills')
      .select('event_seq')
      .where('id', '=', till.tillId)
      .executeTakeFirstOrThrow();
    // An id beyond the newest is of a database that was put back to an earlier state: from now, then.
    const cursor = lastEventId === null ? newest : Math.min(lastEventId, newest);
    const waiting = (await waitingByStore()).get(till.storeId) ?? 0;
    const walletCursor = (await walletCursors([till.storeId])).get(till.storeId) ?? 0;
    const stream: Stream = { till, sink, cursor, pumping: false, again: false, stuck: false, open: true };
    const streams = byTill.get(till.tillId) ?? new Set();
    byTill.set(till.tillId, streams);
    streams.add(stream);
    size += 1;
    for (const oldest of [...streams].slice(0, -STREAMS_PER_TILL_MAX)) close(oldest);
    sink.write(formatPing(clock.now(), waiting, walletCursor));
    wake(stream);
    return { close: () => close(stream) };
  }

  function close(stream: Stream): void {
    if (!stream.open) return;
    stream.open = false;
    size -= 1;
    const streams = byTill.get(stream.till.tillId);
    streams?.delete(stream);
    if (streams?.size === 0) byTill.delete(stream.till.tillId);
    stream.sink.end();
  }

  /** @param kept an event of this till that the caller has in hand */
  function wake(stream: Stream, kept: KeptEvent | null = null): void {
    if (stream.pumping) {
      stream.again = true;
      return;
    }
    pump(stream, kept).catch((error: unknown) => {
      onError(error);
      close(stream);
    });
  }

  /** The event in hand is written without reading when it is exactly the next one; any other is found by reading. */
  async function pump(stream: Stream, kept: KeptEvent | null): Promise<void> {
    stream.pumping = true;
    try {
      const isNext = kept?.seq === stream.cursor + 1;
      stream.again = !isNext;
      if (isNext) await write(stream, kept);
      while (stream.again && stream.open) {
        stream.again = false;
        if ((await writeNext(stream)) === EVENTS_PER_READ) stream.again = true;
      }
    } finally {
      stream.pumping = false;
    }
  }

  /** Writes the next few events. @returns how many */
  async function writeNext(stream: Stream): Promise<number> {
    const rows = await db
      .selectFrom('till_events')
      .select(['seq', 'data', 'created_at'])
      .where('till_id', '=', stream.till.tillId)
      .where('seq', '>', stream.cursor)
      .orderBy('seq')
      .limit(EVENTS_PER_READ)
      .execute();
    for (const row of rows) {
      if (!stream.open) return 0;
      await write(stream, { seq: row.seq, event: row.data, keptAt: row.created_at });
    }
    return rows.length;
  }

  /** Resolves when more may follow. */
  async function write(
    stream: Stream,
    { seq, event, keptAt }: Pick<KeptEvent, 'seq' | 'event' | 'keptAt'>,
  ): Promise<void> {
    const ready = stream.sink.write(formatEvent(seq, event, clock.now() - keptAt));
    stream.cursor = seq;
    if (event.type === 'till.revoked') close(stream);
    else if (!ready && !(await drained(stream))) close(stream);
  }

  /** @returns false when the other side took nothing in time */
  function drained(stream: Stream): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.schedule(DRAIN_MS, () => resolve(false));
      stream.sink.drained(() => {
        cancel();
        resolve(true);
      });
    });
  }

  /** Pings, looks for events that nobody told of, and cuts the streams of keys that no longer hold. */
  async function onTick(): Promise<void> {
    if (size === 0) return;
    const storeIds = new Set(
      [...byTill.values()].flatMap((streams) => [...streams].map(({ till }) => till.storeId)),
    );
    const [rows, waiting, cursors] = await Promise.all([
      db
        .selectFrom('tills')
        .select(['id', 'event_seq', 'key_hash', 'revoked_at'])
        .where('id', 'in', [...byTill.keys()])
        .execute(),
      waitingByStore(),
      walletCursors([...storeIds]),
    ]);
    for (const row of rows) {
      for (const stream of byTill.get(row.id) ?? []) {
        if (row.event_seq > stream.cursor) wake(stream);
        else if (row.revoked_at !== null || row.key_hash !== stream.till.keyHash) close(stream);
        const { storeId } = stream.till;
        if (stream.open && !stream.pumping) {
          ping(stream, waiting.get(storeId) ?? 0, cursors.get(storeId) ?? 0);
        }
      }
    }
  }

  function ping(stream: Stream, waiting: number, walletCursor: number): void {
    offer(stream, formatPing(clock.now(), waiting, walletCursor));
  }

  /** What can be left out: a reader that is stuck is waited for once, and then cut. */
  function offer(stream: Stream, text: string): void {
    if (stream.stuck || stream.sink.write(text)) return;
    stream.stuck = true;
    drained(stream)
      .then((taken) => {
        stream.stuck = false;
        if (!taken) close(stream);
      })
      .catch(onError);
  }

  async function stop(): Promise<void> {
    stopped = true;
    tick?.();
    beat?.();
    for (const streams of [...byTill.values()]) for (const stream of [...streams]) close(stream);
    await unsubscribe?.();
  }

  return {
    start,
    open,
    stop,
    get size() {
      return size;
    },
  };
}
