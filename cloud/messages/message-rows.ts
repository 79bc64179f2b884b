/** Messages locked for recording, and the telling of their tills (migration 0091). */
import { sql } from 'kysely';
import type { Channel, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import type { Trx } from '../redemptions/ports.ts';

/** A locked message. */
export interface LockedMessage {
  readonly message_id: string;
  readonly message_kind: MessageKind;
  readonly channel: Channel;
  readonly message_state: DeliveryState;
  readonly message_reason: DeliveryReason | null;
  readonly template_only: boolean | null;
  readonly abandoned_wamid: string | null;
  readonly approval_id: string | null;
  readonly wamid: string | null;
  readonly template: string | null;
  readonly attempts: number;
  /** It carries its redemption's newest code. */
  readonly newest: boolean;
}

/** Locks messages, their tills first, until the transaction ends. */
export async function lockMessages(trx: Trx, ids: readonly string[]): Promise<LockedMessage[]> {
  const { rows } = await sql<LockedMessage>`select * from messages_lock(${[...ids]}::uuid[])`.execute(trx);
  return rows;
}

/** A code that goes over another channel since. */
export function hasLeft({ newest, channel: now }: LockedMessage, channel: Channel): boolean {
  return newest && now !== channel;
}

/**
 * Tells the tills, by `code.delivery`, how these messages now stand, as far as they carry their redemption's newest code. The
 * tills are locked.
 * @returns the tills that were told
 */
export async function tellDeliveries(
  trx: Trx,
  messageIds: readonly string[],
  now: number,
): Promise<string[]> {
  const { rows } = await sql<{ tills: string[] }>`
    select tell_deliveries(${[...messageIds]}::uuid[], ${now}::bigint) as tills`.execute(trx);
  return rows[0]?.tills ?? [];
}
