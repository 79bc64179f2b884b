import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { TillEvent } from '../../shared/gateway-api.ts';
import type { ConnectionHandlers } from '../gateway-client/connection.ts';
import { applyDelivery, applyEvent } from './answers.ts';
import { applyApprovalEvent } from './approval-answers.ts';
import { type Core, linkOf } from './core.ts';
import type { createEventCursor } from './event-cursor.ts';
import { trustedPolicy } from './policy.ts';

/** A ping's wallet cursor is at most so old: looked up once for many tills. */
const CURSOR_LATE_MS = 10_000;

export interface EventTargets {
  cursor: ReturnType<typeof createEventCursor>;
  /** Store, policy or staff are to be read again. */
  contextStale(): void;
  /** The line may be another. */
  lineChanged(): void;
  /** The line came up: the outbox is due. */
  lineUp(): void;
  /** The store's wallets changed beyond what was read. */
  walletsStale(): void;
  /** There is a newer bundle of sealed codes. */
  sealedStale(): void;
}

/** What the gateway's stream sets in motion at this till. */
export function createGatewayEvents(
  core: Core,
  { cursor, contextStale, lineChanged, lineUp, walletsStale, sealedStale }: EventTargets,
): ConnectionHandlers {
  function take(event: TillEvent): void {
    switch (event.type) {
      case 'redemption.changed':
        applyEvent(core, event.redemption);
        return;
      case 'code.delivery':
        applyDelivery(core, event);
        return;
      case 'approval.changed':
        applyApprovalEvent(core, event);
        return;
      case 'till.changed':
        contextStale();
        return;
      case 'sealed.changed':
        sealedStale();
        return;
      case 'credit.low':
        // Told to the managers by the gateway; screens that show it read the credit themselves.
        core.log.warn({ threshold: event.threshold }, 'message credit is low');
        return;
      case 'code.unrequested':
        core.store.codeAlarms.add(event.alarm);
        core.changed();
        return;
      case 'till.revoked':
        linkOf(core).connection.denied(new SaksiError('till_revoked'));
        return;
    }
  }

  function heard(): void {
    core.store.time.heard(linkOf(core).clock.now());
  }

  /** The cursor may have been looked up a little before the ping, and the ping may have been long on its way. */
  function noteWallets(walletCursor: number | undefined, sentAt: number): void {
    if (walletCursor === undefined) return;
    const { customers, time } = core.store;
    const { cursor: read, inStepAt } = customers.state();
    if (walletCursor > read) walletsStale();
    else if (inStepAt !== null) customers.stillInStep(Math.min(time.floor(), sentAt) - CURSOR_LATE_MS);
  }

  return {
    changed() {
      lineChanged();
      core.changed();
    },
    online() {
      heard();
      contextStale();
      core.reconcileSoon();
      lineUp();
    },
    event(event, id) {
      try {
        take(event);
      } catch (error) {
        // The stream breaks off and comes back before this event: what failed for a moment is tried again.
        const { code } = asSaksiError(error);
        const what = code === 'internal' ? { what: String(error) } : {};
        core.log.error({ eventId: id, type: event.type, code, ...what }, 'event not taken');
        throw error;
      }
      cursor.passed(id);
    },
    unreadable(id) {
      core.log.warn({ eventId: id }, 'event not understood: reading everything afresh');
      contextStale();
      core.reconcileSoon();
      cursor.passed(id);
    },
    ping({ time: sentAt, messageQueue, walletCursor }) {
      heard();
      noteWallets(walletCursor, sentAt);
      const link = linkOf(core);
      if (link.messagesWaiting === messageQueue.waiting) return;
      link.messagesWaiting = messageQueue.waiting;
      core.changed();
    },
  };
}

/** Reads store, policy and staff, and keeps them for the time without a line. */
export async function readContext(core: Core): Promise<void> {
  const link = linkOf(core);
  const answer = await link.client.context();
  const { store, staff, tillName, messageQueue, cacheTagKey, lastZ } = answer;
  if (cacheTagKey !== undefined) core.store.customers.learnPhoneKey(cacheTagKey);
  if (lastZ !== undefined) core.store.cashShifts.heardLastZ(lastZ);
  core.store.identity.saveContext({ store, staff, ...trustedPolicy(core, answer) });
  core.store.identity.rename(tillName);
  core.identity = core.store.identity.read();
  core.context = core.store.identity.context();
  link.messagesWaiting = messageQueue.waiting;
  core.changed();
}
