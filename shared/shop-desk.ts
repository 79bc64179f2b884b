import { z } from 'zod';
import { roleSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';
import { dangerSchema } from './policy-danger.ts';

/**
 * A shop's tills, people and the history of its rules, for its managers on the gateway's own pages: behind `WEB_PATHS.store`. A
 * manager alone sees to tills and cashiers; who agrees to what others do (supervisors, managers) is the operator's to add and to take
 * away, or one person could make their own second pair of eyes.
 */
export const SHOP_PATHS = {
  /** GET: `shopDeskSchema`. */
  desk: '/v1/shop',
  /** POST `newTillSchema`: `pairingSchema`. */
  tills: '/v1/shop/tills',
  /** POST `byTillSchema`: `pairingSchema`; codes from before stop working. `till_revoked`. */
  pair: '/v1/shop/tills/pair',
  /** POST `byTillSchema`: `shopDeskSchema`. For good. */
  revoke: '/v1/shop/tills/revoke',
  /** POST `newCashierSchema`: `shopDeskSchema`. `phone_malformed`. */
  cashiers: '/v1/shop/cashiers',
  /** POST `byStaffSchema`: `shopDeskSchema`. Cashiers alone: `role_not_allowed`. */
  leave: '/v1/shop/cashiers/leave',
  /** POST `byStaffSchema`: `enrolmentSchema`, a word that this cashier sends from their own WhatsApp: `role_not_allowed` for others. */
  enrol: '/v1/shop/cashiers/enrol',
  /** POST `byStaffSchema`: `shopDeskSchema`. Every till asks them for a code again, where policy has one. */
  forget: '/v1/shop/people/forget',
} as const;

const epochMs = z.number().int().nonnegative();
const name = z.string().trim().min(1).max(120);

export const shopDeskSchema = z.object({
  tills: z.array(
    z.object({
      id: uuidSchema,
      name: z.string(),
      state: z.enum(['waiting', 'paired', 'revoked']),
      appVersion: z.string().nullable(),
    }),
  ),
  /** Who is on the list now. */
  people: z.array(
    z.object({
      id: uuidSchema,
      name: z.string(),
      role: roleSchema,
      /** Masked; null: none on the list. */
      phone: z.string().nullable(),
      /** Whether they proved that it is theirs: codes and requests go to verified numbers alone. */
      verified: z.boolean(),
    }),
  ),
  /** The newest first, at most 50. */
  rules: z.array(
    z.object({
      version: z.number().int().min(1),
      at: epochMs,
      /** Null: the operator. */
      by: z.string().nullable(),
      /** Who agreed; null: nobody had to. */
      second: z.string().nullable(),
      /** What is other than in the version before; null: the first. */
      changed: z.array(z.string()).nullable(),
      /** What of it weakened the rules. */
      weaker: z.array(dangerSchema),
    }),
  ),
});
export type ShopDesk = z.infer<typeof shopDeskSchema>;

export const newTillSchema = z.strictObject({ name });
export const byTillSchema = z.strictObject({ tillId: uuidSchema });
export const byStaffSchema = z.strictObject({ staffId: uuidSchema });
export const newCashierSchema = z.strictObject({
  name,
  pin: z.string().regex(/^\d{4,8}$/),
  phone: z.string().trim().min(5).max(32).nullable(),
});
export type NewCashier = z.infer<typeof newCashierSchema>;

export const pairingSchema = z.object({
  tillId: uuidSchema,
  pairingCode: z.string(),
  expiresAt: epochMs,
  desk: shopDeskSchema,
});
export type Pairing = z.infer<typeof pairingSchema>;
export const enrolmentSchema = z.object({ staffId: uuidSchema, word: z.string(), expiresAt: epochMs });
export type Enrolment = z.infer<typeof enrolmentSchema>;
