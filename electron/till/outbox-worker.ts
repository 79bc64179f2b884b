import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, type SaksiError } from '../../shared/errors.ts';
import { isLineError } from '../gateway-client/call.ts';
import { isDenial } from '../gateway-client/connection.ts';
import type { OutboxItem } from '../store/outbox.ts';
import { type Core, linkOf } from './core.ts';

/** Streams that are sent at the same time. */
const CONCURRENT_MAX = 4;
/** Pause before the next try of one item: full jitter under base · 2^failures. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;

/** A cancellation finds the money given back already: that is what was wanted. */
const GIVEN_BACK = ['released', 'expired', 'failed'];

/**
 * Tells the gateway what the outbox holds: in order within a stream, each item until it is taken or refused, at most
 * CONCURRENT_MAX streams at once. A refused item is kept for a person and holds up nothing.
 */
export function createOutboxWorker(core: Core) {
  const { clock, random } = core.effects;
  const inFlight = new Set<string>();
  /** Item id → how often it failed and the monotonic moment of its next try. */
  const waiting = new Map<string, { failures: number; dueAt: number }>();
  let cancelTimer: Cancel = () => {};
  let stopped = false;

  function drain(): void {
    cancelTimer();
    if (stopped || core.link === null || core.link.connection.state() === 'refused') return;
    const now = clock.monotonic();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const item of core.store.outbox.heads()) {
      if (inFlight.has(item.id) || inFlight.size >= CONCURRENT_MAX) continue;
      const dueAt = waiting.get(item.id)?.dueAt ?? now;
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt);
        continue;
      }
      inFlight.add(item.id);
      core.jobs.run('outbox', () => deliver(item));
    }
    if (nextAt !== Number.POSITIVE_INFINITY) cancelTimer = clock.schedule(nextAt - now, drain);
  }

  async function deliver(item: OutboxItem): Promise<void> {
    try {
      await send(item);
      core.store.journal.settled(item.id, item.redemptionId);
      waiting.delete(item.id);
      if (item.message.kind === 'capture') core.step('capture_confirmed');
    } catch (error) {
      failed(item, asSaksiError(error));
    } finally {
      inFlight.delete(item.id);
      core.changed();
      drain();
    }
  }

  async function send({ id, message }: OutboxItem): Promise<void> {
    const { client } = linkOf(core);
    if (message.kind === 'capture') {
      await client.capture(message.gatewayId, id, message.request);
      core.step('capture_sent');
    } else if (message.kind === 'cancel') {
      try {
        await client.cancel(message.gatewayId, id, message.request);
      } catch (error) {
        const { code, params } = asSaksiError(error);
        if (code !== 'redemption_state' || !GIVEN_BACK.includes(String(params.status))) throw error;
      }
    } else if (message.kind === 'approval_cancel') {
      await giveUpApproval(message.gatewayId, id);
    }
  }

  /** Decided, lapsed or unknown meanwhile: nobody is asked any more, and this till acts on no answer. */
  async function giveUpApproval(gatewayId: string, key: string): Promise<void> {
    try {
      await linkOf(core).client.cancelApproval(gatewayId, key);
    } catch (error) {
      const { code, params } = asSaksiError(error);
      if (code !== 'approval_state' && code !== 'approval_unknown') throw error;
      core.log.info({ gatewayId, code, params }, 'approval was over before it was cancelled');
    }
  }

  function failed(item: OutboxItem, error: SaksiError): void {
    const { id, redemptionId, message } = item;
    const details = { outboxId: id, redemptionId, kind: message.kind, code: error.code };
    if (isRefusal(error)) {
      core.log.error(details, 'gateway refused an outbox item');
      core.store.journal.settlementRefused(id, redemptionId, error.toWire());
      waiting.delete(id);
      return;
    }
    const failures = (waiting.get(id)?.failures ?? 0) + 1;
    const pauseMs = random.jitter() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
    waiting.set(id, { failures, dueAt: clock.monotonic() + pauseMs });
    core.log.warn({ ...details, failures }, 'outbox item put off');
    // A line that is down is no fault of the item.
    if (!isLineError(error)) core.store.outbox.countTry(id, error.toWire());
    if (isDenial(error)) core.link?.connection.denied(error);
  }

  return {
    drain,
    /** The line is up: what was put off is due. */
    kick(): void {
      const now = clock.monotonic();
      for (const entry of waiting.values()) entry.dueAt = now;
      drain();
    },
    stop(): void {
      stopped = true;
      cancelTimer();
    },
  };
}
export type OutboxWorker = ReturnType<typeof createOutboxWorker>;

/** The gateway's last word on this item, rather than on the line, this till or this moment. */
function isRefusal(error: SaksiError): boolean {
  return !error.retry && error.code !== 'gateway_bad_answer' && !isDenial(error);
}
