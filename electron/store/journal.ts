import type { JsonValue } from '../../shared/audit/chain.ts';
import type { Clock } from '../../shared/effects.ts';
import type { WireError } from '../../shared/errors.ts';
import type { DrawerOutcome, RedemptionRow, RowCustomer, RowOffline, Settle } from './redemption-row.ts';
import type { NewRedemption } from './redemption-rows.ts';
import { type CancelReason, settleActed, streamOf } from './settle.ts';
import type { BytesSent, SlipPlace } from './slip-jobs.ts';
import type { Parts } from './store.ts';

/** What the gateway said when it made the redemption. */
export interface Created {
  gatewayId: string;
  customer: RowCustomer;
  currency: RedemptionRow['currency'];
  availableAfter: number;
}

/** What a redemption begins with when there is no gateway to ask. */
export interface OfflineStart {
  customer: RowCustomer;
  offline: RowOffline;
  availableAfter: number;
}

export interface PosKey {
  key: string;
  action: string;
  body: JsonValue;
}

/**
 * The steps of a redemption as the disk sees them: each is one transaction that is on the disk when the call returns,
 * and each leaves the row, the slip, the outbox and the audit chain true together.
 */
export function createJournal(parts: Parts, clock: Pick<Clock, 'now'>) {
  const { write, rows, slips, outbox, audit, customers, posKeys } = parts;
  return {
    /** The wish, before the gateway hears of it. `till_busy` when another is open. */
    requested: (
      fresh: NewRedemption,
      posKey: PosKey | null,
      without: OfflineStart | null = null,
    ): RedemptionRow =>
      write(() => {
        const before = rows.findShown();
        const row = rows.insert(fresh);
        if (before !== null) rows.update(before, { dismissed: true });
        if (posKey !== null) posKeys.save(posKey.key, posKey.action, posKey.body, row.id);
        const { id, saleRef, asset, amount, staffId, startedBy } = row;
        audit.append('redemption.requested', { id, saleRef, asset, amount, staffId, startedBy });
        return without === null ? row : turnOffline(parts, row, without);
      }),

    /** The line was gone before the wish left: a sealed code is asked for in place of the customer's. */
    turnedOffline: (row: RedemptionRow, without: OfflineStart): RedemptionRow =>
      write(() => turnOffline(parts, row, without)),

    /** The same wish again, after its first try ended without an answer. */
    requestedAgain: (row: RedemptionRow, request: NonNullable<RedemptionRow['request']>): RedemptionRow =>
      write(() => {
        audit.append('redemption.requested_again', { id: row.id });
        return rows.update(row, { stage: 'requesting', request, error: null, dismissed: false });
      }),

    created: (row: RedemptionRow, created: Created): RedemptionRow =>
      write(() => {
        audit.append('redemption.created', { id: row.id, gatewayId: created.gatewayId });
        customers.noteAvailable(created.customer.id, row.asset, created.availableAfter);
        return rows.update(row, { ...created, request: null, stage: 'awaiting_code' });
      }),

    /** Ended with no grant used: refused, lapsed, tries exhausted, cancelled at the gateway. */
    ended: (
      row: RedemptionRow,
      stage: 'expired' | 'failed' | 'cancelled',
      error: WireError | null,
    ): RedemptionRow =>
      write(() => {
        audit.append(`redemption.${stage}`, { id: row.id, error: error?.code ?? null });
        const dismissed = row.gatewayId === null;
        return rows.update(row, { stage, error, request: null, dismissed });
      }),

    /** Ended here while the gateway may still hold the money: it is told through the outbox. */
    cancelled: (
      row: RedemptionRow,
      reason: CancelReason,
      stage: 'cancelled' | 'failed' = 'cancelled',
      error: WireError | null = null,
    ): RedemptionRow =>
      write(() => {
        audit.append(`redemption.${stage}`, { id: row.id, reason, error: error?.code ?? null });
        if (row.gatewayId === null) {
          return rows.update(row, { stage, error, request: null, dismissed: true });
        }
        outbox.add(streamOf(row), row.id, { kind: 'cancel', gatewayId: row.gatewayId, request: { reason } });
        return rows.update(row, { stage, error, settlement: 'queued', settledAt: clock.now() });
      }),

    /** Before the first byte of a slip leaves: found so after a crash, it may have been printed. */
    slipPrinting: (jobId: number, on: SlipPlace): void => write(() => slips.printing(jobId, on)),

    /** Not a byte of it left: it stays in the queue. The chain hears of it once for each cause. */
    slipWaits: (ownerId: string, jobId: number, error: WireError): void =>
      write(() => {
        const known = slips.get(jobId).error?.code;
        slips.waits(jobId, error);
        if (known !== error.code) audit.append('slip.waits', { id: ownerId, job: jobId, error: error.code });
      }),

    drawerOutcome: (row: RedemptionRow, drawerState: DrawerOutcome, error: WireError | null): RedemptionRow =>
      write(() => {
        audit.append('drawer.outcome', { id: row.id, state: drawerState, error: error?.code ?? null });
        return rows.update(row, { drawerState, drawerError: error });
      }),

    slipPrinted: (ownerId: string, jobId: number): void =>
      write(() => {
        slips.printed(jobId);
        const { printedOn } = slips.get(jobId);
        audit.append('slip.printed', { id: ownerId, job: jobId, on: printedOn });
      }),

    slipFailed: (ownerId: string, jobId: number, bytesSent: BytesSent, error: WireError): void =>
      write(() => {
        slips.failed(jobId, bytesSent, error);
        audit.append('slip.failed', { id: ownerId, job: jobId, error: error.code, bytesSent });
      }),

    /** The devices are done: capture, wait for the terminal, or cancel, as the row says. */
    acted: (row: RedemptionRow, settledAt: number): RedemptionRow =>
      write(() => settleActed(parts, row, settledAt)),

    /** The terminal's word on a verified redemption; while the devices are at work it waits for them. */
    settleAs: (row: RedemptionRow, settle: Settle, posKey: PosKey | null, settledAt: number): RedemptionRow =>
      write(() => {
        if (posKey !== null) posKeys.save(posKey.key, posKey.action, posKey.body, row.id);
        const next = rows.update(row, { settle });
        return next.stage === 'awaiting_capture' ? settleActed(parts, next, settledAt) : next;
      }),

    stranded: (gatewayId: string, reason: WireError): void =>
      write(() => {
        if (outbox.addStranded(gatewayId, reason)) audit.append('redemption.stranded', { gatewayId });
      }),

    /** Gives back at the gateway what this till asked for and then gave up on. */
    orphanCancelled: (gatewayId: string, customerId: string): void =>
      write(() => {
        if (outbox.hasPending(gatewayId)) return;
        const request = { reason: 'till_recovery' } as const;
        outbox.add(`customer:${customerId}`, null, { kind: 'cancel', gatewayId, request });
        audit.append('redemption.orphan', { gatewayId });
      }),

    dismissed: (row: RedemptionRow): RedemptionRow => write(() => rows.update(row, { dismissed: true })),

    posKey: (posKey: PosKey, redemptionId: string): void =>
      write(() => posKeys.save(posKey.key, posKey.action, posKey.body, redemptionId)),

    /** What a crash cut off: a slip that was leaving may have been printed, a drawer that was to open is never tried again. */
    interrupted: (errors: { drawer: WireError; slip: WireError; oldCopy: boolean }): void =>
      write(() => {
        const cutOff = errors.oldCopy ? [...slips.interrupted(), ...slips.waiting()] : slips.interrupted();
        for (const { id: jobId, ownerId } of cutOff) {
          const bytesSent = 'unknown';
          slips.failed(jobId, bytesSent, errors.slip);
          audit.append('slip.failed', { id: ownerId, job: jobId, error: errors.slip.code, bytesSent });
        }
        const row = rows.findOpen();
        if (row?.stage !== 'acting' || row.drawerState !== 'waiting') return;
        audit.append('drawer.outcome', { id: row.id, state: 'unconfirmed', error: errors.drawer.code });
        rows.update(row, { drawerState: 'unconfirmed', drawerError: errors.drawer });
      }),
  };
}
function turnOffline({ rows, audit }: Parts, row: RedemptionRow, without: OfflineStart): RedemptionRow {
  const { available, ageMs } = without.offline;
  audit.append('redemption.without_line', { id: row.id, customerId: without.customer.id, available, ageMs });
  return rows.update(row, { ...without, stage: 'awaiting_sealed', request: null });
}
export type Journal = ReturnType<typeof createJournal>;
