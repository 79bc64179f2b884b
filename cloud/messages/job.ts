import { sql } from 'kysely';
import type { Channel, DeliveryState } from '../../shared/delivery.ts';
import type { Engine } from '../db/engine.ts';
import type { MessageKind, StaffContent } from '../db/shell-tables.ts';
import type { Sealed } from '../keys/sealed.ts';

/** A queued message as the sender needs it (SQL function `message_jobs`, migration 0096). */
export interface Job {
  readonly id: string;
  readonly kind: MessageKind;
  readonly channel: Channel;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly language: string;
  /** Epoch ms. */
  readonly expires_at: number;
  readonly recipient_sealed: Sealed;
  readonly redemption_id: string | null;
  readonly serial: number;
  readonly approval_id: string | null;
  readonly approval_ref: string | null;
  readonly login_id: string | null;
  readonly content: StaffContent | null;
  readonly template_only: boolean | null;
  readonly store_language: string | null;
  /** Of WhatsApp, the message's or its store's. */
  readonly account: string;
  /** Of a redemption's newest code, while the redemption waits for it; else null. */
  readonly code_nonce: Uint8Array | null;
  readonly code_digits: number | null;
  readonly code_expires_at: number | null;
}

/** Of a message that is gone, its id alone. */
export type JobRow =
  | Job
  | ({ readonly [Column in Exclude<keyof Job, 'id'>]: null } & { readonly id: string });

export function jobOf(row: JobRow): Job | null {
  return row.kind === null ? null : row;
}

export async function readJob(engine: Engine, messageId: string): Promise<Job | null> {
  const { rows } = await sql<JobRow>`select * from message_jobs(${[messageId]}::uuid[])`.execute(
    engine.kysely,
  );
  const [row] = rows;
  return row === undefined ? null : jobOf(row);
}
