import type Database from 'better-sqlite3';
import type { Approval } from '../../shared/approvals.ts';
import { expectedOf } from '../../shared/cash-shift-rules.ts';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ApprovalGrantClaims, GrantAction, GrantClaims, ShiftGrantClaims } from '../../shared/grants.ts';
import { amountSchema } from '../../shared/money.ts';
import { issueUsePermit, type UsePermit } from '../devices/use-permit.ts';
import type { ApprovalRow } from './approval-row.ts';
import type { CashSaleRow, NewCashSale } from './cash-sales.ts';
import type { PosKey } from './journal.ts';
import type { RedemptionRow } from './redemption-row.ts';
import type {
  AnySlipPayload,
  ApprovalSlipPayload,
  CopyAsked,
  SlipJob,
  SlipOwner,
  SlipPayload,
} from './slip-jobs.ts';
import type { Parts } from './store.ts';

export interface GrantUse {
  row: RedemptionRow;
  claims: GrantClaims;
  /** The compact JWS, kept as evidence. */
  jws: string;
  slip: SlipPayload;
}

export interface Consumed {
  row: RedemptionRow;
  slipJobId: number;
  /** For the devices, once per action. */
  permit: UsePermit;
}

/** A sealed code that was found right, in place of a grant. */
export interface SealedUse {
  row: RedemptionRow;
  codeId: string;
  supervisorId: string;
  bundleSerial: number;
  /** The signed bundle that the code is in, kept as evidence. */
  jws: string;
  actions: readonly GrantAction[];
  slip: SlipPayload;
  /** For the limits of 24 hours: the time that has surely passed. */
  countedAt: number;
}

export interface ApprovalGrantUse {
  row: ApprovalRow;
  /** The gateway's snapshot that came with the grant. */
  answer: Approval;
  claims: ApprovalGrantClaims;
  jws: string;
  slip: ApprovalSlipPayload;
  /** What this yes means for the cashier's shift that is open; null: nothing. */
  cash: CashEffect | null;
}

/** What a supervisor's yes does to a shift: money moves, the float is another one, or a difference may stand. */
export type CashEffect = 'in' | 'out' | 'float' | 'difference';

export interface ConsumedApproval {
  row: ApprovalRow;
  /** Null where no slip is printed. */
  slipJobId: number | null;
  permit: UsePermit;
}

/** A cash sale, on a shift grant that was checked. */
export interface ShiftGrantUse {
  claims: ShiftGrantClaims;
  sale: Omit<NewCashSale, 'jti' | 'useNo'>;
  posKey: PosKey | null;
  /** The time that has surely passed. */
  countedAt: number;
}

export interface ConsumedShift {
  row: CashSaleRow;
  permit: UsePermit;
}

/** What a slip is printed again for. */
export type Reprinted = Pick<RedemptionRow, 'id' | 'jti'> & { saleRef: string | null; owner: SlipOwner };

/** What policy says of copies. */
export interface CopyLimits {
  perSlip: number;
  /** Of one person within 24 hours, all slips together. */
  perDay: number;
  reasonNeeded: boolean;
}
const DAY_MS = 86_400_000;

/**
 * The one place where a grant turns into leave to move a device (invariant 3). The permit exists only after the
 * commit that records the use, and the jti is a primary key: a second use finds the row of the first, whether it was for
 * a redemption or an approval.
 */
