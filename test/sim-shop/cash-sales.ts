import type { Selectable } from 'kysely';
import type { CashSalesTable, ShiftGrantsTable } from '../../cloud/db/shift-tables.ts';
import { SaksiError } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import type { TillMachine } from './till-machine.ts';

interface CashParts {
  readonly prng: Prng;
  note(text: string): void;
  violated(what: string): void;
}

interface CashFacts {
  readonly shiftGrants: readonly Selectable<ShiftGrantsTable>[];
  readonly cashSales: readonly Selectable<CashSalesTable>[];
}

interface Row {
  id: string;
  jti: string;
  use_no: number;
  staff_id: string;
  sale_ref: string;
  drawer_state: string;
}

/** How often a terminal sells for cash when its cashier does something, and how often it asks for a sale once more. */
const SELLS = 0.3;
const REPEATS = 0.3;

/** Ordinary cash sales of all terminals; what is drawn here moves nobody else. */
export class CashSales {
  readonly #parts: CashParts;
  readonly #sold = new Map<string, { key: string; saleRef: string; amount: number }[]>();

  constructor(parts: CashParts) {
    this.#parts = parts;
  }

  /** Perhaps a sale, or one of before again: after a restart, or because its answer was lost. */
  act(till: TillMachine): void {
    const { prng, note, violated } = this.#parts;
    const { till: asked } = till;
    if (asked === null || !prng.chance(SELLS)) return;
    const sold = this.#sold.get(till.name) ?? [];
    this.#sold.set(till.name, sold);
    const known = sold.length > 0 && prng.chance(REPEATS) ? prng.pick(sold.slice(-3)) : null;
    const number = sold.length + 1;
    const sale = known ?? {
      key: `${till.name.replace(' ', '-')}:cash-${number}`,
      saleRef: `${till.name}/C-${number}`,
      amount: prng.between(1_000, 90_000),
    };
    if (known === null) sold.push(sale);
    // The terminal may have forgotten its key, but not the number on its receipt.
    const key = prng.chance(0.8) ? sale.key : `${sale.key}:${prng.below(1_000)}`;
    const wish = { saleRef: sale.saleRef, amount: amountSchema.parse(sale.amount) };
    asked.pos.openForCashSale(key, wish).then(
      () => {
        moved();
        note(`${till.name} pos.cash: ok`);
      },
      (error: unknown) => {
        moved();
        if (till.till !== asked) return;
        note(`${till.name} pos.cash: ${error instanceof SaksiError ? error.code : String(error)}`);
        if (!(error instanceof SaksiError)) violated(`${till.name} pos.cash threw no named error: ${error}`);
      },
    );
  }

  /** Never more openings than granted, none by another person, one for each sale, none that is not on the chain. */
  check(tills: readonly TillMachine[], { shiftGrants }: CashFacts): void {
    const { violated } = this.#parts;
    for (const till of tills) {
      const disk = till.disk.connection();
      if (disk === null) continue;
      const rows = disk.prepare<[], Row>('SELECT * FROM cash_sales ORDER BY seq').all();
      const onChain = new Set(
        disk
          .prepare<[], { id: string }>(
            "SELECT json_extract(body, '$.id') AS id FROM audit WHERE kind = 'shift.used'",
          )
          .all()
          .map(({ id }) => id),
      );
      for (const { id, jti, use_no: useNo, staff_id: staffId } of rows) {
        if (!onChain.has(id)) violated(`${till.name} opened for a cash sale that is not on its chain`);
        const grant = shiftGrants.find((one) => one.jti === jti);
        if (grant === undefined || grant.till_id !== till.id) {
          violated(`${till.name} opened on a shift grant that it was not given`);
        } else if (useNo > grant.uses) violated(`${till.name} opened more often than it was granted`);
        else if (grant.staff_id !== null && grant.staff_id !== staffId) {
          violated(`${till.name} opened on another person's shift grant`);
        }
      }
      if (onChain.size !== rows.length) violated(`${till.name} forgot an opening for a cash sale`);
      const refs = rows.filter(({ drawer_state: state }) => state !== 'failed').map((row) => row.sale_ref);
      if (new Set(refs).size !== refs.length) violated(`${till.name} opened twice for one cash sale`);
    }
  }

  /** All told: both sides have the same openings, and nothing but clocks was wrong with them. */
  checkAtEnd(tills: readonly TillMachine[], { cashSales }: CashFacts): void {
    const { violated } = this.#parts;
    const booked = new Map(cashSales.map((sale) => [sale.id, sale]));
    for (const till of tills) {
      const rows = till.disk.connection()?.prepare<[], Row>('SELECT * FROM cash_sales').all() ?? [];
      for (const { id } of rows) {
        const sale = booked.get(id);
        if (sale === undefined) violated(`${till.name} never told of an opening for a cash sale`);
        const odd = sale?.flags.filter((flag) => flag !== 'outside_time') ?? [];
        if (odd.length > 0) violated(`${till.name} told of a cash sale that is ${odd.join(', ')}`);
        booked.delete(id);
      }
    }
    if (booked.size > 0) violated(`${booked.size} openings for cash sales are booked that no till knows`);
  }
}
