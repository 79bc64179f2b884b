import type { BridgeInput, BridgeOutput, TillView } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { CashDraft } from '../state/store.ts';
import { type DevState, managing, OFFLINE } from './state-kit.ts';

type Cash = NonNullable<TillView['cashSale']>;
const MANUAL: Cash = { manual: true, left: 96, few: false, amountMax: null };
const cash = (
  change: Partial<Cash>,
  draft?: CashDraft,
  line: Partial<TillView['status']> = {},
): DevState => ({
  view: (base) => ({
    ...base,
    status: { ...base.status, ...line },
    cashSale: { ...MANUAL, ...change },
  }),
  ...(draft === undefined ? {} : { cashSale: draft }),
});
const TYPED: CashDraft = { saleRef: 'INV-2026-0193', digits: '187500' };
const EMPTY: CashDraft = { saleRef: '', digits: '' };

/** The drawer for an ordinary cash sale, from the screen. */
export const CASH_SALE_STATES = {
  cash_sale_button: cash({}),
  cash_sale_empty: cash({}, EMPTY),
  cash_sale_typed: cash({}, TYPED),
  cash_sale_over: cash({ amountMax: 100_000 }, TYPED),
  cash_sale_offline: cash({ left: 14 }, TYPED, OFFLINE),
  cash_sale_few: cash({ left: 4, few: true }, undefined, OFFLINE),
  cash_sale_none: cash({ left: 0, few: true }, TYPED, OFFLINE),
  rules_cash: managing({ rulesSection: 'cash' }),
} as const satisfies Record<string, DevState>;

/** Sales that the scripted drawer answers otherwise than with opening. */
export const SILENT_SALE = 'SILENT-1';
export const USED_SALE = 'USED-1';

export function fakeCashSale({
  view,
  set,
}: {
  view: () => TillView;
  set: (change: Partial<TillView>) => void;
}) {
  return ({ saleRef }: BridgeInput<'cashSale.open'>): BridgeOutput<'cashSale.open'> => {
    const { cashSale } = view();
    if (cashSale === null) throw new SaksiError('not_signed_in');
    if (saleRef === USED_SALE) throw new SaksiError('cash_sale_ref_used');
    set({ cashSale: { ...cashSale, left: cashSale.left - 1 } });
    if (saleRef !== SILENT_SALE) return { drawer: 'opened', error: null };
    return { drawer: 'unconfirmed', error: new SaksiError('drawer_not_confirmed').toWire() };
  };
}
