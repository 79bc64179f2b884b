import type { z } from 'zod';
import type { CashEntry, CashShiftPage, cashShiftQuerySchema } from '../../shared/cash-shift.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { keepCashEntry } from './keep.ts';
import { type LeftOpenParts, lookForLeftOpen } from './left-open.ts';
import { cashShiftPage } from './list.ts';

/** Cashiers' shifts: kept as tills tell them, and read by managers. */
export interface CashShiftService {
  /** Twice is as good as once. Throws `idempotency_key_reused`. */
  keep(till: TillIdentity, entry: CashEntry): Promise<void>;
  page(storeId: string, query: z.infer<typeof cashShiftQuerySchema>): Promise<CashShiftPage>;
  /** Tells managers of shifts that were left open. The answer: of how many. */
  lookForLeftOpen(): Promise<number>;
}

export function createCashShiftService(parts: LeftOpenParts): CashShiftService {
  const { db, effects } = parts;
  return {
    keep: (till, entry) => keepCashEntry(db, till, entry, effects.clock.now()),
    page: (storeId, query) => cashShiftPage(db, storeId, query),
    lookForLeftOpen: () => lookForLeftOpen(parts),
  };
}
