import type { CashEntry, CashReport } from '../../shared/cash-shift.ts';
import type { CashFacts } from './cash-facts.ts';
import type { ClosedShift, NewCashEntry, OpenShift } from './cash-shifts.ts';
import type { PosKey } from './journal.ts';
import type { ShiftSlipPayload } from './slip-jobs.ts';
import type { Parts } from './store.ts';

type Of<K extends NewCashEntry['kind']> = Extract<NewCashEntry, { kind: K }>;
type Probe = (step: 'cash_entry_saved') => void;

/** How a shift ends, worked out inside the transaction from what the disk says then. */
export interface Closing {
  staffId: string;
  /** What stays in the drawer. */
  left: number;
  /** Throws what speaks against closing. */
  report(shift: OpenShift, facts: CashFacts): (zNo: number) => CashReport;
  slip(closed: ClosedShift): ShiftSlipPayload;
  posKey: PosKey | null;
}

/** The steps of a cashier's shift as the disk sees them: each is one transaction, on the disk when the call returns. */
export function createCashShiftJournal(parts: Parts, factsOf: (after: number, upTo: number) => CashFacts) {
  const { write, cashShifts, slips, audit, posKeys } = parts;
  const keep = (key: PosKey | null, id: string) => {
    if (key !== null) posKeys.save(key.key, key.action, key.body, id);
  };

  return {
    /** `entry` is asked inside the transaction. Throws `cash_shift_open`. */
    opened: (entry: () => Of<'opened'>, posKey: PosKey | null, probe: Probe): CashEntry =>
      write(() => {
        const made = cashShifts.begin(entry());
        keep(posKey, made.shiftId);
        probe('cash_entry_saved');
        return made;
      }),

    /** What `entry` makes of the open shift. Throws `cash_shift_none`, and what `entry` does. */
    added: (
      entry: (shift: OpenShift) => Of<'paid_in' | 'paid_out' | 'counted' | 'taken_over'>,
      probe: Probe,
    ): CashEntry =>
      write(() => {
        const made = cashShifts.add(entry(cashShifts.requireOpen()));
        probe('cash_entry_saved');
        return made;
      }),

    /** The Z: number, report and slip in one commit. The answer names the slip's job. */
    closed: (closing: Closing, probe: Probe): ClosedShift & { slipJobId: number } =>
      write(() => {
        const shift = cashShifts.requireOpen();
        const facts = factsOf(shift.auditAfter, audit.head().seq);
        const closed = cashShifts.close(closing.staffId, closing.left, closing.report(shift, facts));
        const slipJobId = slips.add({ shiftId: closed.id }, 0, closing.slip(closed));
        keep(closing.posKey, closed.id);
        probe('cash_entry_saved');
        return { ...closed, slipJobId };
      }),

    /** The slip of an X report: nothing of the shift changes. */
    xPrinted: (shiftId: string, staffId: string, slip: ShiftSlipPayload): number =>
      write(() => {
        audit.append('cash.x_printed', { id: shiftId, subject: shiftId, staffId });
        return slips.add({ shiftId }, 0, slip);
      }),
  };
}
export type CashShiftJournal = ReturnType<typeof createCashShiftJournal>;
