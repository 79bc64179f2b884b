/** What statuses do to the messages they are about: decided here, for many messages at once, written by few statements. */
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import { applyStatus } from '../whatsapp/delivery-state.ts';
import { classifyError } from '../whatsapp/errors.ts';
import { hasLeft, type LockedMessage, lockMessages } from './message-rows.ts';
import { type KeptStatus, type Written, writeMessages } from './status-rows.ts';

/** How far a message came by a batch: once for each message, however many statuses it took. */
export interface Reached {
  readonly messageId: string;
  readonly before: DeliveryState;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
}

export interface StatusBatchOptions {
  readonly now: () => number;
  /** Appends `approval.changed` of each, as things stand in the given transaction. */
  readonly announceApprovals: (trx: Trx, approvalIds: readonly string[]) => Promise<readonly string[]>;
}

export interface BatchOutcome {
  readonly reached: readonly Reached[];
  /** Whose events were appended. */
  readonly tillIds: readonly string[];
  /** Messages were queued again. */
  readonly queued: boolean;
}

export type TakeOver = (
  trx: Trx,
  statusesOf: (messageId: string) => readonly KeptStatus[],
  messageIds: readonly string[],
) => Promise<BatchOutcome>;

/**
 * Takes statuses over, for all these messages in the given transaction. `statusesOf` is asked after they were locked. The
 * tills' rows are locked first, as everything that appends an event does: so the events' order is the order in which the
 * states were taken over, and nobody waits for a lock in a circle.
 */
export function createTakeOver(options: StatusBatchOptions): TakeOver {
  return async (trx, statusesOf, messageIds) => {
    const now = options.now();
    const locked = await lockMessages(trx, messageIds);
    const changes = locked.flatMap((message) => {
      const change = changeOf(message, statusesOf(message.message_id));
      return change === null ? [] : [{ message, ...change }];
    });
    const news = changes.map(({ message: { message_id: messageId, message_state: before }, written }) => {
      return { messageId, before, state: written.state, reason: written.reason };
    });
    const reached = news.filter(({ before, state }) => before !== state);
    if (changes.length === 0) return { reached, tillIds: [], queued: false };
    const told = changes.filter(({ message, written }) => {
      return written.state !== message.message_state || written.reason !== message.message_reason;
    });
    const written = changes.map((change) => change.written);
    const toldIds = told.map(({ message }) => message.message_id);
    const tills = await writeMessages(trx, { written, told: toldIds, now });
    const approvalIds = [...new Set(told.flatMap(({ message }) => message.approval_id ?? []))];
    const tillsOfApprovals = await options.announceApprovals(trx, approvalIds);
    return {
      reached,
      tillIds: [...new Set([...tills, ...tillsOfApprovals])],
      queued: written.some(({ abandoned }) => abandoned !== null),
    };
  };
}

interface Change {
  readonly message: LockedMessage;
  readonly written: Written;
}

/** Null: old news. */
function changeOf(message: LockedMessage, statuses: readonly KeptStatus[]): Pick<Change, 'written'> | null {
  const { message_id: messageId, message_state: before, message_reason: reason } = message;
  // What is said about a send that was given up for another does not count.
  const counting = hasLeft(message, 'whatsapp')
    ? []
    : statuses.filter(({ wamid }) => wamid !== message.abandoned_wamid);
  const next = furthest(message, counting);
  // One that is queued and waits for another attempt is news by its reason alone, and by how it goes out.
  if (next.state === before && next.abandoned === null && next.reason === reason) return null;
  return { written: { messageId, ...next } };
}

/** The furthest of these wins, in whatever order they came. */
function furthest(message: LockedMessage, statuses: readonly KeptStatus[]): Omit<Written, 'messageId'> {
  const { message_state: before, message_kind: kind, template_only: templateOnly } = message;
  const best = statuses.reduce<KeptStatus | null>((one, other) => {
    return one === null || applyStatus(one.status, other.status) !== one.status ? other : one;
  }, null);
  if (best === null || applyStatus(before, best.status) === before) {
    return { state: before, reason: message.message_reason, abandoned: null };
  }
  if (best.status !== 'failed') return { state: best.status, reason: null, abandoned: null };
  if (canGoByTemplate({ kind, templateOnly: templateOnly === true }, best.error_code)) {
    // It was free-form and the window had closed meanwhile: once more, as a template.
    return { state: 'queued', reason: null, abandoned: best.wamid };
  }
  return { state: 'failed', reason: failureReason(best.error_code), abandoned: null };
}

const WITH_TEMPLATE: ReadonlySet<MessageKind> = new Set([
  'approval_request',
  'sealed_codes',
  'offline_spent',
  'offline_loss',
  'drawer_alert',
  'credit_low',
  'notice',
  'finding_alert',
  'digest',
]);

/** A note has no template: outside the window it is not sent. A code goes by none but its own. */
export function canGoByTemplate(
  { kind, templateOnly }: { readonly kind: MessageKind; readonly templateOnly: boolean },
  errorCode: number | null,
): boolean {
  return errorCode === WINDOW_CLOSED && WITH_TEMPLATE.has(kind) && !templateOnly;
}

/** Meta: more than 24 hours have passed since the person last wrote. */
const WINDOW_CLOSED = 131047;

function failureReason(code: number | null): DeliveryReason {
  return code === null ? 'unknown' : classifyError({ code }).reason;
}
