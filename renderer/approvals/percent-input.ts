import { toDecimalString } from '../../shared/money.ts';

export type PercentProblem = 'empty' | 'shape' | 'half' | 'range';
export type PercentCheck =
  | { readonly ok: true; readonly basisPoints: number }
  | { readonly ok: false; readonly problem: PercentProblem };

const MAX_BASIS_POINTS = 10_000;
/** What a person may say after the point: whole and half percents only, never rounded. */
const PARTS: Readonly<Record<string, number>> = { '': 0, '0': 0, '00': 0, '5': 50, '50': 50 };

/** '12,5' or '12.5 %' → 1250 basis points. Whole and half percents from `min` basis points to 100 %. */
export function readPercent(text: string, min = 50): PercentCheck {
  const plain = text.trim();
  if (plain === '') return { ok: false, problem: 'empty' };
  const shape = /^(\d{1,4})(?:[.,](\d*))?\s*%?$/.exec(plain);
  if (shape === null) return { ok: false, problem: 'shape' };
  const part = PARTS[shape[2] ?? ''];
  if (part === undefined) return { ok: false, problem: 'half' };
  const basisPoints = Number(shape[1]) * 100 + part;
  if (basisPoints < min || basisPoints > MAX_BASIS_POINTS) return { ok: false, problem: 'range' };
  return { ok: true, basisPoints };
}

/** What the field keeps of typed text: digits and one mark of a fraction. */
export function typedPercent(text: string): string {
  const [whole = '', ...rest] = text.replace(/[^\d.,]/g, '').split(/[.,]/);
  const mark = /[.,]/.exec(text)?.[0] ?? '';
  return `${whole.slice(0, 3)}${mark}${rest.join('').slice(0, 2)}`;
}

/** Puts the half on, or takes it off: '12' ↔ '12,5'. */
export function toggleHalf(text: string, mark: string): string {
  const [whole = ''] = text.split(/[.,]/);
  return /[.,]50?$/.test(text) ? whole : `${whole === '' ? '0' : whole}${mark}5`;
}

/** 1250 → '12,5 %' as the language writes it; whole-number arithmetic only. */
export function percentText(basisPoints: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(
    toDecimalString(basisPoints, 4) as Intl.StringNumericLiteral,
  );
}

/** 1250 → '12,5': as the field shows what is already set. */
export function percentField(basisPoints: number, mark: string): string {
  const [whole = '0', part = ''] = toDecimalString(basisPoints, 2).split('.');
  const shown = part.replace(/0+$/, '');
  return shown === '' ? whole : `${whole}${mark}${shown}`;
}

/** The mark before a fraction: ',' or '.'. */
export function fractionMark(language: string): string {
  return (
    new Intl.NumberFormat(language).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.'
  );
}
