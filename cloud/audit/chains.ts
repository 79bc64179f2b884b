import type { Selectable } from 'kysely';
import type { AuditChainsTable } from '../db/audit-tables.ts';

export type ChainRow = Selectable<AuditChainsTable>;

/** As `chainNameSchema` has it. */
export function chainName({
  source,
  owner,
  store_id: storeId,
  paired_at: pairedAt,
}: Pick<ChainRow, 'source' | 'owner' | 'store_id' | 'paired_at'>): string {
  if (source === 'till') return `till/${owner}/${pairedAt}`;
  return storeId === null ? 'gateway' : `store/${storeId}`;
}