export function createGrantUses(db: Database.Database, clock: Clock, parts: Parts) {
  const { write, rows, approvals, slips, audit, sealed, sealedAttempts } = parts;
  const { shiftGrants, cashSales, cashShifts, outbox, posKeys } = parts;
  const insert = db.prepare(
    'INSERT INTO grant_uses (jti, redemption_id, approval_id, actions, jws, used_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const byJti = db.prepare<[string], { actions: string }>('SELECT actions FROM grant_uses WHERE jti = ?');
  const recordedActions = (jti: string): GrantAction[] =>
    (byJti.get(jti)?.actions ?? '').split(' ').filter((action) => action !== '') as GrantAction[];

  /** Inside the caller's transaction. */
  function record(jti: string, owner: SlipOwner, actions: readonly GrantAction[], jws: string): void {
    if (byJti.get(jti) !== undefined) throw new SaksiError('grant_already_used');
    const redemptionId = 'redemptionId' in owner ? owner.redemptionId : null;
    const approvalId = 'approvalId' in owner ? owner.approvalId : null;
    insert.run(jti, redemptionId, approvalId, actions.join(' '), jws, clock.now());
  }

  return {
    isUsed: (jti: string): boolean => byJti.get(jti) !== undefined,

    /** Saves, consumes and audits a checked grant in one FULL commit. Throws `grant_already_used`. */
    consume({ row, claims, jws, slip }: GrantUse, probe: (step: 'grant_saved') => void): Consumed {
      const { jti, actions } = claims;
      const opens = actions.includes('drawer.open');
      const consumed = write(() => {
        record(jti, { redemptionId: row.id }, actions, jws);
        const slipJobId = slips.add({ redemptionId: row.id }, 0, slip);
        audit.append('grant.used', { id: row.id, jti, actions, amount: row.amount, saleRef: row.saleRef });
        const drawerState = opens ? 'waiting' : 'not_needed';
        const next = rows.update(row, { stage: 'acting', jti, drawerState, error: null });
        probe('grant_saved');
        return { row: next, slipJobId };
      });
      return { ...consumed, permit: issueUsePermit({ grantId: jti, actions, saleRef: row.saleRef }) };
    },

    /**
     * The same for a sealed code, whose id takes the place of the grant's: used once, over restarts and bundles. Throws
     * `sealed_code_used`.
     */
    consumeSealed(use: SealedUse, probe: (step: 'grant_saved') => void): Consumed {
      const { codeId, supervisorId, bundleSerial, jws, actions, slip, countedAt } = use;
      const { id, customer, asset, amount, saleRef, offline } = use.row;
      if (customer === null || offline === null)
        throw new Error('a sealed code stands for no such redemption');
      const consumed = write(() => {
        if (sealed.isUsed(codeId) || byJti.get(codeId) !== undefined)
          throw new SaksiError('sealed_code_used');
        record(codeId, { redemptionId: id }, actions, jws);
        const customerId = customer.id;
        sealed.add({ codeId, redemptionId: id, supervisorId, customerId, asset, amount }, countedAt);
        sealedAttempts.clearSaved();
        const slipJobId = slips.add({ redemptionId: id }, 0, slip);
        const evidence = { id, jti: codeId, sealedCodeId: codeId, actions: [...actions], amount, saleRef };
        audit.append('sealed.used', { ...evidence, asset, customerId, supervisorId, bundleSerial });
        const spent = { sealedCodeId: codeId, supervisorId, bundleSerial, at: clock.now() };
        const next = rows.update(use.row, {
          stage: 'acting',
          jti: codeId,
          offline: { ...offline, spent },
          drawerState: actions.includes('drawer.open') ? 'waiting' : 'not_needed',
          error: null,
        });
        probe('grant_saved');
        return { row: next, slipJobId };
      });
      sealedAttempts.cleared();
      return { ...consumed, permit: issueUsePermit({ grantId: codeId, actions, saleRef }) };
    },

    /**
     * The same for an approval. Where the grant names no action, the answer itself was what was asked for and the
     * approval is finished with this commit.
     */
    consumeApproval(use: ApprovalGrantUse, probe: (step: 'approval_grant_saved') => void): ConsumedApproval {
      const { row, answer, claims, jws, slip, cash } = use;
      const { jti, actions, deciders } = claims;
      const consumed = write(() => {
        record(jti, { approvalId: row.id }, actions, jws);
        const slipJobId = actions.includes('slip.print') ? slips.add({ approvalId: row.id }, 0, slip) : null;
        const { kind, amount, basisPoints, saleRef } = row.request;
        const evidence = { id: row.id, jti, actions, kind, amount, basisPoints, saleRef, deciders };
        audit.append('grant.used', evidence);
        const next = approvals.update(row, {
          stage: actions.length === 0 ? 'approved' : 'acting',
          jti,
          answer,
          deciders,
          drawerState: actions.includes('drawer.open') ? 'waiting' : 'not_needed',
          error: null,
        });
        if (cash !== null) noteCash(parts, row, answer.id, cash);
        probe('approval_grant_saved');
        return { row: next, slipJobId };
      });
      const saleRef = row.request.saleRef ?? row.id;
      return { ...consumed, permit: issueUsePermit({ grantId: jti, actions, saleRef }) };
    },

    /**
     * One use of a shift grant: counted, on the chain and on its way to the gateway in one FULL commit. The permit is named by
     * the use, not by the grant: each opening is explained by its own. Throws `shift_grant_missing` where the grant is used up.
     */
    consumeShift(use: ShiftGrantUse, probe: (step: 'cash_sale_saved') => void): ConsumedShift {
      const { claims, sale, posKey, countedAt } = use;
      const { jti, uses, staffId } = claims;
      const { id, saleRef, startedBy, currency } = sale;
      const row = write(() => {
        const useNo = shiftGrants.used(jti) + 1;
        if (useNo > uses) throw new SaksiError('shift_grant_missing');
        const made = cashSales.add({ ...sale, jti, useNo }, countedAt);
        if (posKey !== null) posKeys.save(posKey.key, posKey.action, posKey.body, id);
        const amount = amountSchema.parse(sale.amount);
        const evidence = { id, jti, useNo, uses, amount, saleRef, staffId: sale.staffId, startedBy };
        audit.append('shift.used', { ...evidence, spare: staffId === null });
        const told = { id, grantId: jti, useNo, staffId: sale.staffId, startedBy, saleRef, amount, currency };
        outbox.add(`cash:${id}`, null, {
          kind: 'cash_sale_opened',
          sale: { ...told, openedAt: made.usedAt },
        });
        probe('cash_sale_saved');
        return made;
      });
      return { row, permit: issueUsePermit({ grantId: id, actions: ['drawer.open'], saleRef }) };
    },

    /**
     * Leave for a slip that the recorded grant allows but that never began to print, after a crash.
     * Throws `grant_action_not_allowed`.
     */
    slipPermit({ id, jti, saleRef }: Omit<Reprinted, 'owner'>): UsePermit {
      if (jti === null || !recordedActions(jti).includes('slip.print')) {
        throw new SaksiError('grant_action_not_allowed', { params: { action: 'slip.print' } });
      }
      return issueUsePermit({ grantId: jti, actions: ['slip.print'], saleRef: saleRef ?? id });
    },

    /**
     * Leave to print a report of a shift. It moves no money and opens nothing, so no grant stands for it: the shift on the disk
     * does. Throws `grant_action_not_allowed` for one that is not there.
     */
    reportPermit(shiftId: string): UsePermit {
      if (!cashShifts.isKnown(shiftId)) {
        throw new SaksiError('grant_action_not_allowed', { params: { action: 'slip.print' } });
      }
      return issueUsePermit({ grantId: shiftId, actions: ['slip.print'], saleRef: shiftId });
    },

    /**
     * A slip again. One that still waits is that very job. Marked and counted as a copy as soon as an earlier one may be in
     * somebody's hand. Throws `copies_exhausted`, `copies_exhausted_today`, `copy_reason_needed`,
     * `grant_action_not_allowed`.
     */
    reprint(of: Reprinted, limits: CopyLimits, asked: CopyAsked): { slipJobId: number; permit: UsePermit } {
      const { staffId, reason, countedAt } = asked;
      const slipJobId = write(() => {
        const latest: SlipJob | null = slips.latest(of.id);
        if (latest === null) {
          throw new SaksiError('grant_action_not_allowed', { params: { action: 'slip.print' } });
        }
        const payload: AnySlipPayload = latest.payload;
        if (latest.state === 'waiting') {
          audit.append('slip.reprint', { id: of.id, copy: latest.copyNo, staffId, reason });
          return latest.id;
        }
        const copyNo = slips.mayHavePrinted(of.id) ? slips.copies(of.id) + 1 : 0;
        if (copyNo > 0) {
          if (copyNo > limits.perSlip) throw new SaksiError('copies_exhausted');
          if (slips.copiesBy(staffId, countedAt - DAY_MS) >= limits.perDay) {
            throw new SaksiError('copies_exhausted_today', { params: { limit: limits.perDay } });
          }
          if (limits.reasonNeeded && reason === null) throw new SaksiError('copy_reason_needed');
        }
        audit.append('slip.reprint', { id: of.id, copy: copyNo, staffId, reason });
        return slips.add(of.owner, copyNo, payload, asked);
      });
      const permit = 'shiftId' in of.owner ? this.reportPermit(of.id) : this.slipPermit(of);
      return { slipJobId, permit };
    },
  };
}
export type GrantUses = ReturnType<typeof createGrantUses>;

/** Inside the transaction of the grant's use. Without an open shift nothing is to be noted. */
function noteCash({ cashShifts }: Parts, row: ApprovalRow, approvalId: string, cash: CashEffect): void {
  const shift = cashShifts.open();
  const { amount, kind: approvalKind, saleRef, staffId } = row.request;
  if (shift === null || amount === null) return;
  if (cash === 'in' || cash === 'out') {
    const kind = cash === 'in' ? 'paid_in' : 'paid_out';
    cashShifts.add({ kind, staffId, amount, approvalId, approvalKind, reason: row.reason, saleRef });
  } else if (cash === 'float') {
    const afterCount = shift.counts.length > 0;
    cashShifts.add({
      kind: 'float_changed',
      staffId,
      float: amount,
      before: shift.float,
      afterCount,
      approvalId,
    });
  } else {
    const last = shift.counts.at(-1);
    const difference = (last?.count.sum ?? 0) - expectedOf(shift, shift.sales.sum);
    // A yes to another difference than the one that stands now is none.
    if (last === undefined || Math.abs(difference) !== amount) return;
    cashShifts.add({ kind: 'difference_approved', staffId, difference, approvalId });
  }
}
