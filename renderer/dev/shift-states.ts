import type { TillView } from '../../shared/bridge.ts';
import type { ShiftDraft } from '../shift/count-draft.ts';
import { COUNTED, OPEN_SHIFT, SHIFT } from './shift-fixtures.ts';
import { type DevState, managing, OFFLINE } from './state-kit.ts';

type Shift = NonNullable<TillView['cashShift']>;
type Open = NonNullable<Shift['open']>;

const shift = (
  change: Partial<Shift>,
  draft: Partial<ShiftDraft> = {},
  line: Partial<TillView['status']> = {},
): DevState => ({
  page: 'shift',
  shift: draft,
  view: (base) => ({
    ...base,
    status: { ...base.status, ...line },
    cashShift: { ...SHIFT, ...change },
  }),
});
const running = (
  open: Partial<Open> = {},
  draft: Partial<ShiftDraft> = {},
  line?: Partial<TillView['status']>,
) => shift({ open: { ...OPEN_SHIFT, ...open } }, draft, line);
const counted = (
  change: Partial<typeof COUNTED>,
  rest: Partial<Open> = {},
  line?: Partial<TillView['status']>,
) => running({ counted: { ...COUNTED, ...change }, ...rest }, { reason: 'Kembalian kurang' }, line);
const BIG = { difference: -120_000, counted: 2_880_000, needsApproval: true } as const;
const listing = (rest: Partial<DevState>): DevState => ({ ...managing(rest), page: 'shifts' });

/** The cashier's shift, from its float to its Z, and the managers' list. */
export const SHIFT_STATES = {
  shift_open: shift({}),
  shift_open_first: shift({ mode: 'optional', lastLeft: null, last: null }),
  shift_open_other_float: shift({}, { digits: '450000' }),
  shift_open_notes: shift({ count: 'denominations' }, { pieces: { 100000: '4', 20000: '5', 500: '12' } }),
  shift_running: running(),
  shift_left_open: running({ leftOpen: true }),
  shift_offline: running({}, {}, OFFLINE),
  shift_of_another: running({ cashier: 'Budi Santoso', mine: false, may: false }),
  shift_counting: running({}, { counting: true, digits: '2995000' }),
  shift_counting_notes: running({}, { counting: true, how: 'pieces', pieces: { 100000: '29', 50000: '1' } }),
  shift_counted: counted({}),
  shift_counted_exact: counted({ difference: 0, counted: 3_000_000, needsReason: false }),
  shift_counted_big: counted(BIG),
  shift_counted_asked: counted({ ...BIG, approval: 'asked' }),
  shift_counted_rejected: counted({ ...BIG, approval: 'rejected' }),
  shift_counted_approved: counted({ ...BIG, approval: 'approved' }),
  shift_counted_offline: counted(BIG, {}, OFFLINE),
  shift_counted_stale: counted({ stale: true }, { floatAfterCount: true }),
  shifts: listing({}),
  shifts_empty: listing({ noShifts: true }),
  shifts_loading: listing({ waits: 'cashShift.list' }),
  shifts_error: listing({ listError: 'gateway_unreachable' }),
  rules_shift: managing({ rulesSection: 'shift' }),
} as const satisfies Record<string, DevState>;
