import { SaksiError } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
import {
  type PosCashSale,
  type PosCashSaleCreate,
  posCashSaleCreateSchema,
} from '../../shared/pos-link-api.ts';
import type { CashSaleRow } from '../store/cash-sales.ts';
import { drawerOf, openForCashSale, settled } from './cash-sale.ts';
import type { PosPort } from './contract.ts';
import type { Core } from './core.ts';
import type { Sessions } from './session.ts';

/** Ordinary cash sales as a cashier terminal asks for them: the drawer opens once for each. */
export function createPosCashSales(core: Core, sessions: Sessions): Pick<PosPort, 'openForCashSale'> {
  return {
    async openForCashSale(key, input) {
      const { saleRef, amount } = parse(input);
      const posKey = { key, action: 'cash-sale', body: { saleRef, amount } };
      const madeId = core.store.posKeys.find(key, posKey.action, posKey.body);
      if (madeId !== null) return posCashSale(core, await settled(core, madeId));
      const wish = { saleRef, amount, startedBy: 'terminal' } as const;
      return posCashSale(core, await openForCashSale(core, sessions.require(), wish, posKey));
    },
  };
}

function parse(input: PosCashSaleCreate): PosCashSaleCreate {
  const parsed = posCashSaleCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? '');
  throw new SaksiError(field === 'amount' ? 'amount_invalid' : 'bad_request', { params: { field } });
}

function posCashSale(core: Core, row: CashSaleRow): PosCashSale {
  const { id, saleRef, amount, currency, drawerError } = row;
  return {
    ...{ id, saleRef, amount: amountSchema.parse(amount), currency, drawer: drawerOf(row) },
    left: core.shift.view()?.left ?? 0,
    error: drawerError,
  };
}
