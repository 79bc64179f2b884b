import { SaksiError } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import { amountSchema } from '../../shared/money.ts';
import { POS_FINAL, type PosRedemption, type PosRedemptionCreate } from '../../shared/pos-link-api.ts';
import type { Customer } from './people.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import type { TillMachine } from './till-machine.ts';

/** A sale as the terminal's own journal has it: written before it asks, so that it can ask again with the same key. */
interface Sale {
  readonly key: string;
  readonly body: PosRedemptionCreate;
  /** What the till answered first; null while no answer came. */
  id: string | null;
  /** How it was told to end, once it was. */
  end: 'capture' | 'cancel' | null;
  /** The last status that it was told. */
  status: PosRedemption['status'] | null;
  /** Asked for in vain at the end of the day: so often. */
  asked: number;
  /** With which wish the till took the key, as whoever watches knows: the first may have been another one than `body`. */
  takenDrawer: boolean | null;
}

export interface TerminalParts {
  readonly till: TillMachine;
  readonly customers: readonly Customer[];
  readonly prng: Prng;
  note(text: string): void;
  violated(what: string): void;
}

type Pos = NonNullable<TillMachine['till']>['pos'];

const AMOUNT_SHARE = 0.12;
/** So many of its newest sales a terminal comes back to. */
const REMEMBERED = 3;

/**
 * A cashier terminal's program beside one till. It keeps a journal of what it wants; it dies while an answer is on its way, and
 * asks again with the same key after that, and now and then for no reason.
 */
export class Terminal {
  readonly #parts: TerminalParts;
  readonly #sales: Sale[] = [];
  #life = 0;

  constructor(parts: TerminalParts) {
    this.#parts = parts;
  }

  /** It does one thing. */
  act(): void {
    const { prng } = this.#parts;
    const what = prng.next();
    if (what < 0.08) {
      this.#die();
      return;
    }
    const sale = this.#pick();
    if (sale === null || what < 0.35) this.#begin();
    else if (what < 0.6 || sale.id === null) this.#ask(sale);
    else this.#settle(sale, sale.end ?? (prng.chance(0.7) ? 'capture' : 'cancel'));
  }

  /** The sale is over: what was asked for is asked to its end. */
  giveUp(): void {
    for (const sale of this.#sales) {
      if (sale.status !== null && POS_FINAL.includes(sale.status)) continue;
      if (sale.id === null) {
        // The first wish under its key may have been another one: somebody looks, and asks as it was.
        sale.asked += 1;
        this.#ask(sale, sale.asked % 2 === 0);
      } else if (sale.body.capture === 'manual' || sale.status?.startsWith('awaiting')) {
        this.#settle(sale, sale.end ?? (sale.status === 'authorised' ? 'capture' : 'cancel'));
      } else this.#look(sale);
    }
  }

  /** One wish, one redemption: at the till and at the gateway, whatever was repeated. */
  check(captured: readonly { readonly sale_ref: string | null }[]): void {
    const { till, violated } = this.#parts;
    const disk = till.disk.connection();
    for (const { key, id, body } of this.#sales) {
      const rows = disk
        ?.prepare<[string], { id: string }>('SELECT id FROM redemptions WHERE sale_ref = ?')
        .all(body.saleRef);
      if (rows === undefined) continue;
      if (rows.length > 1) violated(`${till.name} made ${rows.length} redemptions of one key`);
      if (id !== null && rows[0]?.id !== id) violated(`${till.name} forgot the redemption of a key: ${key}`);
      const times = captured.filter(({ sale_ref: ref }) => ref === body.saleRef).length;
      if (times > 1) violated(`a sale of ${till.name}'s terminal was captured ${times} times`);
    }
  }

  /** Its memory is gone, and the answers on their way with it; its journal is not. */
  #die(): void {
    this.#life += 1;
    this.#parts.note(`${this.#parts.till.name} terminal dies`);
  }

  #pick(): Sale | null {
    const newest = this.#sales.slice(-REMEMBERED);
    return newest.length === 0 ? null : this.#parts.prng.pick(newest);
  }

  #begin(): void {
    const { till, customers, prng } = this.#parts;
    const customer = prng.pick(customers);
    const asset: Asset = prng.chance(0.7) ? 'deposit' : 'points';
    const number = this.#sales.length + 1;
    const amount = amountSchema.parse(prng.between(1, Math.ceil(customer.wallet[asset] * AMOUNT_SHARE)));
    const sale: Sale = {
      key: `${till.name.replace(' ', '-')}:sale-${number}`,
      body: {
        ...{ customer: { id: customer.id }, asset, amount, saleRef: `${till.name}/T-${number}` },
        ...{ drawer: prng.chance(0.3), capture: prng.chance(0.6) ? 'manual' : 'auto' },
      },
      ...{ id: null, end: null, status: null, takenDrawer: null, asked: 0 },
    };
    this.#sales.push(sale);
    this.#ask(sale);
  }

  #ask(sale: Sale, other = this.#parts.prng.chance(0.04)): void {
    const { till, violated } = this.#parts;
    const body = other ? { ...sale.body, drawer: !sale.body.drawer } : sale.body;
    this.#call(
      'start',
      sale,
      (pos) => pos.start(sale.key, body),
      ({ id }) => {
        sale.takenDrawer ??= body.drawer;
        if (sale.takenDrawer !== body.drawer) violated(`${till.name} took another wish for a known key`);
        if (sale.id !== null && sale.id !== id)
          violated(`${till.name} answered one key with two redemptions`);
      },
    );
  }

  #settle(sale: Sale, end: 'capture' | 'cancel'): void {
    const { id } = sale;
    if (id === null) return;
    const key = `${sale.key}:${end}`;
    const ask = (pos: Pos) => (end === 'capture' ? pos.capture(id, key) : pos.cancel(id, key));
    this.#call(end, sale, ask, () => {
      sale.end = end;
    });
  }

  #look(sale: Sale): void {
    const { pos } = this.#parts.till.till ?? {};
    if (pos === undefined || sale.id === null) return;
    try {
      sale.status = pos.get(sale.id).status;
    } catch (error) {
      this.#refused('get', error);
    }
  }

  /** What comes of it is in the trace, and in the terminal's memory unless it died meanwhile. */
  #call(
    what: string,
    sale: Sale,
    ask: (pos: Pos) => Promise<PosRedemption>,
    taken: (of: PosRedemption) => void,
  ): void {
    const { till, note, violated } = this.#parts;
    const life = this.#life;
    const { till: asked } = till;
    if (asked === null) return;
    ask(asked.pos).then(
      (redemption) => {
        moved();
        note(`${till.name} pos.${what}: ok`);
        // The power went while it was said.
        if (till.till !== asked) return;
        taken(redemption);
        if (sale.status === 'captured' && redemption.status !== 'captured') {
          violated(`${till.name} told its terminal captured, then ${redemption.status}`);
        }
        if (life !== this.#life) return;
        sale.id = redemption.id;
        sale.status = redemption.status;
      },
      (error: unknown) => {
        moved();
        if (till.till === asked) this.#refused(what, error);
      },
    );
  }

  #refused(what: string, error: unknown): void {
    const { till, note, violated } = this.#parts;
    note(`${till.name} pos.${what}: ${error instanceof SaksiError ? error.code : String(error)}`);
    if (!(error instanceof SaksiError)) violated(`${till.name} pos.${what} threw no named error: ${error}`);
  }
}
