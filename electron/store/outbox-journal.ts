import type { WireError } from '../../shared/errors.ts';
import type { OutboxMessage } from '../../shared/offline.ts';
import type { OutboxItem } from './outbox-row.ts';
import type { RowCustomer } from './redemption-row.ts';
import type { Parts } from './store.ts';

/** What became of an item that was sent. */
export type ItemOutcome =
  | { item: OutboxItem; outcome: 'done' }
  | { item: OutboxItem; outcome: 'refused'; error: WireError }
  /** `error` null: no fault of this item. `hold`: its stream waits; else it may go with the next batch. */
  | { item: OutboxItem; outcome: 'later'; error: WireError | null; hold: boolean };

type HandedOver = Extract<OutboxMessage, { kind: 'handed_over' }>;

/** The steps of the outbox as the disk sees them: each is one transaction, on the disk when the call returns. */
export function createOutboxJournal(parts: Parts) {
  const { write, rows, outbox, audit, sealed } = parts;

  function settled({ item, ...result }: Exclude<ItemOutcome, { outcome: 'later' }>): void {
    const { redemptionId, id, message } = item;
    if (result.outcome === 'done') outbox.done(item);
    else outbox.refuse(item, result.error);
    const error = result.outcome === 'refused' ? result.error : null;
    if (redemptionId === null) {
      if (error !== null) audit.append('outbox.refused', { item: id, kind: message.kind, error: error.code });
      return;
    }
    rows.update(
      rows.get(redemptionId),
      error === null ? { settlement: 'confirmed' } : { settlement: 'refused', error },
    );
    if (error === null) audit.append('settlement.confirmed', { id: redemptionId });
    else audit.append('settlement.refused', { id: redemptionId, error: error.code });
  }

  return {
    /** Leases the next batch: see `Outbox.take`. Writes nothing when there is nothing to send. */
    take: (max: number): OutboxItem[] => write(() => outbox.take(max)),

    release: (items: readonly OutboxItem[]): void => write(() => outbox.release(items)),

    /** One batch's answers, all or none. An item that was settled meanwhile is left as it is. */
    answered: (outcomes: readonly ItemOutcome[]): void =>
      write(() => {
        for (const outcome of outcomes) {
          if (outbox.find(outcome.item.id)?.state !== 'pending') continue;
          if (outcome.outcome !== 'later') settled(outcome);
          else if (outcome.hold) outbox.putOff(outcome.item, outcome.error);
          else outbox.release([outcome.item]);
        }
      }),

    retried: (item: OutboxItem, staffId: string): void =>
      write(() => {
        outbox.retry(item);
        audit.append('outbox.retried', { item: item.id, staffId });
        if (item.redemptionId !== null && item.state === 'refused') {
          rows.update(rows.get(item.redemptionId), { settlement: 'queued', error: null });
        }
      }),

    /** Sent anew, as another message with a key of its own: the first one was refused and stands for nothing. */
    customerEdited: (
      item: OutboxItem,
      message: OutboxMessage,
      customer: RowCustomer,
      staffId: string,
    ): void =>
      write(() => {
        outbox.replaced(item);
        const id = outbox.add(`customer:${customer.id}`, item.redemptionId, message);
        audit.append('outbox.customer_edited', { item: item.id, by: id, customerId: customer.id, staffId });
        if (item.redemptionId === null) return;
        rows.update(rows.get(item.redemptionId), { customer, settlement: 'queued', error: null });
        sealed.renamed(item.redemptionId, customer.id);
      }),

    /** Off the list; the gateway keeps it with the manager's word. */
    handedOver: (item: OutboxItem, message: HandedOver): void =>
      write(() => {
        outbox.handedOver(item);
        outbox.add(`handover:${item.id}`, null, message);
        const { reason, staffId } = message;
        // The note is a person's own words, names and all: the gateway keeps it, the chain does not.
        audit.append('outbox.handed_over', { item: item.id, reason, staffId });
        // It no longer lowers what this till believes of the customer: a person settles it.
        if (item.redemptionId !== null) sealed.voided(item.redemptionId);
      }),
  };
}
export type OutboxJournal = ReturnType<typeof createOutboxJournal>;
