import { z } from 'zod';
import { otherChannelSchema } from './channel-policy.ts';
import { channelSchema, deliveryReasonSchema, deliveryStateSchema } from './delivery.ts';
import { customerRefSchema, languageSchema, walletBalanceSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';
import { messageKindSchema } from './message-log.ts';
import { amountSchema, assetSchema, currencySchema } from './money.ts';

/**
 * A customer's rights under Indonesia's PDP, Turkey's KVKK and the GDPR: all that is kept of them, and its erasure. Asked for
 * on the operator's command line, or from a page of the gateway itself: a whole number never goes through a till.
 */
export const PRIVACY_PATHS = {
  /** GET: `customerStoresSchema`. */
  stores: '/setup/api/customers/stores',
  /** POST `customerFindSchema`: `customerFoundSchema`. */
  find: '/setup/api/customers/find',
  /** POST `customerExportRequestSchema`: `customerFileSchema`. */
  view: '/setup/api/customers/view',
  /** POST `consentRequestSchema`: `customerFileSchema`. */
  consent: '/setup/api/customers/consent',
  /** POST `reachRequestSchema`: `customerFileSchema`. */
  reach: '/setup/api/customers/reach',
  /** POST `customerExportRequestSchema`: `customerExportSchema`. */
  export: '/setup/api/customers/export',
  /** POST `customerEraseRequestSchema`: `erasureSchema`. */
  erase: '/setup/api/customers/erase',
} as const;

export const customerExportRequestSchema = z.strictObject({
  storeId: uuidSchema,
  customer: customerRefSchema,
});

/** A manager's word, given by their PIN: it is erased although something is still open. */
export const forceSchema = z.strictObject({ staffId: uuidSchema, pin: z.string().regex(/^\d{4,12}$/) });

export const customerEraseRequestSchema = customerExportRequestSchema.extend({
  /** On whose word, and where it is written: a letter, a call. No name or number: it stays. */
  note: z.string().trim().min(3).max(200),
  force: forceSchema.optional(),
});
export type CustomerErase = z.infer<typeof customerEraseRequestSchema>;

const epochMs = z.number().int();

/** What a customer may agree to: every notice at once, or one kind (`policy.channels.notices`). */
export const consentPurposeSchema = z.enum(['notices', 'redemption', 'topup']);
export type ConsentPurpose = z.infer<typeof consentPurposeSchema>;
export const NOTICE_KINDS = ['redemption', 'topup'] as const;
/** By a message of theirs, or written down by somebody. */
export const consentHowSchema = z.enum(['whatsapp', 'operator', 'manager']);

/** All that is kept of a customer, as it is handed to them. Codes are not in it: nothing keeps them. */
export const customerExportSchema = z.object({
  exportedAt: z.iso.datetime(),
  store: z.object({ id: uuidSchema, name: z.string() }),
  profile: z.object({
    id: uuidSchema,
    name: z.string(),
    memberNo: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    language: languageSchema,
    codeChannels: z.array(z.enum(['sms', 'email'])).nullable(),
    createdAt: epochMs,
  }),
  identities: z.array(
    z.object({
      kind: z.enum(['phone', 'user_id', 'username']),
      value: z.string(),
      firstSeenAt: epochMs,
      lastSeenAt: epochMs,
      endedAt: epochMs.nullable(),
    }),
  ),
  balances: z.array(walletBalanceSchema),
  /** Every movement of the wallet, oldest first. */
  postings: z.array(
    z.object({
      at: epochMs,
      kind: z.enum(['credit', 'reserve', 'capture', 'release', 'offline', 'offline_loss']),
      asset: assetSchema,
      amount: amountSchema,
      saleRef: z.string().nullable(),
    }),
  ),
  messages: z.array(
    z.object({
      at: epochMs,
      kind: messageKindSchema,
      channel: channelSchema,
      state: deliveryStateSchema,
      reason: deliveryReasonSchema.nullable(),
      template: z.string().nullable(),
      /** What it said; of a code '••••••'. */
      words: z.array(z.string()),
    }),
  ),
  consents: z.array(
    z.object({
      at: epochMs,
      purpose: consentPurposeSchema,
      given: z.boolean(),
      how: consentHowSchema,
      source: z.string(),
    }),
  ),
});
export type CustomerExport = z.infer<typeof customerExportSchema>;

/** What remains of an erased customer. */
export const erasureSchema = z.object({
  customerId: uuidSchema,
  storeId: uuidSchema,
  at: epochMs,
  /** Who carried it out. */
  by: z.enum(['operator', 'manager']),
  note: z.string(),
  /** The manager on whose word it was done although something was open; null: nothing was. */
  forcedBy: uuidSchema.nullable(),
  /** What was open then. */
  open: z.object({
    redemptions: z.number().int().nonnegative(),
    deposit: z.number().int(),
    points: z.number().int(),
  }),
  /** Messages whose words and addresses went. */
  messages: z.number().int().nonnegative(),
});
export type Erasure = z.infer<typeof erasureSchema>;

// --- The customers' page of the gateway -------------------------------------------------------------------------

/** The stores that whoever is signed in may look into. */
export const customerStoresSchema = z.object({
  stores: z.array(
    z.object({
      id: uuidSchema,
      name: z.string(),
      /** Who may give their word by PIN. */
      managers: z.array(z.object({ id: uuidSchema, name: z.string() })),
      /** The manager who is signed in, as this store's list has them; null: the operator. */
      staffId: uuidSchema.nullable(),
    }),
  ),
});
export type CustomerStores = z.infer<typeof customerStoresSchema>;

/** `q`: phone, member number, or the first three letters of a name or more. */
export const customerFindSchema = z.strictObject({
  storeId: uuidSchema,
  q: z.string().trim().min(2).max(64),
});

/** Numbers are masked in the list: whole ones are in a customer's own file. */
export const customerFoundSchema = z.object({
  customers: z.array(
    z.object({
      id: uuidSchema,
      name: z.string(),
      memberNo: z.string().nullable(),
      phoneMasked: z.string().nullable(),
    }),
  ),
});
export type CustomerFound = z.infer<typeof customerFoundSchema>['customers'][number];

export const customerFileSchema = z.object({
  id: uuidSchema,
  name: z.string(),
  memberNo: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  /** Other channels that codes may go by; null: whichever the store has. */
  codeChannels: z.array(otherChannelSchema).nullable(),
  currency: currencySchema,
  balances: z.array(walletBalanceSchema),
  /** What holds now for each kind of notice. */
  notices: z.object({ redemption: z.boolean(), topup: z.boolean() }),
  /** All that was said about notices, newest first. */
  consents: z.array(
    z.object({
      at: epochMs,
      purpose: consentPurposeSchema,
      given: z.boolean(),
      how: consentHowSchema,
      /** The message's id, or what was written down. */
      source: z.string(),
      /** The manager's name. */
      by: z.string().nullable(),
    }),
  ),
});
export type CustomerFile = z.infer<typeof customerFileSchema>;

export const consentRequestSchema = customerExportRequestSchema.extend({
  purpose: consentPurposeSchema,
  given: z.boolean(),
  /** How they said it: a form, a call. No name or number. */
  note: z.string().trim().min(3).max(200),
});
export type ConsentRequest = z.infer<typeof consentRequestSchema>;

export const reachRequestSchema = customerExportRequestSchema.extend({
  codeChannels: z.array(otherChannelSchema).max(2).nullable(),
});
export type ReachRequest = z.infer<typeof reachRequestSchema>;
