import type { GrantClaims } from '../../shared/grants.ts';
import { amountSchema } from '../../shared/money.ts';
import type { RedemptionRecord } from './record.ts';

/** What the till may do with an authorised redemption. Signed again it keeps its id: a till uses an id once, ever. */
export function grantClaims(record: RedemptionRecord, gatewayId: string, now: number): GrantClaims {
  const { redemption: row, policy } = record;
  const iat = Math.floor(now / 1000);
  return {
    iss: gatewayId,
    aud: row.till_id,
    jti: row.grant_jti,
    iat,
    exp: iat + policy.redemption.grantTtlSeconds,
    kind: 'redemption',
    actions: row.drawer ? ['drawer.open', 'slip.print'] : ['slip.print'],
    redemptionId: row.id,
    customerId: row.customer_id,
    saleRef: row.sale_ref,
    asset: row.asset,
    amount: amountSchema.parse(row.amount),
    currency: row.currency,
  };
}
