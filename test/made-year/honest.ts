/** An honest shift at a till: sales, and what goes with them, by the cashier's habits and with everybody's mistakes. */
import type { Prng } from '../sim-shop/prng.ts';
import { busyness } from './calendar.ts';
import { type Customer, clumsinessOf, normal, type Outlet, poisson } from './chain.ts';
import { type Desk, saleAmount } from './desk.ts';

/** Chances of one sale, for a cashier like most. */
const PER_SALE = {
  void: 0.007,
  lineVoid: 0.006,
  discount: 0.03,
  override: 0.004,
  refund: 0.004,
  reprint: 0.005,
  leftOpen: 0.004,
  earn: 0.12,
  redeem: 0.03,
};
const PER_HOUR = { noSale: 0.12, unexplained: 0.008 };
/** A returns desk: a fifth of the sales, and most of the outlet's refunds. */
const RETURNS = { sales: 0.2, refund: 0.35, void: 0.03, reprint: 0.08 };
const DISCOUNTS = [200, 300, 500, 500, 500, 500, 500, 700, 800, 900, 1000, 1000, 1500, 2000];
const HOUR_MS = 3_600_000;

export function workHonestly(desk: Desk, chainCustomers: (prng: Prng) => Customer): void {
  const { shift, prng } = desk;
  const { till, outlet, day, from, to, cashier } = shift;
  const hours = (to - from) / HOUR_MS;
  const mean = outlet.salesPerTill * busyness(day) * (hours / 12) * (till.returnsDesk ? RETURNS.sales : 1);
  const clumsy = clumsinessOf(cashier, day);
  const { habits } = cashier;

  const wrongPins = prng.chance(0.003 * habits.pins * clumsy)
    ? prng.between(3, 4)
    : prng.chance(0.04 * clumsy)
      ? 1
      : 0;
  desk.signIn(from, wrongPins);
  desk.openCash(from + 60_000);
  for (let left = poisson(prng, mean); left > 0; left -= 1) {
    const at = from + 120_000 + prng.next() * (to - from - 600_000);
    sell(desk, at, clumsy, chainCustomers);
  }
  for (let n = poisson(prng, PER_HOUR.noSale * hours * habits.noSales); n > 0; n -= 1) {
    desk.ask(desk.anyTime(), { action: 'no_sale' });
  }
  const unexplained = PER_HOUR.unexplained * habits.drawer * (till.badSwitch ? 25 : 1);
  for (let n = poisson(prng, unexplained * hours); n > 0; n -= 1) desk.openUnexplained(desk.anyTime());
  if (prng.chance(0.05)) {
    const customer = chainCustomers(prng);
    desk.changePhone(desk.anyTime(), customer, prng.chance(0.2) ? 'merged' : 'phone_changed');
    if (prng.chance(0.3)) redeem(desk, Math.min(to - 400_000, desk.anyTime() + 600_000), customer);
  }
  if (prng.chance(0.03)) desk.givePoints(desk.anyTime(), chainCustomers(prng), prng.between(10, 200));
  if (prng.chance(0.15)) desk.payOut(desk.anyTime(), prng.between(1, 20) * 5000);
  if (prng.chance(0.01 * clumsy))
    desk.changeFloat(to - 120_000, 500_000 + prng.between(-5, 5) * 10_000, true);
  desk.countCash(to - 60_000, difference(prng, habits.cash * clumsy));
  desk.signOut(to);
}

