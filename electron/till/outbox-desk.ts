import type { BridgeInput, BridgeOutput, OutboxItemView } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { OutboxMessage } from '../../shared/offline.ts';
import type { OutboxItem } from '../store/outbox-row.ts';
import type { RedemptionRow, RowCustomer } from '../store/redemption-row.ts';
import { type Core, contextOf } from './core.ts';
import { checkPin, type Session } from './session.ts';

const LIST_MAX = 200;
/** As `handed_over` takes it over the wire. */
const ITEM_TEXT_MAX = 4_000;

/** What waits and what was refused: refused first, then what holds up its stream, then the oldest of the rest. */
export function listOutbox(core: Core): BridgeOutput<'outbox.list'> {
  const { outbox } = core.store;
  const items = new Map<string, OutboxItem>();
  for (const item of [...outbox.refused(LIST_MAX), ...outbox.held(), ...outbox.first(LIST_MAX)]) {
    if (items.size < LIST_MAX) items.set(item.id, item);
  }
  return { items: [...items.values()].map((item) => itemView(core, item)) };
}

function itemView(core: Core, item: OutboxItem): OutboxItemView {
  const { id, message, state, attempts, reason, createdAt, redemptionId, stream } = item;
  const { store } = core;
  const row = redemptionId === null ? null : store.redemptions.get(redemptionId);
  const sale = message.kind === 'cash_sale_opened' ? message.sale : null;
  return {
    id,
    kind: message.kind,
    state,
    saleRef: sale?.saleRef ?? row?.saleRef ?? null,
    customerName: row?.customer?.name ?? null,
    asset: sale === null ? (row?.asset ?? null) : 'deposit',
    amount: sale?.amount ?? row?.amount ?? null,
    attempts,
    at: createdAt,
    nextTryInMs: state === 'pending' ? store.outbox.leftMs(stream) : null,
    reason,
    actions: actionsOf(item),
  };
}

function actionsOf(item: OutboxItem): OutboxItemView['actions'] {
  const { message, state, reason } = item;
  if (message.kind === 'stranded') return ['handOver'];
  if (state === 'pending' || message.kind === 'handed_over') return ['retry'];
  const namesAnother = message.kind === 'offline_redemption' && reason?.code === 'customer_unknown';
  return namesAnother ? ['retry', 'editCustomer', 'handOver'] : ['retry', 'handOver'];
}

/** The item, if `action` is one that may be done with it now. Throws `outbox_item_unknown`. */
function itemFor(core: Core, itemId: string, action: OutboxItemView['actions'][number]): OutboxItem {
  const item = core.store.outbox.find(itemId);
  if (item === null || !actionsOf(item).includes(action)) throw new SaksiError('outbox_item_unknown');
  return item;
}

/** Tries it again at once; a refused one with the same key. Throws `outbox_item_unknown`. */
export function retryItem(core: Core, { staffId }: Session, itemId: string): void {
  core.store.outboxJournal.retried(itemFor(core, itemId, 'retry'), staffId);
  core.outboxKick();
  core.changed();
}

/** Names another customer in what was refused because of the first. Throws `outbox_item_unknown`, `customer_unknown`. */
export function editCustomer(core: Core, { staffId }: Session, itemId: string, customerId: string): void {
  const item = itemFor(core, itemId, 'editCustomer');
  if (item.message.kind !== 'offline_redemption') throw new SaksiError('outbox_item_unknown');
  const cached = core.store.customers.get(customerId);
  if (cached === null) throw new SaksiError('customer_unknown');
  const { id, name, memberNo, phoneMasked, language } = cached.customer;
  const customer: RowCustomer = { id, name, memberNo, phoneMasked, language };
  const redemption = { ...item.message.redemption, customerId };
  core.store.outboxJournal.customerEdited(
    item,
    { kind: 'offline_redemption', redemption },
    customer,
    staffId,
  );
  core.outboxFilled();
  core.changed();
}

/**
 * A manager takes a refused item on: off the list, kept with the note here and at the gateway. It is the manager named whose
 * PIN is asked for, not whoever is signed in: a cashier calls one, and two people may have the same PIN. Throws
 * `staff_unknown`, `role_not_allowed`, `outbox_item_unknown`, `pin_wrong`, `pin_locked`.
 */
export async function handOverItem(
  core: Core,
  { itemId, staffId, pin, note }: BridgeInput<'outbox.handOver'>,
): Promise<void> {
  itemFor(core, itemId, 'handOver');
  const manager = contextOf(core).staff.find(({ id }) => id === staffId);
  if (manager === undefined) throw new SaksiError('staff_unknown');
  if (manager.role !== 'manager') throw new SaksiError('role_not_allowed');
  await checkPin(core, manager, pin);
  // Read again: while the PIN was checked somebody else may have settled it.
  const item = itemFor(core, itemId, 'handOver');
  core.store.outboxJournal.handedOver(item, handOverMessage(core, item, { note, staffId }));
  core.outboxFilled();
  core.changed();
}

function handOverMessage(core: Core, item: OutboxItem, word: { note: string; staffId: string }) {
  const row = item.redemptionId === null ? null : core.store.redemptions.get(item.redemptionId);
  const text = JSON.stringify({ message: item.message, createdAt: item.createdAt, sale: saleOf(row) });
  return {
    kind: 'handed_over',
    about: item.id,
    item: text.slice(0, ITEM_TEXT_MAX),
    reason: item.reason?.code ?? 'internal',
    ...word,
  } satisfies OutboxMessage;
}

function saleOf(row: RedemptionRow | null) {
  if (row === null) return null;
  const { id, saleRef, asset, amount, currency, staffId, customer } = row;
  return { id, saleRef, asset, amount, currency, staffId, customerId: customer?.id ?? null };
}
