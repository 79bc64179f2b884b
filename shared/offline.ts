import { z } from 'zod';
import { cashEntrySchema } from './cash-shift.ts';
import { wireErrorSchema } from './errors.ts';
import { cancelRequestSchema, captureRequestSchema, customerSchema, pinHashSchema } from './gateway-api.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, balanceSchema, currencySchema } from './money.ts';
import { offlineLimitsSchema } from './offline-policy.ts';
import { cashSaleSchema, cashSalesBookedSchema } from './shift.ts';

/**
 * What a till and the gateway say to each other about the time without a line: sealed codes, the batch that the outbox
 * sends, the countersigned head of the audit chain, what changed in wallets, and the comparison of both sides.
 */
const epochMs = z.number().int().nonnegative();
const wireError = wireErrorSchema.shape.error;
/** SHA-256 in lower-case hex. */
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

// --- Sealed codes -------------------------------------------------------------------------------------------
/** Crockford base32 without I, L, O, U: 40 bits that a person can say over a telephone. */
export const SEALED_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const SEALED_LENGTH = 8;

/** As typed: case, spaces and hyphens do not matter; O is 0, I and L are 1. Null: no sealed code. */
export function normaliseSealedCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (code.length !== SEALED_LENGTH) return null;
  return [...code].every((letter) => SEALED_ALPHABET.includes(letter)) ? code : null;
}

/** 'K7QM3XW9' → 'K7QM-3XW9', as messages show it. */
export function sealedCodeText(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

export const sealedCodeSchema = z.object({
  /** Names the code everywhere; takes the place of a grant's id at the till. */
  id: uuidSchema,
  supervisorId: uuidSchema,
  /** Slow hash of the normalised code, for this till only. */
  hash: pinHashSchema,
});
export type SealedCode = z.infer<typeof sealedCodeSchema>;

/**
 * A till's sealed codes and what may be spent on them. Compact JWS (EdDSA, the grants' key), `typ` as below. A bundle with a
 * higher `serial` replaces all before it: a code that is not in the newest is worth nothing.
 */
export const SEALED_TYP = 'saksi-sealed+jwt';
export const sealedBundleSchema = z.object({
  iss: uuidSchema,
  /** The till. */
  aud: uuidSchema,
  storeId: uuidSchema,
  serial: z.number().int().min(1),
  /** NumericDate seconds of the gateway's clock. */
  iat: z.number().int(),
  exp: z.number().int(),
  policyVersion: z.number().int().min(1),
  currency: currencySchema,
  limits: offlineLimitsSchema,
  codes: z.array(sealedCodeSchema).max(500),
});
export type SealedBundle = z.infer<typeof sealedBundleSchema>;
/** GET: null where policy has it off, or nobody can be given codes. */
export const sealedAnswerSchema = z.object({ bundle: z.string().max(400_000).nullable() });

// --- Outbox batch -------------------------------------------------------------------------------------------
/** What was spent at a till without a line, on a sealed code. `id`: the till's redemption id (UUIDv7). */
export const offlineRedemptionSchema = z.strictObject({
  id: uuidSchema,
  sealedCodeId: uuidSchema,
  bundleSerial: z.number().int().min(1),
  supervisorId: uuidSchema,
  customerId: uuidSchema,
  asset: assetSchema,
  amount: amountSchema,
  currency: currencySchema,
  saleRef: saleRefSchema,
  staffId: uuidSchema.nullable(),
  drawer: z.boolean(),
  /** By the till's clock; for the books only. */
  spentAt: epochMs,
  slip: z.enum(['printed', 'pending']),
  /** What the till believed: the cached balance it showed and how old that was. */
  believed: z.object({ available: balanceSchema, ageMs: z.number().int().nonnegative() }),
});
export type OfflineRedemption = z.infer<typeof offlineRedemptionSchema>;

/** What managers are told of a drawer. Times by the till's clock. */
export const drawerAlertSchema = z.strictObject({
  openingId: uuidSchema,
  what: z.enum(['unexplained', 'open_long']),
  openedAt: epochMs,
  /** How long it had stood open when this was written. */
  openMs: z.number().int().nonnegative(),
  /** Who was signed in. */
  staffId: uuidSchema.nullable(),
});
export type DrawerAlert = z.infer<typeof drawerAlertSchema>;

export const outboxMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('capture'), gatewayId: uuidSchema, request: captureRequestSchema }),
  z.object({ kind: z.literal('cancel'), gatewayId: uuidSchema, request: cancelRequestSchema }),
  z.object({ kind: z.literal('approval_cancel'), gatewayId: uuidSchema }),
  z.object({ kind: z.literal('offline_redemption'), redemption: offlineRedemptionSchema }),
  /** A manager's word on an item that was refused; kept with what it is about. */
  z.object({
    kind: z.literal('handed_over'),
    about: uuidSchema,
    item: z.string().max(4000),
    reason: z.string().max(64),
    note: z.string().trim().max(280),
    staffId: uuidSchema,
  }),
  z.object({ kind: z.literal('drawer_alert'), alert: drawerAlertSchema }),
  z.object({ kind: z.literal('cash_sale_opened'), sale: cashSaleSchema }),
  /** Of a cashier's shift, in the order of the till. */
  z.object({ kind: z.literal('cash_entry'), entry: cashEntrySchema }),
]);
export type OutboxMessage = z.infer<typeof outboxMessageSchema>;

