import type { TillView } from '../../shared/bridge.ts';
import type { ErrorCode, ErrorParams, WireError } from '../../shared/errors.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type Amount, parseAmount } from '../../shared/money.ts';

/** 1 → a UUID that is the same every time. */
export const uuid = (number: number) => `0192f3a0-0000-7000-8000-${String(number).padStart(12, '0')}`;

export function amountOf(value: number): Amount {
  const amount = parseAmount(value);
  if (amount === null) throw new Error(`no amount: ${value}`);
  return amount;
}

export const wire = (code: ErrorCode, params: ErrorParams = {}): WireError =>
  new SaksiError(code, { params }).toWire();

export const STAFF: TillView['staff'] = [
  { id: uuid(1), name: 'Ayu Lestari', role: 'cashier', lockedForMs: null },
  { id: uuid(2), name: 'Budi Santoso', role: 'cashier', lockedForMs: null },
  { id: uuid(3), name: 'Dewi Anggraini Kusumawardhani', role: 'supervisor', lockedForMs: null },
  { id: uuid(4), name: 'Hendra', role: 'manager', lockedForMs: null },
];

export const SECOND_MANAGER: TillView['staff'][number] = {
  id: uuid(6),
  name: 'Rina Marlina Simanjuntak',
  role: 'manager',
  lockedForMs: null,
};
