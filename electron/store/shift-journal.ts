import type { WireError } from '../../shared/errors.ts';
import type { ShiftGrantClaims } from '../../shared/grants.ts';
import type { CashDrawerOutcome } from './cash-sales.ts';
import type { Parts } from './store.ts';

/** The steps of shift grants beside their use (grant-use.ts): each is one transaction, on the disk when the call returns. */
export function createShiftJournal({ write, shiftGrants, cashSales, audit }: Parts) {
  return {
    /** Before the gateway hears of it. */
    wished: (staffId: string | null, key: string): void => write(() => shiftGrants.saveWish(staffId, key)),

    /** What was wished for is not to be had: the next wish is a new one. */
    gaveUp: (staffId: string | null): void => write(() => shiftGrants.dropWish(staffId)),

    /**
     * A checked grant. A new spare takes the place of those before: the till holds one. What is used up or surely past by `now`
     * is not looked at again.
     */
    granted: (claims: ShiftGrantClaims, jws: string, now: number): void =>
      write(() => {
        const { jti, staffId, uses, exp } = claims;
        const before = shiftGrants.held();
        if (!shiftGrants.add(claims, jws)) return;
        audit.append('shift.granted', { jti, staffId, uses, exp });
        for (const held of before) {
          const isReplaced = staffId === null && held.staffId === null;
          if (isReplaced || held.used >= held.uses || held.expiresAt <= now) shiftGrants.close(held.jti);
        }
      }),

    /** Nobody can tell any more how often these were used, or they are not what they should be. */
    closed: (jtis: readonly string[], why: 'recovered' | 'untrusted'): void =>
      write(() => {
        for (const jti of jtis) {
          shiftGrants.close(jti);
          audit.append('shift.closed', { jti, why });
        }
      }),

    drawerOutcome: (id: string, state: CashDrawerOutcome, error: WireError | null): void =>
      write(() => {
        audit.append('drawer.outcome', { id, state, error: error?.code ?? null });
        cashSales.setOutcome(id, state, error);
      }),

    /** What a crash cut off: a drawer that was to open is never tried again. */
    interrupted: (error: WireError): void => {
      const cutOff = cashSales.waiting();
      if (cutOff.length === 0) return;
      write(() => {
        for (const { id } of cutOff) {
          audit.append('drawer.outcome', { id, state: 'unconfirmed', error: error.code });
          cashSales.setOutcome(id, 'unconfirmed', error);
        }
      });
    },
  };
}
export type ShiftJournal = ReturnType<typeof createShiftJournal>;
