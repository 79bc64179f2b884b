import { createHash } from 'node:crypto';
import type { Asset } from '../../shared/money.ts';
import { amountSchema } from '../../shared/money.ts';
import { CashSales } from './cash-sales.ts';
import type { GatewayMachine } from './gateway-machine.ts';
import type { Phones, Question } from './phones.ts';
import type { Prng } from './prng.ts';
import { Terminal } from './terminals.ts';
import type { TillMachine } from './till-machine.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Person {
  readonly id: string;
  readonly role: 'cashier' | 'supervisor' | 'manager';
  readonly pin: string;
  /** Digits without the plus. */
  readonly phone: string | null;
}

export interface Customer {
  readonly id: string;
  readonly phone: string;
  readonly wallet: Readonly<Record<Asset, number>>;
}

export interface PeopleParts {
  staff: readonly Person[];
  customers: readonly Customer[];
  phones: Phones;
  gateway: GatewayMachine;
  time: VirtualTime;
  prng: Prng;
  note(text: string): void;
  hit(fault: string): void;
  violated(what: string): void;
}

const REGULAR = 0.5;
const FINISHED = ['done', 'cancelled', 'expired', 'failed'];
const OPEN = ['requesting', 'pending', 'acting'];
/** Meta tries a webhook again that was not taken. */
const WEBHOOK_RETRY_MS = 2_000;
const WEBHOOK_TRIES = 30;

