import { z } from 'zod';
import { wireErrorSchema } from './errors.ts';
import { uuidSchema } from './ids.ts';
import { balanceSchema } from './money.ts';

const minor = z.number().int().nonnegative();
const tally = z.object({ count: z.number().int().nonnegative(), sum: minor });

/** What the screen is shown of the cashier's shift. Before a count nothing in it tells what should be in the drawer. */
export const cashShiftViewSchema = z.object({
  mode: z.enum(['off', 'optional', 'required']),
  /** How cash is counted, and the store's notes and coins, largest first. */
  count: z.enum(['sum', 'denominations', 'either']),
  denominations: z.array(z.number().int().positive()).max(30),
  usualFloat: minor,
  /** What the last close left in the drawer; null: there was none. */
  lastLeft: minor.nullable(),
  takeoverCount: z.boolean(),
  /** Below these cash in and out goes without an approval; 0: never. */
  freeBelow: z.object({ in: minor, out: minor }),
  /** Kinds of approval for cash in, cash out and another float; null: the store has none. */
  kinds: z.object({
    in: z.string().nullable(),
    out: z.string().nullable(),
    float: z.string().nullable(),
  }),
  /** The open one; null: none is. */
  open: z
    .object({
      id: uuidSchema,
      cashier: z.string(),
      /** Of whoever is signed in. */
      mine: z.boolean(),
      /** Whether whoever is signed in may count and close it: its cashier, a supervisor or a manager. */
      may: z.boolean(),
      openedAt: z.number().int(),
      /** It stands open over the end of its day. */
      leftOpen: z.boolean(),
      float: minor,
      floatAfterCount: z.boolean(),
      paidIn: tally,
      paidOut: tally,
      /** The last count; null: nothing was counted. */
      counted: z
        .object({
          counted: minor,
          expected: balanceSchema,
          difference: balanceSchema,
          /** Cash moved since: it has to be counted again. */
          stale: z.boolean(),
          recountsLeft: z.number().int().nonnegative(),
          needsReason: z.boolean(),
          needsApproval: z.boolean(),
          /** A supervisor's yes to this difference. */
          approval: z.enum(['none', 'asked', 'approved', 'rejected']),
        })
        .nullable(),
    })
    .nullable(),
  /** The last closed one. */
  last: z
    .object({
      id: uuidSchema,
      zNo: z.number().int().positive(),
      cashier: z.string(),
      closedAt: z.number().int(),
      difference: balanceSchema,
      left: minor,
      slip: z.object({
        state: z.enum(['waiting', 'printing', 'printed', 'failed']),
        error: wireErrorSchema.shape.error.nullable(),
        copiesLeft: z.number().int().nonnegative(),
        reasonNeeded: z.boolean().optional(),
      }),
    })
    .nullable(),
});
export type CashShiftView = z.infer<typeof cashShiftViewSchema>;
