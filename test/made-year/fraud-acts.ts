/** What each kind of cheat does in a shift (or on a day). `perShift`: how often, for somebody steady at it. */
import type { FindingPerson } from '../../shared/findings.ts';
import type { SignalId } from '../../shared/signal-policy.ts';
import type { Prng } from '../sim-shop/prng.ts';
import { type Customer, poisson } from './chain.ts';
import { type Desk, saleAmount } from './desk.ts';
import { type Fraud, type Scene, TIMES } from './frauds.ts';

const MINUTE_MS = 60_000;

interface Stage extends Scene {
  /** The cheat's own desk; for others one of the outlet. */
  readonly desk: Desk;
  readonly prng: Prng;
}

export interface Act {
  readonly who: FindingPerson['kind'];
  /** Whether it happens on days on which the person is not at a till. */
  readonly alone?: boolean;
  commit(fraud: Fraud, stage: Stage): void;
}

/** So often in a shift of the cheat's. */
function perShift(times: number, act: (stage: Stage, at: number, fraud: Fraud) => void): Act {
  return {
    who: 'cashier',
    commit(fraud, stage) {
      for (let left = poisson(stage.prng, times * TIMES[fraud.level]); left > 0; left -= 1) {
        act(stage, timeIn(stage), fraud);
      }
    },
  };
}

/** On one day in so many, whoever is at the tills. */
function onDays(who: Act['who'], chance: number, act: (stage: Stage, fraud: Fraud) => void): Act {
  return {
    who,
    alone: true,
    commit(fraud, stage) {
      if (stage.prng.chance(Math.min(1, chance * TIMES[fraud.level]))) act(stage, fraud);
    },
  };
}

/** With room before and after it. */
function timeIn({ desk: { shift }, prng }: Stage): number {
  const [from, to] = [shift.from + 20 * MINUTE_MS, shift.to - 20 * MINUTE_MS];
  return from + prng.next() * (to - from);
}

const victim = ({ prng }: Stage, { outlet }: Fraud): Customer => prng.pick(outlet.customers);
const cash = (prng: Prng) => prng.between(5, 60) * 5000;

/** A friend at the till: prices, lines and discounts in turn. */
const FAVOURS = ['void', 'price_override', 'line_void', 'refund', 'discount'];