function sell(desk: Desk, at: number, clumsy: number, anyCustomer: (prng: Prng) => Customer): void {
  const { prng, shift } = desk;
  const { habits } = shift.cashier;
  const desktop = shift.till.returnsDesk;
  const isLineVoid = prng.chance(PER_SALE.lineVoid * clumsy);
  const amount = saleAmount(prng);
  const saleRef = desk.openSale();
  if (isLineVoid) {
    // Of several things one: now and then the dearest of them.
    const part = prng.chance(0.04) ? 0.85 : 0.05 + 0.5 * prng.next();
    const voided = Math.round((amount * part) / (1 - part) / 100) * 100;
    desk.ask(at - 90_000, { action: 'line_void', amount: Math.max(100, voided), saleRef });
  }
  if (prng.chance(PER_SALE.discount * habits.discounts)) discount(desk, at - 60_000, amount, saleRef);
  if (prng.chance(PER_SALE.override * clumsy))
    desk.ask(at - 60_000, { action: 'price_override', amount: 5000, saleRef });
  desk.pay(at, saleRef, amount);

  if (prng.chance((desktop ? RETURNS.void : PER_SALE.void) * habits.voids * clumsy)) {
    // Most are seen at once; some customers come back for the one thing that was charged twice.
    const after = prng.chance(0.12) ? 600_000 + prng.next() * 1_800_000 : 20_000 + prng.next() * 300_000;
    const approvedAt = desk.ask(at + after, { action: 'void', amount, saleRef });
    if (approvedAt === null && prng.chance(0.05))
      desk.ask(at + after + 900_000, { action: 'void', amount, saleRef });
  }
  if (prng.chance((desktop ? RETURNS.refund : PER_SALE.refund) * habits.refunds)) refund(desk, at, amount);
  if (prng.chance((desktop ? RETURNS.reprint : PER_SALE.reprint) * habits.reprints))
    desk.reprint(at + 60_000, saleRef);
  if (prng.chance(PER_SALE.leftOpen * habits.drawer)) desk.leaveOpen(at + 61_000);
  if (prng.chance(PER_SALE.earn)) desk.earn(at + 3000, anyCustomer(prng), saleRef, Math.ceil(amount / 1000));
  if (prng.chance(PER_SALE.redeem)) redeem(desk, at - 60_000, anyCustomer(prng));
}

/** Of a sale of some days ago; who lost the receipt gets a copy first. */
function refund(desk: Desk, at: number, amount: number): void {
  const { prng, shift } = desk;
  const saleRef = `T${prng.between(1, shift.outlet.tills.length)}-${shift.day - prng.between(1, 7)}-${prng.between(1, 60)}`;
  if (prng.chance(0.05)) desk.reprint(at + 30_000, saleRef);
  const rounded = Math.min(amount, 400_000);
  const answer = desk.ask(at + 120_000, { action: 'refund', amount: rounded, saleRef });
  // Refused for a reason that the next one does not share.
  if (answer === null && prng.chance(0.1))
    desk.ask(at + 900_000, { action: 'refund', amount: rounded, saleRef });
}

function discount(desk: Desk, at: number, amount: number, saleRef: string): void {
  const basisPoints = desk.prng.pick(DISCOUNTS);
  const off = Math.round((amount * basisPoints) / 10_000);
  desk.ask(at, { action: 'discount', amount: off, basisPoints, saleRef, free: basisPoints < 1000 });
  // A voucher on top of the member's discount.
  if (desk.prng.chance(0.01))
    desk.ask(at + 9000, { action: 'discount', amount: off, basisPoints: 500, saleRef, free: true });
}

function redeem(desk: Desk, at: number, customer: Customer): void {
  const { prng } = desk;
  if (desk.isDown(at)) {
    if (prng.chance(0.5)) desk.sealed(at, customer, prng.between(2, 20) * 5000, false);
    if (prng.chance(0.01)) desk.overdraw(at + 600_000, customer, prng.between(1, 10) * 1000);
    return;
  }
  const draw = prng.next();
  // Codes are mistyped; phones are empty, at home, or on silent.
  const wrong = draw < 0.004 ? 3 : draw < 0.02 ? 2 : draw < 0.09 ? 1 : 0;
  const last = prng.next();
  const end = last < 0.045 ? 'expired' : last < 0.053 ? 'released' : last < 0.055 ? 'failed' : 'captured';
  const asset = prng.chance(0.55) ? 'deposit' : 'points';
  const amount = asset === 'deposit' ? prng.between(1, 30) * 5000 : prng.between(5, 300);
  desk.redeem(at, { customer, asset, amount, wrong, end, unwanted: prng.chance(0.0015) });
}

/** More than half of all counts are right; coins and change make the rest, and now and then a note. */
function difference(prng: Prng, size: number): number {
  if (prng.chance(0.5 / Math.max(1, size))) return 0;
  if (prng.chance(0.012 * size)) return (prng.chance(0.75) ? -1 : 1) * prng.between(2, 10) * 10_000;
  return Math.round((normal(prng) * 2500 * Math.sqrt(size) - 300) / 100) * 100;
}

/** Whoever comes: some much more often than others, a few from another outlet. */
export function customersOf(outlet: Outlet, outlets: readonly Outlet[]): (prng: Prng) => Customer {
  return (prng) => {
    const visited = prng.chance(0.04) ? prng.pick(outlets) : outlet;
    const index = Math.floor(visited.customers.length * prng.next() ** 1.6);
    return visited.customers[index] ?? outlet.reseller;
  };
}
