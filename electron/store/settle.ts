import type { z } from 'zod';
import type { cancelRequestSchema } from '../../shared/gateway-api.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import type { RedemptionRow } from './redemption-row.ts';
import type { Parts } from './store.ts';

export type CancelReason = z.infer<typeof cancelRequestSchema>['reason'];

/** The order holds per customer, and so per sale. */
export function streamOf(row: RedemptionRow): string {
  return `customer:${row.customer?.id ?? row.id}`;
}

type Settling = Pick<Parts, 'rows' | 'slips' | 'outbox' | 'audit' | 'sealed'>;

/** What follows on the devices, inside the caller's transaction. */
export function settleActed(parts: Settling, row: RedemptionRow, settledAt: number): RedemptionRow {
  if (row.offline !== null) return settleOffline(parts, row);
  const { rows, slips, outbox, audit } = parts;
  const { id, gatewayId } = row;
  if (gatewayId === null || row.jti === null) throw new Error('a redemption without a grant is not settled');
  switch (row.settle) {
    case 'wait':
      return rows.update(row, { stage: 'awaiting_capture' });
    case 'capture': {
      const slip = slips.latest(id)?.state === 'printed' ? 'printed' : 'pending';
      outbox.add(streamOf(row), id, { kind: 'capture', gatewayId, request: { settledAt, slip } });
      audit.append('capture.queued', { id, slip });
      return rows.update(row, { stage: 'done', settlement: 'queued', settledAt });
    }
    case 'cancel':
      outbox.add(streamOf(row), id, { kind: 'cancel', gatewayId, request: { reason: 'terminal' } });
      audit.append('redemption.cancelled', { id, reason: 'terminal', error: null });
      return rows.update(row, { stage: 'cancelled', settlement: 'queued', settledAt });
  }
}

/** The same of one that a sealed code stood for: the gateway hears of it for the first time. */
function settleOffline({ rows, slips, outbox, audit, sealed }: Settling, row: RedemptionRow): RedemptionRow {
  const { id, offline } = row;
  if (offline === null || offline.spent === null) throw new Error('nothing was spent');
  switch (row.settle) {
    case 'wait':
      return rows.update(row, { stage: 'awaiting_capture' });
    case 'capture': {
      const slip = slips.latest(id)?.state === 'printed' ? 'printed' : 'pending';
      outbox.add(streamOf(row), id, { kind: 'offline_redemption', redemption: offlineRedemption(row, slip) });
      audit.append('offline.queued', { id, slip });
      return rows.update(row, { stage: 'done', settlement: 'queued', settledAt: offline.spent.at });
    }
    case 'cancel':
      // The gateway never held the money, so there is nothing to give back. The code stays used.
      sealed.voided(id);
      audit.append('redemption.cancelled', { id, reason: 'terminal', error: null });
      return rows.update(row, { stage: 'cancelled' });
  }
}

function offlineRedemption(row: RedemptionRow, slip: OfflineRedemption['slip']): OfflineRedemption {
  const { id, customer, offline, asset, amount, currency, saleRef, staffId } = row;
  if (customer === null || offline === null || offline.spent === null) throw new Error('nothing was spent');
  const { spent, drawer, available, ageMs } = offline;
  return {
    id,
    sealedCodeId: spent.sealedCodeId,
    bundleSerial: spent.bundleSerial,
    supervisorId: spent.supervisorId,
    customerId: customer.id,
    asset,
    amount,
    currency,
    saleRef,
    staffId,
    drawer,
    spentAt: spent.at,
    slip,
    believed: { available, ageMs },
  };
}
