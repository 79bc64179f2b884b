/** What can happen at a till in one shift, as the events that till and gateway would write. Used by honest days and frauds alike. */
import type { Prng } from '../sim-shop/prng.ts';
import {
  type Cashier,
  CODE_FROM,
  type Customer,
  normal,
  type Outlet,
  type Supervisor,
  type Till,
} from './chain.ts';
import type { Entry, Recorder } from './recorder.ts';

export interface Shift {
  readonly outlet: Outlet;
  readonly till: Till;
  readonly cashier: Cashier;
  /** Day of the year. */
  readonly day: number;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Who answers requests now: on duty first. */
  readonly supervisors: readonly [Supervisor, ...Supervisor[]];
}

export interface DeskOptions {
  readonly shift: Shift;
  readonly recorder: Recorder;
  readonly prng: Prng;
  readonly uuid: () => string;
  readonly isDown: (at: number) => boolean;
  /** Number of the last sale at the till today. */
  readonly sales: { count: number };
}

export interface Asked {
  readonly action: string;
  readonly amount?: number;
  readonly basisPoints?: number;
  readonly saleRef?: string | null;
  readonly ms?: number;
  readonly approver?: Supervisor;
  readonly answer?: 'approved' | 'rejected' | 'expired';
  /** Nobody need be asked. */
  readonly free?: boolean;
}

export interface Redeemed {
  readonly customer: Customer;
  readonly asset: 'deposit' | 'points';
  readonly amount: number;
  readonly wrong?: number;
  /** Another phone than the customer's own. */
  readonly phoneTag?: string;
  readonly end?: 'captured' | 'expired' | 'released' | 'failed';
  readonly unwanted?: boolean;
}

