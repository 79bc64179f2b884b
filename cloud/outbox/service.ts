import type { Kysely } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { OutboxBatch, OutboxResult } from '../../shared/offline.ts';
import type { ApprovalService } from '../approvals/service.ts';
import type { CashShiftService } from '../cash-shift/service.ts';
import { isDatabaseAway } from '../db/away.ts';
import type { Database } from '../db/schema.ts';
import type { DrawerAlerts } from '../drawer/alert.ts';
import type { OfflineService } from '../offline/service.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { RedemptionService } from '../redemptions/service.ts';
import type { ShiftService } from '../shift/service.ts';
import { keepHandover } from './handovers.ts';
import { plainCaptures, plainOffline } from './plain-items.ts';

/** Streams of one batch that are worked on at the same time: one till does not take all of the pool. */
const STREAMS_AT_ONCE = 4;
/** No new item is begun after this; the till sends the rest again, long before it gives the answer up. */
const BUDGET_MS = 6_000;

export interface OutboxParts {
  readonly db: Kysely<Database>;
  readonly effects: Effects;
  readonly redemptions: Pick<RedemptionService, 'capture' | 'captureMany' | 'cancel'>;
  readonly approvals: Pick<ApprovalService, 'cancel'>;
  readonly offline: Pick<OfflineService, 'applyOffline' | 'applyOfflineMany'>;
  readonly drawer: DrawerAlerts;
  readonly shift: Pick<ShiftService, 'keep'>;
  readonly cashShifts: Pick<CashShiftService, 'keep'>;
  /** What no till can mend: the error itself, where the till only hears `internal`. */
  readonly onError: (error: unknown) => void;
}

type Item = OutboxBatch['items'][number];

/** Takes over what a till's outbox holds. */
export interface OutboxService {
  /**
   * Each item as its single call would be: in order within a stream, streams without regard to each other. A refusal of one
   * undoes no other. Throws nothing that concerns one item.
   */
  apply(till: TillIdentity, items: readonly Item[]): Promise<OutboxResult[]>;
}

export function createOutboxService(parts: OutboxParts): OutboxService {
  const { effects, onError } = parts;

  async function apply(till: TillIdentity, items: readonly Item[]): Promise<OutboxResult[]> {
    const until = effects.clock.monotonic() + BUDGET_MS;
    const results = new Map<Item, OutboxResult>();
    const done = new Set([...(await captureAtOnce(till, items)), ...(await bookAtOnce(till, items, until))]);
    for (const item of items) if (done.has(item.id)) results.set(item, { id: item.id, outcome: 'done' });
    const streams = [...byStream(items.filter((item) => !results.has(item))).values()];
    const lanes = Array.from({ length: STREAMS_AT_ONCE }, async () => {
      for (let stream = streams.shift(); stream !== undefined; stream = streams.shift()) {
        for (const [item, result] of await applyStream(till, stream, until)) results.set(item, result);
      }
    });
    await Promise.all(lanes);
    return items.map((item) => results.get(item) ?? { id: item.id, outcome: 'later', error: null });
  }

  /** Most of a backlog is what nothing speaks against: captures go in one transaction, all of them. */
  async function captureAtOnce(till: TillIdentity, items: readonly Item[]): Promise<Set<string>> {
    const plain = plainCaptures(items);
    if (plain.length < 2) return new Set();
    try {
      return await parts.redemptions.captureMany(till, plain);
    } catch (error) {
      // A race for one of them, say: nothing was written, and one by one each gets its own answer.
      onError(error);
      return new Set();
    }
  }

  /** What was spent without a line, in few transactions. Keys of those that are booked. */
  async function bookAtOnce(till: TillIdentity, items: readonly Item[], until: number): Promise<string[]> {
    const plain = plainOffline(items);
    if (plain.length < 2) return [];
    try {
      const booked = await parts.offline.applyOfflineMany(
        till,
        plain.map(({ redemption }) => redemption),
        () => effects.clock.monotonic() < until,
      );
      return plain.flatMap(({ id, redemption }) => (booked.has(redemption.id) ? [id] : []));
    } catch (error) {
      // One by one each gets its own answer; what is booked by now answers as it would the second time.
      if (!isDatabaseAway(error)) onError(error);
      return [];
    }
  }

  async function applyStream(
    till: TillIdentity,
    stream: readonly Item[],
    until: number,
  ): Promise<[Item, OutboxResult][]> {
    const results: [Item, OutboxResult][] = [];
    let blocked = false;
    for (const item of stream) {
      blocked ||= effects.clock.monotonic() > until;
      const result: OutboxResult = blocked
        ? { id: item.id, outcome: 'later', error: null }
        : await applyOne(till, item);
      blocked = result.outcome === 'later';
      results.push([item, result]);
    }
    return results;
  }

  async function applyOne(till: TillIdentity, item: Item): Promise<OutboxResult> {
    const { id } = item;
    try {
      await send(till, item);
      return { id, outcome: 'done' };
    } catch (error) {
      const cause = isDatabaseAway(error)
        ? new SaksiError('not_ready', { cause: error })
        : asSaksiError(error);
      if (cause.code === 'internal') onError(error);
      return { id, outcome: cause.retry ? 'later' : 'refused', error: cause.toWire() };
    }
  }

  async function send(till: TillIdentity, { id, message }: Item): Promise<void> {
    switch (message.kind) {
      case 'capture':
        await parts.redemptions.capture(till, message.gatewayId, id, message.request);
        return;
      case 'cancel':
        await parts.redemptions.cancel(till, message.gatewayId, id, message.request);
        return;
      case 'approval_cancel':
        await parts.approvals.cancel(till, message.gatewayId, id);
        return;
      case 'offline_redemption':
        await parts.offline.applyOffline(till, id, message.redemption);
        return;
      case 'handed_over':
        await keepHandover(parts.db, till, id, message, effects.clock.now());
        return;
      case 'drawer_alert':
        await parts.drawer.keep(till, id, message.alert);
        return;
      case 'cash_sale_opened':
        await parts.shift.keep(till, message.sale);
        return;
      case 'cash_entry':
        await parts.cashShifts.keep(till, message.entry);
        return;
    }
  }

  return { apply };
}

function byStream(items: readonly Item[]): Map<string, Item[]> {
  const streams = new Map<string, Item[]>();
  for (const item of items) {
    const stream = streams.get(item.stream);
    if (stream === undefined) streams.set(item.stream, [item]);
    else stream.push(item);
  }
  return streams;
}
