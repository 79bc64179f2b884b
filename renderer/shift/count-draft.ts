import type { CashCount } from '../../shared/cash-shift.ts';

/** A shift's page while something is typed there. It outlives a redemption of the terminal's that cuts in. */
export interface ShiftDraft {
  readonly how: 'sum' | 'pieces';
  /** Digits of the sum in minor units, without leading zeros. */
  readonly digits: string;
  /** How many of each note and coin, as typed, by its value. */
  readonly pieces: Readonly<Record<number, string>>;
  /** The cash is being counted at the end of the shift. */
  readonly counting: boolean;
  /** Digits of what stays in the drawer; null: as proposed. */
  readonly left: string | null;
  readonly reason: string;
}

export const EMPTY_SHIFT: ShiftDraft = {
  how: 'sum',
  digits: '',
  pieces: {},
  counting: false,
  left: null,
  reason: '',
};

/** No drawer holds more of one note. */
const PIECE_DIGITS = 5;
export const pieceDigits = (text: string): string =>
  text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, PIECE_DIGITS);

/** The count as it goes to the till; null: nothing was typed, or more than can be. */
export function countOf(
  { how, digits, pieces }: ShiftDraft,
  denominations: readonly number[],
): CashCount | null {
  if (how === 'sum') {
    const sum = Number(digits);
    return digits === '' || !Number.isSafeInteger(sum) ? null : { sum, pieces: null };
  }
  const counted = denominations.flatMap((value) => {
    const typed = pieces[value] ?? '';
    return typed === '' ? [] : [{ value, count: Number(typed) }];
  });
  if (counted.length === 0) return null;
  return { sum: counted.reduce((sum, { value, count }) => sum + value * count, 0), pieces: counted };
}