export const OUTBOX_BATCH_MAX = 200;
/** POST /v1/outbox. Items of one stream go in the order in which they stand; streams do not wait for each other. */
export const outboxBatchSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        /** The idempotency key: the same for every try. */
        id: uuidSchema,
        stream: z.string().min(1).max(120),
        message: outboxMessageSchema,
      }),
    )
    .min(1)
    .max(OUTBOX_BATCH_MAX),
});
export type OutboxBatch = z.infer<typeof outboxBatchSchema>;

/**
 * What became of each item, in the same order. `done`: taken, now or before. `refused`: the gateway's last word on this item;
 * the next of its stream was tried all the same. `later`: not taken now; neither were the ones behind it in its stream
 * (`error` null: only because one before it was not).
 */
export const outboxResultSchema = z.discriminatedUnion('outcome', [
  z.object({ id: uuidSchema, outcome: z.literal('done') }),
  z.object({ id: uuidSchema, outcome: z.literal('refused'), error: wireError }),
  z.object({ id: uuidSchema, outcome: z.literal('later'), error: wireError.nullable() }),
]);
export type OutboxResult = z.infer<typeof outboxResultSchema>;
export const outboxAnswerSchema = z.object({ results: z.array(outboxResultSchema).max(OUTBOX_BATCH_MAX) });

// --- Audit head ---------------------------------------------------------------------------------------------
/** POST /v1/audit-head: the till's chain as it stands. `prefix`: the hash at the seq that was countersigned last, if any. */
export const auditHeadSchema = z.strictObject({
  seq: z.number().int().nonnegative(),
  hash: sha256Hex,
  prefix: z.strictObject({ seq: z.number().int().nonnegative(), hash: sha256Hex }).nullable(),
});
export type AuditHead = z.infer<typeof auditHeadSchema>;
/**
 * The gateway's word that it saw this head. Compact JWS (EdDSA), `typ` as below. Refused with `audit_head_behind` when it
 * countersigned a later one of this till before (an old copy of the disk), `audit_head_forked` when the prefix's hash differs.
 * Where the till did not hear of the newest one (its prefix is older, or none), the answer is that newest one, not the head
 * asked about: the till looks whether its chain has that hash at that seq (else it is forked), and asks again with it as prefix.
 */
export const HEAD_TYP = 'saksi-head+jwt';
export const countersignedHeadSchema = z.object({
  iss: uuidSchema,
  aud: uuidSchema,
  iat: z.number().int(),
  seq: z.number().int().nonnegative(),
  hash: sha256Hex,
});
export type CountersignedHead = z.infer<typeof countersignedHeadSchema>;
export const auditHeadAnswerSchema = z.object({ countersigned: z.string().max(4000) });

// --- Wallets for the cache ----------------------------------------------------------------------------------
export const WALLET_PAGE_MAX = 500;
/**
 * GET /v1/wallets?after=N: customers of the store whose wallet or particulars changed after cursor N (0: all), oldest change
 * first. `phoneTag`: HMAC-SHA-256 (base64url) of the E.164 number under the context's `cacheTagKey`: a till finds a
 * customer by a typed number without ever holding one.
 */
export const walletPageSchema = z.object({
  wallets: z
    .array(z.object({ customer: customerSchema, phoneTag: z.string().length(43).nullable() }))
    .max(WALLET_PAGE_MAX),
  /** Customers who are no more: what a till keeps of them goes. */
  gone: z.array(uuidSchema).max(WALLET_PAGE_MAX).default([]),
  next: z.number().int().nonnegative(),
  more: z.boolean(),
});
export type WalletPage = z.infer<typeof walletPageSchema>;

// --- Reconciliation -----------------------------------------------------------------------------------------
export const reconciliationQuerySchema = z.strictObject({
  /** By the time the till settled, its own clock: from ≤ time < to. What was cancelled: by the gateway's. */
  from: z.coerce.number().int().nonnegative(),
  to: z.coerce.number().int().nonnegative(),
});
const tally = z.object({ count: z.number().int().nonnegative(), sum: balanceSchema });
export const sideSchema = z.object({
  captured: z.object({ deposit: tally, points: tally }),
  offline: z.object({ deposit: tally, points: tally }),
  cancelled: z.object({ count: z.number().int().nonnegative() }),
});
export type ReconciliationSide = z.infer<typeof sideSchema>;
/** GET /v1/reconciliation: what the gateway has booked for this till, the till's ids of it, and what it cost. */
export const reconciliationAnswerSchema = z.object({
  gateway: sideSchema,
  cashSales: cashSalesBookedSchema,
  /** The gateway's ids of this till's captured redemptions, and the till's own of the offline ones, up to 10,000, to name what differs. */
  keys: z.array(z.string()).max(10_000),
  /** Offline spending beyond the wallet, posted to the store's offline loss. */
  losses: z
    .array(
      z.object({
        redemptionId: uuidSchema,
        customerName: z.string(),
        asset: assetSchema,
        amount: amountSchema,
        loss: amountSchema,
        saleRef: z.string(),
        at: epochMs,
      }),
    )
    .max(1000),
  head: z.object({ seq: z.number().int().nonnegative(), hash: sha256Hex, at: epochMs }).nullable(),
});
export type ReconciliationAnswer = z.infer<typeof reconciliationAnswerSchema>;

export const OFFLINE_PATHS = {
  outbox: '/v1/outbox',
  sealedCodes: '/v1/sealed-codes',
  auditHead: '/v1/audit-head',
  wallets: '/v1/wallets',
  reconciliation: '/v1/reconciliation',
} as const;