/** Cashiers, customers and supervisors: what they do next is drawn from the seed. */
export class People {
  readonly #parts: PeopleParts;
  readonly #answered = new Set<string>();
  readonly cashSales: CashSales;
  readonly #terminals = new Map<string, Terminal>();
  /** Whom all tills serve most: what meets in one wallet, and what waits in one order. */
  readonly #regular: Customer;
  #taps = 0;
  #sales = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#regular = parts.prng.pick(parts.customers);
    const { note, violated } = parts;
    this.cashSales = new CashSales({ prng: parts.prng.fork('cash sales'), note, violated });
  }

  /** A cashier does one thing at this till. */
  act(till: TillMachine): void {
    const view = till.view();
    if (view === null || view.till === null) return;
    const { prng, staff } = this.#parts;
    if (view.session === null) {
      const who = prng.pick(staff.filter(({ id }) => view.staff.some((one) => one.id === id)));
      till.invoke('session.signIn', { staffId: who.id, pin: who.pin });
      return;
    }
    this.cashSales.act(till);
    const { redemption } = view;
    const other = prng.next();
    if (other > 0.86) {
      this.terminalOf(till).act();
      return;
    }
    if (other < 0.12) {
      this.#ask(till);
      return;
    }
    const pending = view.approvals.find(({ stage }) => OPEN.includes(stage));
    if (other < 0.15 && pending !== undefined) {
      till.invoke('approval.cancel', { approvalId: pending.id });
      return;
    }
    const ended = view.approvals.find(({ stage }) => !OPEN.includes(stage));
    if (other < 0.3 && ended !== undefined) {
      till.invoke('approval.dismiss', { approvalId: ended.id });
      return;
    }
    if (other < 0.33) {
      till.invoke('customers.search', { q: 'Pelanggan' });
      return;
    }
    if (redemption === null || FINISHED.includes(redemption.stage)) {
      this.#begin(till, redemption?.id);
      return;
    }
    if (redemption.stage === 'awaiting_code') {
      this.#code(till, redemption.id);
      return;
    }
    if (redemption.stage === 'awaiting_sealed') {
      this.#sealed(till, redemption.id);
      return;
    }
    if (prng.chance(0.1)) till.invoke('redemption.cancel', { redemptionId: redemption.id });
  }

  terminalOf(till: TillMachine): Terminal {
    const known = this.#terminals.get(till.name);
    if (known !== undefined) return known;
    const { customers, prng, note, violated } = this.#parts;
    const own = prng.fork(`terminal of ${till.name}`);
    const terminal = new Terminal({ till, customers, prng: own, note, violated });
    this.#terminals.set(till.name, terminal);
    return terminal;
  }

  /** The customer leaves: what is still asked for is given up. */
  giveUp(till: TillMachine): void {
    this.terminalOf(till).giveUp();
    const view = till.view();
    if (view === null) return;
    if (view.session === null) {
      this.act(till);
      return;
    }
    const { redemption } = view;
    if (
      redemption !== null &&
      ['awaiting_code', 'awaiting_sealed', 'requesting'].includes(redemption.stage)
    ) {
      till.invoke('redemption.cancel', { redemptionId: redemption.id });
    }
    for (const { id, stage } of view.approvals) {
      if (stage === 'pending' || stage === 'requesting') till.invoke('approval.cancel', { approvalId: id });
    }
  }

  #begin(till: TillMachine, shown: string | undefined): void {
    const { prng, customers } = this.#parts;
    if (shown !== undefined && prng.chance(0.2)) {
      till.invoke('redemption.dismiss', { redemptionId: shown });
      return;
    }
    const customer = prng.chance(REGULAR) ? this.#regular : prng.pick(customers);
    const asset: Asset = prng.chance(0.7) ? 'deposit' : 'points';
    this.#sales += 1;
    const wallet = customer.wallet[asset];
    const amount = amountSchema.parse(prng.between(1, Math.ceil(wallet * (prng.chance(0.05) ? 1.2 : 0.15))));
    const drawer = prng.chance(0.5);
    till.invoke('redemption.start', {
      customerId: customer.id,
      asset,
      amount,
      saleRef: `S-${this.#sales}`,
      drawer,
    });
  }

  #code(till: TillMachine, redemptionId: string): void {
    const { prng, customers, phones } = this.#parts;
    const row = till.disk
      .connection()
      ?.prepare<[string], { customer: string }>('SELECT customer FROM redemptions WHERE id = ?')
      .get(redemptionId);
    const customerId = row?.customer == null ? null : (JSON.parse(row.customer) as { id: string }).id;
    const phone = customers.find(({ id }) => id === customerId)?.phone ?? '';
    const codes = phones.codes.get(phone) ?? [];
    const newest = codes.at(-1);
    const what = prng.next();
    if (what < 0.62 && newest !== undefined) {
      // Two tills may serve one customer: not every code is for this one.
      const code = prng.chance(0.9) ? newest : prng.pick(codes);
      till.invoke('redemption.submitCode', { redemptionId, code });
    } else if (what < 0.7) {
      till.invoke('redemption.submitCode', { redemptionId, code: String(prng.between(100_000, 999_999)) });
    } else if (what < 0.75) till.invoke('redemption.resend', { redemptionId });
    else if (what < 0.85) till.invoke('redemption.cancel', { redemptionId });
  }

  #sealed(till: TillMachine, redemptionId: string): void {
    const { prng, staff, phones } = this.#parts;
    const holder = prng.pick(staff.filter(({ phone }) => phone !== null));
    const codes = phones.sealedFor(holder.phone ?? '', till.name);
    const what = prng.next();
    if (what < 0.75 && codes.length > 0) {
      const code = prng.pick(codes);
      till.invoke('redemption.submitSealed', { redemptionId, supervisorId: holder.id, code });
    } else if (what < 0.8) {
      till.invoke('redemption.submitSealed', { redemptionId, supervisorId: holder.id, code: '0000-0000' });
    } else if (what < 0.9) till.invoke('redemption.cancel', { redemptionId });
  }

  #ask(till: TillMachine): void {
    const { prng } = this.#parts;
    this.#sales += 1;
    const saleRef = `V-${this.#sales}`;
    const rest = { basisPoints: null, note: '', saleRef };
    if (prng.chance(0.5)) {
      const amount = amountSchema.parse(prng.between(1_000, 80_000));
      till.invoke('approval.start', {
        kind: 'void',
        amount,
        reason: { key: 'wrong_item', text: null },
        ...rest,
      });
    } else {
      till.invoke('approval.start', {
        kind: 'no_sale',
        amount: null,
        reason: { key: 'change_money', text: null },
        ...rest,
      });
    }
  }

  /** A supervisor looks at the phone and answers something, or taps twice, or leaves it. */
  answer(): void {
    const { phones, prng, gateway } = this.#parts;
    const open = phones.questions.filter(({ wamid }) => !this.#answered.has(wamid) || prng.chance(0.02));
    if (open.length === 0) return;
    const question = prng.pick(open);
    this.#answered.add(question.wamid);
    const index = prng.chance(0.8) ? 0 : 1;
    this.#tap(question, index, prng.chance(0.15));
    if (prng.chance(0.1)) this.#tap(question, 1 - index, false);
    void gateway;
  }

  #tap(question: Question, index: number, twice: boolean): void {
    const { phones, gateway, hit } = this.#parts;
    this.#taps += 1;
    const body = phones.tap(question, index, `wamid.TAP${this.#taps}`, gateway.clock.now());
    this.#deliver(body, 0);
    if (!twice) return;
    hit('webhook_twice');
    this.#deliver(body, 0);
  }

  #deliver(body: object, tried: number): void {
    const { time, prng, gateway } = this.#parts;
    time.at(tried === 0 ? prng.between(20, 900) : WEBHOOK_RETRY_MS, () => {
      gateway.webhook(body).then(
        (taken) => {
          if (!taken && tried < WEBHOOK_TRIES) this.#deliver(body, tried + 1);
        },
        () => this.#deliver(body, tried + 1),
      );
    });
  }
}

/** A name for a customer's phone that is the same in every run. */
export function phoneNumber(index: number): string {
  const digits = createHash('sha256').update(String(index)).digest().readUInt32BE(0) % 1_000_000;
  return `62812${String(index).padStart(2, '0')}${String(digits).padStart(6, '0')}`;
}