export const ACTS: Readonly<Record<SignalId, Act>> = {
  void_rate: perShift(0.9, ({ desk, prng }, at) => {
    const { saleRef, amount } = desk.sale(at);
    desk.ask(at + prng.between(40, 280) * 1000, { action: 'void', amount, saleRef });
  }),
  refund_rate: perShift(0.6, ({ desk, prng, day }, at) => {
    const saleRef = `T${desk.shift.till.number}-${day - prng.between(1, 5)}-${prng.between(1, 60)}`;
    desk.ask(at, { action: 'refund', amount: cash(prng), saleRef });
  }),
  price_override_rate: perShift(1.2, ({ desk, prng }, at) => {
    const saleRef = desk.openSale();
    desk.ask(at - MINUTE_MS, { action: 'price_override', amount: cash(prng), saleRef });
    desk.pay(at, saleRef, saleAmount(prng));
  }),
  late_void: perShift(0.6, ({ desk, prng }, at) => {
    const { saleRef, amount } = desk.sale(at);
    const after = prng.between(25, 100) * MINUTE_MS;
    desk.ask(Math.min(at + after, desk.shift.to - MINUTE_MS), { action: 'void', amount, saleRef });
  }),
  no_sale: perShift(2, ({ desk }, at) => void desk.ask(at, { action: 'no_sale' })),
  unexplained_opening: perShift(0.5, ({ desk }, at) => desk.openUnexplained(at)),
  drawer_left_open: perShift(1.5, ({ desk }, at) => desk.leaveOpen(at)),
  discount_near_limit: perShift(2.5, ({ desk, prng }, at) => {
    const [saleRef, amount] = [desk.openSale(), saleAmount(prng)];
    const basisPoints = prng.between(940, 999);
    desk.ask(at - MINUTE_MS, {
      action: 'discount',
      amount: Math.round(amount / 10),
      basisPoints,
      saleRef,
      free: true,
    });
    desk.pay(at, saleRef, amount);
  }),
  splitting: perShift(0.7, (stage, at, fraud) => {
    const { desk, prng } = stage;
    if (prng.chance(0.4)) {
      const customer = victim(stage, fraud);
      for (let part = 0; part < 3; part += 1) {
        desk.redeem(at + part * 4 * MINUTE_MS, {
          customer,
          asset: 'deposit',
          amount: prng.between(2, 3) * 5000,
        });
      }
      return;
    }
    const [saleRef, amount] = [desk.openSale(), saleAmount(prng)];
    for (let part = 0; part < 2; part += 1) {
      const basisPoints = prng.between(6, 9) * 100;
      desk.ask(at + part * 20_000, {
        action: 'discount',
        amount: Math.round(amount / 12),
        basisPoints,
        saleRef,
        free: true,
      });
    }
    desk.pay(at + MINUTE_MS, saleRef, amount);
  }),
  redemption_after_wrong_codes: perShift(0.35, (stage, at, fraud) => {
    const { desk, prng } = stage;
    desk.redeem(at, {
      customer: victim(stage, fraud),
      asset: 'deposit',
      amount: 100_000,
      wrong: prng.between(3, 4),
    });
  }),
  customers_one_phone: {
    who: 'phone',
    alone: true,
    commit(fraud, stage) {
      const { desk, prng } = stage;
      for (let left = poisson(prng, 0.5 * TIMES[fraud.level]); left > 0; left -= 1) {
        const [at, customer] = [timeIn(stage), victim(stage, fraud)];
        desk.changePhone(at - 15 * MINUTE_MS, customer);
        desk.redeem(at, {
          customer,
          asset: 'deposit',
          amount: cash(prng) + 20_000,
          phoneTag: fraud.customer.phoneTag,
        });
      }
    },
  },
  customer_many_tills: onDays('customer', 0.2, ({ desks, prng }, { customer }) => {
    const tills = [...desks].filter(({ shift }) => shift.from < shift.to).slice(0, 400);
    for (let left = prng.between(4, 6); left > 0; left -= 1) {
      const desk = prng.pick(tills);
      const at = desk.shift.from + (0.1 + 0.8 * prng.next()) * (desk.shift.to - desk.shift.from);
      desk.redeem(at, { customer, asset: 'deposit', amount: prng.between(5, 20) * 5000 });
    }
  }),
  redemption_frequency: onDays('customer', 0.4, (stage, { customer, outlet }) => {
    const { prng, desks } = stage;
    for (let left = prng.between(2, 4); left > 0; left -= 1) {
      const desk = prng.pick(desks.filter(({ shift }) => shift.outlet === outlet));
      desk.redeem(timeIn({ ...stage, desk }), { customer, asset: 'points', amount: prng.between(50, 200) });
    }
  }),
  same_pair: perShift(1.2, ({ desk, prng }, at, { supervisor }) => {
    const [saleRef, amount] = [desk.openSale(), saleAmount(prng)];
    const action = prng.pick(FAVOURS);
    desk.ask(at, { action, amount, basisPoints: 1500, saleRef, approver: supervisor, answer: 'approved' });
    desk.pay(at + 3 * MINUTE_MS, saleRef, amount);
  }),
  fast_approval: onDays('approver', 0.6, (stage, { supervisor: approver, outlet }) => {
    const { prng, desks } = stage;
    for (let left = prng.between(1, 4); left > 0; left -= 1) {
      const desk = prng.pick(desks.filter(({ shift }) => shift.outlet === outlet));
      const asked = { action: prng.pick(FAVOURS), amount: cash(prng), basisPoints: 1500, approver };
      desk.ask(timeIn({ ...stage, desk }), { ...asked, ms: 900 + prng.below(2600), answer: 'approved' });
    }
  }),
  approval_shopping: perShift(0.4, ({ desk, prng }, at) => {
    const { saleRef, amount } = desk.sale(at - 5 * MINUTE_MS);
    const [first, second] = [desk.shift.supervisors[0], desk.shift.outlet.manager];
    const action = prng.pick(['void', 'refund']);
    desk.ask(at, { action, amount, saleRef, approver: first, answer: 'rejected' });
    desk.ask(at + prng.between(3, 14) * MINUTE_MS, {
      action,
      amount,
      saleRef,
      approver: second,
      answer: 'approved',
    });
  }),
  after_hours: {
    who: 'cashier',
    commit({ level }, { desk, prng }) {
      if (!prng.chance(0.2 * TIMES[level])) return;
      const { outlet, to } = desk.shift;
      // Whoever worked early comes back, too.
      const minutes = (((to + outlet.offset) / MINUTE_MS) % 1440) - outlet.closes;
      const at = to - minutes * MINUTE_MS + prng.between(70, 100) * MINUTE_MS;
      desk.ask(at, { action: 'no_sale', answer: 'approved' });
      desk.ask(at + 5 * MINUTE_MS, { action: 'refund', amount: cash(prng), answer: 'approved' });
    },
  },
  reprints: perShift(1.2, ({ desk }, at) => desk.reprint(at + MINUTE_MS, desk.sale(at).saleRef)),
  refund_after_reprint: perShift(0.4, ({ desk, prng }, at) => {
    const { saleRef, amount } = desk.sale(at - 10 * MINUTE_MS);
    desk.reprint(at, saleRef);
    desk.ask(at + prng.between(5, 60) * MINUTE_MS, { action: 'refund', amount, saleRef });
  }),
  sealed_while_up: perShift(0.3, (stage, at, fraud) => {
    if (!stage.desk.isDown(at)) stage.desk.sealed(at, victim(stage, fraud), cash(stage.prng), true);
  }),
  line_lost_alone: perShift(0.5, ({ desk, prng }, at) => desk.loseLine(at, prng.between(60, 900) * 1000)),
  offline_overdrawn: perShift(0.3, (stage, at, fraud) => {
    stage.desk.overdraw(at, victim(stage, fraud), cash(stage.prng));
  }),
  cash_difference: perShift(0.45, ({ desk, prng }) => {
    desk.skim(prng.between(4, 15) * 10_000);
  }),
  float_changed: perShift(0.35, ({ desk, prng }) => {
    desk.changeFloat(desk.shift.to - 2 * MINUTE_MS, 500_000 - prng.between(3, 20) * 10_000, true);
  }),
  paid_out_rate: perShift(0.8, ({ desk, prng }, at) => desk.payOut(at, prng.between(2, 20) * 5000)),
  changed_before_redemption: perShift(0.35, (stage, at, fraud) => {
    const { desk, prng } = stage;
    const customer = victim(stage, fraud);
    desk.changePhone(
      at - prng.between(2, 15) * MINUTE_MS,
      customer,
      prng.chance(0.3) ? 'merged' : 'phone_changed',
    );
    desk.redeem(at, { customer, asset: 'deposit', amount: cash(prng) + 20_000 });
  }),
  earned_here_spent_there: perShift(0.5, ({ desk, desks, prng, chain }, at, { customer, outlet }) => {
    const { saleRef, amount } = desk.sale(at);
    desk.earn(at + 3000, customer, saleRef, Math.ceil(amount / 1000));
    const elsewhere = desks.filter(({ shift }) => shift.outlet !== outlet && shift.to > at + 45 * MINUTE_MS);
    if (chain.outlets.length < 2 || elsewhere.length === 0) return;
    const there = prng.pick(elsewhere);
    const later = Math.max(at, there.shift.from) + prng.between(35, 44) * MINUTE_MS;
    there.redeem(later, { customer, asset: 'points', amount: Math.ceil(amount / 1000) });
  }),
  points_velocity: onDays('customer', 0.25, (stage, { customer, outlet }) => {
    const { prng, desks } = stage;
    for (let left = prng.between(5, 8); left > 0; left -= 1) {
      const desk = prng.pick(desks.filter(({ shift }) => shift.outlet === outlet));
      const { saleRef, amount, at } = desk.sale(timeIn({ ...stage, desk }));
      desk.earn(at + 3000, customer, saleRef, Math.ceil(amount / 1000));
    }
  }),
  points_same_pair: perShift(1.8, ({ desk }, at, { customer }) => {
    const { saleRef, amount } = desk.sale(at);
    desk.earn(at + 3000, customer, saleRef, Math.ceil(amount / 1000));
  }),
  manual_points: perShift(0.6, ({ desk, prng }, at, { customer }) =>
    desk.givePoints(at, customer, prng.between(50, 500)),
  ),
  codes_unentered: perShift(1, (stage, at, fraud) => {
    const { desk, prng } = stage;
    desk.redeem(at, {
      customer: victim(stage, fraud),
      asset: 'deposit',
      amount: cash(prng) + 20_000,
      end: 'expired',
    });
  }),
  unwanted_codes: perShift(0.25, (stage, at, fraud) => {
    const told = { asset: 'deposit', amount: 60_000, end: 'expired', unwanted: true } as const;
    stage.desk.redeem(at, { customer: victim(stage, fraud), ...told });
  }),
  cancelled_after_code: perShift(0.4, (stage, at, fraud) => {
    const { desk, prng } = stage;
    desk.redeem(at, {
      customer: victim(stage, fraud),
      asset: 'deposit',
      amount: cash(prng) + 20_000,
      end: 'released',
    });
  }),
  low_rest: perShift(0.4, ({ desk, prng }, at) => {
    const [saleRef, amount] = [desk.openSale(), saleAmount(prng) + 50_000];
    const rest = Math.round((amount * (0.03 + 0.12 * prng.next())) / 100) * 100;
    desk.ask(at - 2 * MINUTE_MS, { action: 'line_void', amount: amount - rest, saleRef });
    desk.pay(at, saleRef, rest);
  }),
  pin_guessing: perShift(0.25, ({ desk, prng }, at) => desk.signIn(at, prng.between(3, 4))),
  chain_refused: {
    who: 'till',
    alone: true,
    commit({ from, outlet, till }, { day, recorder, desk }) {
      if (day !== from + 3) return;
      recorder.gateway(outlet, till, desk.shift.to, 'audit.refused', {
        outcome: 'refused',
        detail: { why: 'old' },
      });
    },
  },
};
