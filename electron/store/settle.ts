import type { z } from 'zod';
import type { cancelRequestSchema } from '../../shared/gateway-api.ts';
import type { RedemptionRow } from './redemption-row.ts';
import type { Parts } from './store.ts';

export type CancelReason = z.infer<typeof cancelRequestSchema>['reason'];

/** The order holds per customer, and so per sale. */
export function streamOf(row: RedemptionRow): string {
  return `customer:${row.customer?.id ?? row.id}`;
}

/** What follows on the devices, inside the caller's transaction. */
export function settleActed(
  { rows, slips, outbox, audit }: Pick<Parts, 'rows' | 'slips' | 'outbox' | 'audit'>,
  row: RedemptionRow,
  settledAt: number,
): RedemptionRow {
  const { id, gatewayId } = row;
  if (gatewayId === null || row.jti === null) throw new Error('a redemption without a grant is not settled');
  switch (row.settle) {
    case 'wait':
      return rows.update(row, { stage: 'awaiting_capture' });
    case 'capture': {
      const slip = slips.latest(id)?.state === 'printed' ? 'printed' : 'pending';
      outbox.add(streamOf(row), id, { kind: 'capture', gatewayId, request: { settledAt, slip } });
      audit.append('capture.queued', { id, slip });
      return rows.update(row, { stage: 'done', settlement: 'queued' });
    }
    case 'cancel':
      outbox.add(streamOf(row), id, { kind: 'cancel', gatewayId, request: { reason: 'terminal' } });
      audit.append('redemption.cancelled', { id, reason: 'terminal', error: null });
      return rows.update(row, { stage: 'cancelled', settlement: 'queued' });
  }
}
