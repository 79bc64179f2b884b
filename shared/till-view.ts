import { z } from 'zod';
import { approvalKindPolicySchema } from './approval-policy.ts';
import {
  approvalViewSchema,
  drawerStateSchema,
  gatewayStateSchema,
  leftMs,
  printerStateSchema,
  redemptionViewSchema,
  troubleSchema,
  wireError,
} from './bridge-views.ts';
import { cashShiftViewSchema } from './cash-shift-view.ts';
import { codeAlarmSchema, languageSchema, roleSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';
import { currencySchema } from './money.ts';

/** All that the screen is shown, pushed whole whenever it changed. */
export const tillViewSchema = z.object({
  host: z.enum(['electron', 'browser']),
  appVersion: z.string(),
  settings: z.object({ language: languageSchema, theme: z.enum(['light', 'dark', 'auto']) }),
  /** Null until the till is paired: the screen shows the first-run pairing form. */
  till: z
    .object({
      name: z.string(),
      storeName: z.string(),
      currency: currencySchema,
      country: z.enum(['ID', 'TR', 'US']),
      drawerPolicy: z.enum(['on_request', 'always', 'never']),
    })
    .nullable(),
  staff: z.array(
    z.object({ id: uuidSchema, name: z.string(), role: roleSchema, lockedForMs: leftMs.nullable() }),
  ),
  session: z.object({ staffId: uuidSchema, name: z.string(), role: roleSchema }).nullable(),
  /** Somebody gave the right PIN and is asked for a code; null: nobody. */
  login: z
    .object({
      staffId: uuidSchema,
      name: z.string(),
      phoneMasked: z.string().nullable(),
      code: redemptionViewSchema.shape.code.unwrap(),
      /** How long this till may be remembered for them; 0: policy does not allow it. */
      rememberDays: z.number().int().nonnegative(),
      checking: z.boolean(),
      /** This code is no use any more: back to the PIN. */
      ended: z.boolean(),
      error: wireError.nullable(),
    })
    .nullable(),
  status: z.object({
    gateway: z.object({
      state: gatewayStateSchema,
      skewMs: z.number().int().nullable(),
      error: wireError.nullable(),
    }),
    printer: z.object({ state: printerStateSchema, label: z.string() }),
    drawer: z.object({ state: drawerStateSchema }),
    /** Messages waiting at the gateway; null while it is unknown. */
    messages: z.object({ waiting: z.number().int() }).nullable(),
    /** What this till still has to tell the gateway, and what was refused and needs a person. */
    outbox: z.object({
      pending: z.number().int(),
      attention: z.number().int(),
      /** While a backlog is being sent: of how many, and how many a second. */
      draining: z
        .object({ sent: z.number().int(), of: z.number().int(), perSecond: z.number().int() })
        .nullable(),
    }),
    /** Sealed codes: null where policy has none. */
    sealed: z.object({ codesLeft: z.number().int(), expiresInMs: leftMs }).nullable(),
    /** Customers in the cache, and how long ago it was last in step with the gateway; null: never. */
    cache: z.object({ customers: z.number().int(), ageMs: z.number().int().nonnegative().nullable() }),
  }),
  /** Codes that whoever got one never asked for, newest first, until somebody has seen them. */
  codeAlarms: z.array(codeAlarmSchema).max(20),
  /** What is the matter with this till's own disk or clock. With `stopsMoney` nothing is redeemed until it is mended. */
  trouble: z.array(troubleSchema).max(8),
  /** What is to be said of the drawer, over every screen. */
  drawerWatch: z.object({
    /** Openings that nothing explains, until a manager acknowledges each. */
    unexplained: z
      .array(
        z.object({
          id: uuidSchema,
          seen: z.enum(['watched', 'at_start', 'after_gap']),
          staffName: z.string().nullable(),
          /** By the till's clock. */
          openedAt: z.number().int(),
          /** Null: it stands open. */
          openMs: z.number().int().nonnegative().nullable(),
        }),
      )
      .max(5),
    openLong: z.boolean(),
    /** The switch chatters, or reads the wrong way round. */
    fault: z.enum(['faulty', 'inverted']).nullable(),
  }),
  /** Somebody wants to close the program while something is unsent: the screen asks, and answers by `app.quit` or `app.stay`. */
  quitAsked: z.boolean(),
  /** The redemption on screen, until it is dismissed. */
  redemption: redemptionViewSchema.nullable(),
  /** Cash sales on the openings that whoever is signed in was granted; null: nobody is. */
  cashSale: z
    .object({
      /** Whether policy lets the screen open the drawer for one. */
      manual: z.boolean(),
      /** Openings left, the till's spare ones included. */
      left: z.number().int().nonnegative(),
      few: z.boolean(),
      /** The most that one sale may come to; null: any amount. */
      amountMax: z.number().int().positive().nullable(),
    })
    .nullable(),
  /** The cashier's shift; null: the shop has none. */
  cashShift: cashShiftViewSchema.nullable(),
  /** Open approvals of this till and finished ones not yet dismissed, newest first: serving customers goes on beside them. */
  approvals: z.array(approvalViewSchema).max(20),
  /** What may be asked for here, by policy. */
  approvalKinds: z
    .array(
      approvalKindPolicySchema.pick({
        key: true,
        name: true,
        amount: true,
        percent: true,
        reasons: true,
        freeReason: true,
        actions: true,
      }),
    )
    .max(40),
  /** The last finished ones of this till, newest first, for reprints. */
  recent: z
    .array(
      redemptionViewSchema
        .pick({
          id: true,
          stage: true,
          saleRef: true,
          asset: true,
          amount: true,
          currency: true,
          customer: true,
          slip: true,
          settlement: true,
        })
        .extend({
          /** Begun without a line, on a supervisor's sealed code. */
          offline: z.boolean(),
          at: z.number().int(),
        }),
    )
    .max(20),
});
export type TillView = z.infer<typeof tillViewSchema>;
