import type { AuditEvent } from '../../shared/audit/event.ts';

/** The columns of `audit_events` that an event is made of. */
export interface StoredEvent {
  id: number;
  store_id: string | null;
  till_id: string | null;
  source: AuditEvent['source'];
  seq: number;
  at: number;
  kind: string;
  staff_id: string | null;
  approver_id: string | null;
  customer_id: string | null;
  sale_ref: string | null;
  subject_id: string | null;
  asset: AuditEvent['asset'];
  amount: number | null;
  outcome: AuditEvent['outcome'];
  body: string;
}

export function eventOf(row: StoredEvent): AuditEvent {
  const body = JSON.parse(row.body);
  return {
    id: row.id,
    storeId: row.store_id,
    tillId: row.till_id,
    source: row.source,
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    staffId: row.staff_id,
    approverId: row.approver_id,
    customerId: row.customer_id,
    saleRef: row.sale_ref,
    subjectId: row.subject_id,
    asset: row.asset,
    amount: row.amount,
    outcome: row.outcome,
    // The gateway's own text holds the columns too; a till's is as it is.
    detail: row.source === 'gateway' ? body.detail : body,
  };
}