export function createDesk({ shift, recorder, prng, uuid, isDown, sales }: DeskOptions) {
  const { outlet, till, cashier, supervisors } = shift;
  const staffId = cashier.id;
  let counted: Entry | null = null;
  const tell = recorder.till.bind(null, outlet, till);
  const gateway = recorder.gateway.bind(null, outlet, till);

  function drawer(at: number, cause: string, saleRef: string | null): void {
    tell(at, 'drawer.opened', { staffId, saleRef, detail: { cause } });
    tell(at + 4000 + prng.below(12_000), 'drawer.closed', { staffId });
  }

  /** Of the supervisor on duty mostly; the manager or another one now and then. */
  function approver(): Supervisor {
    if (prng.chance(0.12)) return outlet.manager;
    return supervisors.length > 1 && prng.chance(0.15) ? (supervisors[1] as Supervisor) : supervisors[0];
  }

  function answerMs({ medianMs, clumsy }: Supervisor): number {
    // A thumb that is too quick.
    if (prng.chance(clumsy ? 0.06 : 0.012)) return 1500 + prng.below(2400);
    return Math.max(4500, medianMs * Math.exp(0.7 * normal(prng)));
  }

  return {
    shift,
    prng,
    recorder,
    isDown,
    /** Somewhere in the shift. */
    anyTime: () => shift.from + prng.next() * (shift.to - shift.from),

    sale(at: number, amount = saleAmount(prng)): { saleRef: string; amount: number; at: number } {
      sales.count += 1;
      const saleRef = `T${till.number}-${shift.day}-${sales.count}`;
      tell(at, 'shift.used', { staffId, saleRef, amount, asset: 'cash' });
      drawer(at + 200, 'cash_sale', saleRef);
      return { saleRef, amount, at };
    },

    /** A sale's number before it is paid. */
    openSale(): string {
      sales.count += 1;
      return `T${till.number}-${shift.day}-${sales.count}`;
    },
    pay(at: number, saleRef: string, amount: number): void {
      tell(at, 'shift.used', { staffId, saleRef, amount, asset: 'cash' });
      drawer(at + 200, 'cash_sale', saleRef);
    },

    /** @returns when it was answered, null when it was not approved */
    ask(at: number, asked: Asked): number | null {
      const { action, amount = null, basisPoints = null, saleRef = null, free = false } = asked;
      const subjectId = uuid();
      const told = { staffId, saleRef, subjectId, amount } as const;
      const detail = { action, basisPoints };
      gateway(at, 'approval.requested', { ...told, detail });
      if (free) {
        gateway(at, 'approval.approved', { ...told, detail: { ...detail, ms: 0, via: 'free' } });
        return at;
      }
      const by = asked.approver ?? approver();
      const answer =
        asked.answer ?? (prng.chance(0.03) ? 'rejected' : prng.chance(0.02) ? 'expired' : 'approved');
      if (answer === 'expired') {
        gateway(at + 600_000, 'approval.expired', { ...told, detail: { action }, outcome: 'lapsed' });
        return null;
      }
      const ms = Math.round(asked.ms ?? answerMs(by));
      const outcome = answer === 'approved' ? 'ok' : 'refused';
      gateway(at + ms, `approval.${answer}`, {
        ...told,
        approverId: by.id,
        outcome,
        detail: { ...detail, ms, via: 'tap' },
      });
      if (answer === 'rejected') return null;
      if (['void', 'refund', 'no_sale', 'cash_out'].includes(action))
        drawer(at + ms + 800, 'approval', saleRef);
      return at + ms;
    },

    redeem(
      at: number,
      { customer, asset, amount, wrong = 0, phoneTag, end = 'captured', unwanted = false }: Redeemed,
    ): void {
      const subjectId = uuid();
      const told = { staffId, subjectId, customerId: customer.id, asset, amount } as const;
      const tag = { phoneTag: phoneTag ?? customer.phoneTag };
      gateway(at, 'redemption.requested', { ...told, detail: tag });
      const asksCode = asset === 'points' || amount >= CODE_FROM;
      let now = at;
      if (asksCode) {
        gateway(at + 900, 'code.sent', { ...told, detail: { ...tag, serial: 1, channel: 'whatsapp' } });
        if (unwanted) gateway(at + 40_000, 'code.unwanted', told);
        now += 12_000 + prng.below(40_000);
        for (let tries = 1; tries <= wrong; tries += 1) {
          gateway(now, 'code.wrong', {
            ...told,
            outcome: 'refused',
            detail: { triesLeft: Math.max(0, 5 - tries), why: 'wrong' },
          });
          now += 8000 + prng.below(15_000);
        }
        if (end === 'failed') {
          gateway(now, 'redemption.failed', { ...told, outcome: 'failed' });
          return;
        }
        if (end === 'expired') {
          gateway(at + 300_000, 'redemption.expired', { ...told, outcome: 'lapsed' });
          return;
        }
      }
      gateway(now, 'redemption.authorised', { ...told, detail: { ...tag, ms: Math.round(now - at) } });
      now += 6000;
      if (end === 'released')
        gateway(now, 'redemption.released', { ...told, detail: { reason: 'terminal' } });
      else {
        gateway(now, 'redemption.captured', { ...told, detail: { slip: 'printed', offline: false } });
        tell(now, 'slip.printed', { staffId, subjectId });
      }
    },

    /** Without a line; booked when it is back. */
    sealed(at: number, customer: Customer, amount: number, lineWasUp: boolean): void {
      const [subjectId, sealedCodeId] = [uuid(), uuid()];
      const told = { staffId, subjectId, customerId: customer.id, asset: 'deposit', amount } as const;
      tell(at, 'sealed.used', { ...told, detail: { sealedCodeId } });
      gateway(at + 300_000, 'offline.spent', { ...told, detail: { sealedCodeId, lineWasUp } });
    },
    overdraw(at: number, customer: Customer, amount: number): void {
      gateway(at, 'offline.overdrawn', {
        staffId,
        customerId: customer.id,
        asset: 'deposit',
        amount,
        detail: { loss: amount },
      });
    },

    earn(at: number, customer: Customer, saleRef: string, points: number): void {
      gateway(at, 'wallet.earned', {
        ...{ staffId, customerId: customer.id, saleRef, asset: 'points', amount: points },
        detail: { phoneTag: customer.phoneTag },
      });
    },
    givePoints(at: number, customer: Customer, points: number): void {
      gateway(at, 'wallet.topped_up', {
        staffId,
        customerId: customer.id,
        asset: 'points',
        amount: points,
        detail: { by: 'manual' },
      });
    },
    changePhone(at: number, customer: Customer, kind: 'phone_changed' | 'merged' = 'phone_changed'): void {
      gateway(at, `customer.${kind}`, { staffId, customerId: customer.id });
    },

    reprint(at: number, saleRef: string): void {
      tell(at, 'slip.reprint', { staffId, saleRef, detail: { copy: 1, reason: 'customer_asked' } });
    },
    openUnexplained(at: number): void {
      tell(at, 'drawer.unexplained_opening', { outcome: 'failed' });
      tell(at + 9000, 'drawer.closed', { staffId });
    },
    leaveOpen(at: number): void {
      tell(at, 'drawer.open_long', { detail: { openMs: 60_000 } });
    },
    loseLine(at: number, ms: number): void {
      tell(at, 'line.lost');
      tell(at + ms, 'line.back', { detail: { ms: Math.round(ms) } });
    },

    signIn(at: number, wrong: number): void {
      for (let tries = wrong; tries > 0; tries -= 1) {
        tell(at - tries * 9000, 'session.pin_wrong', {
          staffId,
          outcome: 'refused',
          detail: { locked: false },
        });
      }
      tell(at, 'session.signed_in', { staffId });
    },
    signOut: (at: number) => tell(at, 'session.signed_out', { staffId }),
    openCash: (at: number) => gateway(at, 'cash.opened', { staffId, asset: 'cash', amount: 500_000 }),
    changeFloat: (at: number, amount: number, afterCount: boolean) =>
      gateway(at, 'cash.float_changed', {
        staffId,
        asset: 'cash',
        amount,
        detail: { before: 500_000, afterCount },
      }),
    payOut: (at: number, amount: number) => gateway(at, 'cash.paid_out', { staffId, asset: 'cash', amount }),
    countCash(at: number, difference: number): void {
      counted = gateway(at, 'cash.counted', { staffId, asset: 'cash', ...countOf(difference) });
    },
    /** Takes from the drawer what the count then lacks. */
    skim(amount: number): void {
      if (counted === null) return;
      Object.assign(counted.event, countOf((counted.event.amount ?? 0) - amount));
      recorder.claim(counted);
    },
    refuseChain: (at: number) => gateway(at, 'audit.refused', { outcome: 'refused', detail: { why: 'old' } }),
  };
}
export type Desk = ReturnType<typeof createDesk>;

const countOf = (difference: number) => ({
  amount: difference,
  detail: { counted: 3_000_000 + difference, expected: 3_000_000, reason: null },
});

/** Rupiah, in whole hundreds: half of all sales below 75 000. */
export function saleAmount(prng: Prng): number {
  return Math.max(5000, Math.round((75_000 * Math.exp(0.8 * normal(prng))) / 100) * 100);
}
