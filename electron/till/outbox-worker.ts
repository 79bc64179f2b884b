import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { OUTBOX_BATCH_MAX, type OutboxMessage, type OutboxResult } from '../../shared/offline.ts';
import { isLineError } from '../gateway-client/call.ts';
import { isDenial } from '../gateway-client/connection.ts';
import type { ItemOutcome } from '../store/outbox-journal.ts';
import type { OutboxItem } from '../store/outbox-row.ts';
import { type Core, linkOf } from './core.ts';
import { createDrainProgress } from './outbox-progress.ts';

/** Pause before the next batch while the gateway takes none: full jitter under base · 2^failures. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;
/** Least pause after a look that found nothing to send: whatever the disk says is due, the till's thread stays free. */
const NOTHING_FOUND_MS = 50;
/** Tries after which an item that fails alone says nothing of the gateway. */
const KNOWN_ATTEMPTS = 3;

/** A cancellation finds the money given back already: that is what was wanted. */
const GIVEN_BACK = ['released', 'expired', 'failed'];

/**
 * Tells the gateway what the outbox holds, a batch for each round trip, one batch at a time. Within a stream the order holds;
 * an item that is refused is kept for a person and holds up nothing; one that is put off holds up its stream alone. While
 * the gateway answers no batch at all, the breaker is open and only one batch a pause is tried. Where a batch as a whole is not
 * taken, half of it is tried next, so that an item that spoils its batch is found and stands alone.
 */
