import type { Selectable } from 'kysely';
import type { Delivery } from '../../shared/delivery.ts';
import type { MessagesTable } from '../db/shell-tables.ts';

/** As tills see it: `delivery_of` in SQL. */
export function deliveryView(
  row: Pick<Selectable<MessagesTable>, 'channel' | 'state' | 'reason' | 'retry_at'>,
): Delivery {
  const { channel, state, reason, retry_at: retryAt } = row;
  return { channel, state, reason, ...(state === 'queued' && retryAt !== null ? { retryAt } : {}) };
}
