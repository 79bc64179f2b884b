import type { ApprovalGrantClaims } from '../../shared/grants.ts';
import { type ApprovalRow, amountOf } from './record.ts';

/** The grant of an approved request while it may still be used, else null. Signed again it is the same, to the byte. */
export function approvalGrant(row: ApprovalRow, gatewayId: string, now: number): ApprovalGrantClaims | null {
  return now >= (row.grant_expires_at ?? 0) ? null : approvalGrantOf(row, gatewayId);
}

/** The same also when it may no longer be used: for evidence. Null: it was not approved. */
export function approvalGrantOf(row: ApprovalRow, gatewayId: string): ApprovalGrantClaims | null {
  const { status, decided_at: decidedAt, grant_expires_at: expiresAt } = row;
  if (status !== 'approved' || decidedAt === null || expiresAt === null) return null;
  return {
    iss: gatewayId,
    aud: row.till_id,
    jti: row.grant_jti,
    iat: Math.floor(decidedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    kind: 'approval',
    actions: row.actions,
    approvalId: row.id,
    approvalKind: row.kind,
    saleRef: row.sale_ref,
    amount: amountOf(row),
    basisPoints: row.basis_points,
    currency: row.currency,
    requestedBy: row.requested_by,
    deciders: row.deciders,
  };
}