export function createOutboxWorker(core: Core) {
  const { clock, random } = core.effects;
  const { outbox, outboxJournal } = core.store;
  const progress = createDrainProgress(clock);
  let sending = false;
  /** Something came while a batch was on its way, or while its end was not noticed yet. */
  let asked = false;
  let stopped = false;
  let sizeMax = OUTBOX_BATCH_MAX;
  let failures = 0;
  /** The breaker: no batch before this moment of the monotonic clock. */
  let closedUntil = 0;
  /** What the gateway asked for, by the same clock: not even a person or a line that comes back shortens it. */
  let quietUntil = 0;
  let cancelTimer: Cancel = () => {};
  /** Leased, and the disk did not take what became of them. */
  let stranded: OutboxItem[] = [];

  function drain(): void {
    cancelTimer();
    asked = true;
    if (stopped || sending || core.link === null || core.link.connection.state() === 'refused') return;
    const pauseMs = Math.max(closedUntil, quietUntil) - clock.monotonic();
    if (pauseMs > 0) {
      if (outbox.counts().pending > 0) cancelTimer = clock.schedule(pauseMs, drain);
      return;
    }
    sending = true;
    asked = false;
    core.jobs.run('outbox', nextBatch);
  }

  async function nextBatch(): Promise<void> {
    let waitMs: number | null = 0;
    try {
      waitMs = await sendBatch();
    } catch (error) {
      // The disk did not take what became of the batch: it is sent again, and the gateway knows it by its keys.
      open();
      throw error;
    } finally {
      sending = false;
      if (waitMs === 0 || asked) drain();
      else if (waitMs !== null && !stopped) cancelTimer = clock.schedule(waitMs, drain);
    }
  }

  /** Milliseconds until there may be more to send; null: nothing waits. */
  async function sendBatch(): Promise<number | null> {
    if (stranded.length > 0) outboxJournal.release(stranded);
    stranded = [];
    const items = outboxJournal.take(sizeMax);
    if (items.length === 0) {
      progress.over();
      const nextMs = outbox.nextInMs();
      return nextMs === null ? null : Math.max(nextMs, NOTHING_FOUND_MS);
    }
    progress.sending(outbox.counts().pending);
    let outcomes: ItemOutcome[];
    try {
      outcomes = await deliver(items);
    } catch (error) {
      outcomes = undelivered(items, asSaksiError(error));
    }
    try {
      outboxJournal.answered(outcomes);
    } catch (error) {
      stranded = items;
      throw error;
    } finally {
      core.changed();
    }
    noteOutcomes(outcomes);
    return 0;
  }

  /** Throws when the batch as a whole was not answered. */
  async function deliver(items: OutboxItem[]): Promise<ItemOutcome[]> {
    const sent = items.map(({ id, stream, message }) => ({ id, stream, message: sendable(message) }));
    const { results } = await linkOf(core).client.outbox(sent);
    if (items.some(({ message }) => message.kind === 'capture')) core.step('capture_sent');
    const byId = new Map(results.map((result) => [result.id, result]));
    const outcomes = items.map((item) => outcomeOf(item, byId.get(item.id)));
    if (outcomes.some(({ outcome }) => outcome !== 'later')) recovered();
    else if (isGatewaysFault(outcomes)) open();
    return outcomes;
  }

  /** What is left out of the answer is sent again. */
  function outcomeOf(item: OutboxItem, result: OutboxResult | undefined): ItemOutcome {
    if (result === undefined) return { item, outcome: 'later', error: null, hold: false };
    if (result.outcome === 'later') {
      return { item, outcome: 'later', error: result.error, hold: result.error !== null };
    }
    if (result.outcome === 'done' || isWhatWasWanted(item, SaksiError.fromWire(result.error))) {
      return { item, outcome: 'done' };
    }
    return { item, outcome: 'refused', error: result.error };
  }

  function undelivered(items: OutboxItem[], error: SaksiError): ItemOutcome[] {
    core.log.warn({ code: error.code, items: items.length, failures }, 'outbox batch put off');
    if (error.code === 'too_many_requests') {
      // About how much this till sends, not about what: nothing is halved, and no item bears it.
      open();
      quietUntil = clock.monotonic() + Number(error.params.seconds ?? 0) * 1000;
      return items.map((item) => ({ item, outcome: 'later', error: null, hold: false }));
    }
    const spoilt = !isLineError(error) || error.code === 'gateway_timeout';
    const [only] = items;
    if (spoilt && items.length > 1) halve(items.length);
    // One that is known for it: its own pause is enough, and the others go on.
    else if (!spoilt || (only?.attempts ?? 0) < KNOWN_ATTEMPTS) open();
    if (isDenial(error)) {
      core.link?.connection.denied(error);
      return items.map((item) => ({ item, outcome: 'later', error: null, hold: false }));
    }
    if (!spoilt || items.length > 1 || only === undefined) {
      return items.map((item) => ({ item, outcome: 'later', error: null, hold: false }));
    }
    // It stands alone, so this is about it. A line that is slow is no fault of its own.
    if (isRefusal(error)) return [{ item: only, outcome: 'refused', error: error.toWire() }];
    const fault = isLineError(error) ? null : error.toWire();
    return [{ item: only, outcome: 'later', error: fault, hold: true }];
  }

  function noteOutcomes(outcomes: ItemOutcome[]): void {
    let settled = 0;
    for (const { item, ...result } of outcomes) {
      if (result.outcome !== 'later') settled += 1;
      if (result.outcome === 'done' && item.message.kind === 'capture') core.step('capture_confirmed');
      if (result.outcome === 'done' || (result.outcome === 'later' && result.error === null)) continue;
      const { id, redemptionId, message, attempts } = item;
      const details = { outboxId: id, redemptionId, kind: message.kind, code: result.error?.code, attempts };
      if (result.outcome === 'refused') core.log.error(details, 'gateway refused an outbox item');
      else core.log.warn(details, 'outbox item put off');
    }
    progress.sent(settled);
  }

  function open(): void {
    failures += 1;
    const pauseMs = random.jitter() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
    closedUntil = clock.monotonic() + pauseMs;
    progress.over();
  }

  /** The item that spoils its batch is found in a few quick tries. */
  function halve(size: number): void {
    failures = 0;
    open();
    sizeMax = Math.ceil(size / 2);
  }

  function recovered(): void {
    failures = 0;
    sizeMax = Math.min(OUTBOX_BATCH_MAX, sizeMax * 2);
  }

  return {
    drain,
    /** The line is up, or a person wants it: what was put off is due. */
    kick(): void {
      closedUntil = 0;
      outbox.hurry();
      drain();
    },
    /** While a backlog is being sent. */
    draining: progress.view,
    stop(): void {
      stopped = true;
      cancelTimer();
    },
  };
}
export type OutboxWorker = ReturnType<typeof createOutboxWorker>;

/** Not one moved: of more than one stream on its first try, or put off with no fault of its own. */
function isGatewaysFault(outcomes: readonly ItemOutcome[]): boolean {
  const streams = new Set(
    outcomes.filter(({ item }) => item.attempts < KNOWN_ATTEMPTS).map(({ item }) => item.stream),
  );
  return streams.size > 1 || outcomes.every((one) => one.outcome === 'later' && !one.hold);
}

function sendable(message: OutboxItem['message']): OutboxMessage {
  if (message.kind === 'stranded') throw new Error('a stranded redemption is never sent');
  return message;
}

/** A refusal that says that there is nothing left to do. */
function isWhatWasWanted({ message }: OutboxItem, { code, params }: SaksiError): boolean {
  if (message.kind === 'cancel') {
    return code === 'redemption_state' && GIVEN_BACK.includes(String(params.status));
  }
  // Decided, lapsed or unknown meanwhile: nobody is asked any more, and this till acts on no answer.
  return message.kind === 'approval_cancel' && (code === 'approval_state' || code === 'approval_unknown');
}

/** The gateway's last word, rather than on the line, this till or this moment. */
function isRefusal(error: SaksiError): boolean {
  return !error.retry && error.code !== 'gateway_bad_answer' && !isDenial(error);
}
