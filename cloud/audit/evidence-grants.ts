/** The grants behind uses of devices, signed again from what the gateway kept of them. */
import type { Kysely } from 'kysely';
import type { GrantClaims } from '../../shared/grants.ts';
import { amountSchema } from '../../shared/money.ts';
import { approvalGrantOf } from '../approvals/grant.ts';
import type { Database } from '../db/schema.ts';
import { shiftGrantClaims } from '../shift/grants.ts';
import type { AuditContext } from './context.ts';

/** A use that an event tells of. `subject`: the redemption or approval, as the gateway names it. */
export interface UsedGrant {
  readonly jti: string;
  readonly subject: string | null;
}

const BATCH = 500;

/** Null for an event that uses none. */
export function usedGrant(event: {
  kind: string;
  body: string;
  subject_id: string | null;
}): UsedGrant | null {
  if (event.kind !== 'grant.used' && event.kind !== 'shift.used') return null;
  const { jti } = JSON.parse(event.body) as { jti?: unknown };
  return typeof jti === 'string' ? { jti, subject: event.subject_id } : null;
}

/**
 * Compact JWS, each grant once. Only of grants that were used: a till uses each once, ever, so that none of these is worth
 * anything any more.
 */
export async function* grantsOf(
  { engine, identity }: AuditContext,
  used: readonly UsedGrant[],
): AsyncGenerator<string, void> {
  const db = engine.kysely;
  const { gatewayId } = identity;
  for (let from = 0; from < used.length; from += BATCH) {
    const batch = used.slice(from, from + BATCH);
    const jtis = [...new Set(batch.map(({ jti }) => jti))];
    const subjects = [...new Set(batch.flatMap(({ subject }) => subject ?? []))];
    if (subjects.length > 0) {
      for (const row of await redemptionsOf(db, subjects)) {
        if (jtis.includes(row.grant_jti)) yield identity.signGrant(redemptionClaims(row, gatewayId));
      }
      for (const row of await approvalsOf(db, subjects)) {
        const claims = jtis.includes(row.grant_jti) ? approvalGrantOf(row, gatewayId) : null;
        if (claims !== null) yield identity.signApprovalGrant(claims);
      }
    }
    const shifts = await db.selectFrom('shift_grants').selectAll().where('jti', 'in', jtis).execute();
    for (const row of shifts) yield identity.signShiftGrant(shiftGrantClaims(row, gatewayId));
  }
}

function redemptionsOf(db: Kysely<Database>, ids: readonly string[]) {
  return db
    .selectFrom('redemptions')
    .selectAll()
    .where('id', 'in', ids)
    .where('authorised_at', 'is not', null)
    .execute();
}
type RedemptionRow = Awaited<ReturnType<typeof redemptionsOf>>[number];

function approvalsOf(db: Kysely<Database>, ids: readonly string[]) {
  return db.selectFrom('approvals').selectAll().where('id', 'in', ids).execute();
}

/** As it was given, but for its end: it is over with its use. */
function redemptionClaims(row: RedemptionRow, gatewayId: string): GrantClaims {
  const iat = Math.floor((row.authorised_at ?? 0) / 1000);
  return {
    ...{ iss: gatewayId, aud: row.till_id, jti: row.grant_jti, iat, exp: iat, kind: 'redemption' },
    actions: row.drawer ? ['drawer.open', 'slip.print'] : ['slip.print'],
    ...{ redemptionId: row.id, customerId: row.customer_id, saleRef: row.sale_ref, asset: row.asset },
    ...{ amount: amountSchema.parse(row.amount), currency: row.currency },
  };
}
