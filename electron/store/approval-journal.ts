import type { Approval } from '../../shared/approvals.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import type { ApprovalRow } from './approval-row.ts';
import type { NewApproval } from './approval-rows.ts';
import type { PosKey } from './journal.ts';
import type { DrawerOutcome } from './redemption-row.ts';
import type { Parts } from './store.ts';

/** Finished approvals that stay on the screen until somebody takes them off. */
export const FINISHED_SHOWN_MAX = 10;

/** The steps of an approval as the disk sees them: each is one transaction, on the disk when the call returns. */
export function createApprovalJournal(parts: Parts) {
  const { write, approvals, outbox, audit, posKeys } = parts;
  return {
    /** The wish, before the gateway hears of it. `approval_too_many_open` when `openMax` are open already. */
    requested: (fresh: NewApproval, openMax: number, posKey: PosKey | null): ApprovalRow =>
      write(() => {
        if (approvals.open().length >= openMax) throw new SaksiError('approval_too_many_open');
        const row = approvals.insert(fresh);
        approvals.keepFinished(FINISHED_SHOWN_MAX);
        if (posKey !== null) posKeys.save(posKey.key, posKey.action, posKey.body, row.id);
        const { kind, amount, basisPoints, saleRef, staffId } = row.request;
        const { id, startedBy } = row;
        audit.append('approval.requested', { id, kind, amount, basisPoints, saleRef, staffId, startedBy });
        return row;
      }),

    /** The same wish again, after its first try ended without an answer. */
    requestedAgain: (row: ApprovalRow, openMax: number): ApprovalRow =>
      write(() => {
        if (approvals.open().length >= openMax) throw new SaksiError('approval_too_many_open');
        audit.append('approval.requested_again', { id: row.id });
        return approvals.update(row, { stage: 'requesting', error: null, dismissed: false });
      }),

    created: (row: ApprovalRow, answer: Approval): ApprovalRow =>
      write(() => {
        audit.append('approval.created', { id: row.id, gatewayId: answer.id });
        return approvals.update(row, { gatewayId: answer.id, answer, stage: 'pending' });
      }),

    /** Ended with no grant used: refused, rejected, lapsed, cancelled at the gateway, or its grant was no good. */
    ended: (
      row: ApprovalRow,
      stage: 'rejected' | 'expired' | 'cancelled' | 'failed',
      answer: Approval | null,
      error: WireError | null,
    ): ApprovalRow =>
      write(() => {
        // Who rejected it is a name here; the gateway's own entry says it by its id.
        audit.append(`approval.${stage}`, { id: row.id, error: error?.code ?? null });
        return approvals.update(row, { stage, error, answer: answer ?? row.answer });
      }),

    /** The supervisor's reason came after the rejection. */
    reasoned: (row: ApprovalRow, answer: Approval): ApprovalRow =>
      write(() => {
        audit.append('approval.reasoned', { id: row.id });
        return approvals.update(row, { answer });
      }),

    /** Given up here. From now on this till acts on no grant for it; the gateway is told through the outbox. */
    cancelled: (row: ApprovalRow, by: 'cashier' | 'terminal', posKey: PosKey | null): ApprovalRow =>
      write(() => {
        if (posKey !== null) posKeys.save(posKey.key, posKey.action, posKey.body, row.id);
        audit.append('approval.cancelled', { id: row.id, by });
        const { gatewayId } = row;
        if (gatewayId !== null)
          outbox.add(`approval:${row.id}`, null, { kind: 'approval_cancel', gatewayId });
        return approvals.update(row, { stage: 'cancelled' });
      }),

    /** Gives up at the gateway what this till asked for and no longer waits for. */
    orphanCancelled: (gatewayId: string): void =>
      write(() => {
        if (outbox.hasPending(gatewayId)) return;
        outbox.add(`approval:${gatewayId}`, null, { kind: 'approval_cancel', gatewayId });
        audit.append('approval.orphan', { gatewayId });
      }),

    drawerOutcome: (row: ApprovalRow, drawerState: DrawerOutcome, error: WireError | null): ApprovalRow =>
      write(() => {
        audit.append('drawer.outcome', { id: row.id, state: drawerState, error: error?.code ?? null });
        return approvals.update(row, { drawerState, drawerError: error });
      }),

    /** The devices are done. */
    acted: (row: ApprovalRow): ApprovalRow => write(() => approvals.update(row, { stage: 'approved' })),

    dismissed: (row: ApprovalRow): ApprovalRow => write(() => approvals.update(row, { dismissed: true })),

    /** What a crash cut off: a drawer that was to open is never tried again. */
    interrupted: (drawerError: WireError): void =>
      write(() => {
        for (const row of approvals.open()) {
          if (row.stage !== 'acting' || row.drawerState !== 'waiting') continue;
          audit.append('drawer.outcome', { id: row.id, state: 'unconfirmed', error: drawerError.code });
          approvals.update(row, { drawerState: 'unconfirmed', drawerError });
        }
      }),
  };
}
export type ApprovalJournal = ReturnType<typeof createApprovalJournal>;
