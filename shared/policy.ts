import { z } from 'zod';
import { alertPolicySchema, DEFAULT_ALERTS } from './alert-policy.ts';
import { approvalPolicySchema, DEFAULT_APPROVALS } from './approval-policy.ts';
import { cashShiftPolicySchema, DEFAULT_CASH_SHIFT } from './cash-shift-policy.ts';
import { channelPolicySchema, DEFAULT_CHANNELS } from './channel-policy.ts';
import { DEFAULT_DRAWER, drawerPolicySchema } from './drawer-policy.ts';
import { DEFAULT_LOGIN, loginPolicySchema } from './login-policy.ts';
import { DEFAULT_MESSAGE_CREDIT, messageCreditPolicySchema } from './message-credit-policy.ts';
import { DEFAULT_OFFLINE, offlinePolicySchema } from './offline-policy.ts';
import { DEFAULT_RETENTION, retentionPolicySchema } from './retention-policy.ts';
import { DEFAULT_SHIFT, shiftPolicySchema } from './shift-policy.ts';
import { DEFAULT_SIGNALS, signalPolicySchema } from './signal-policy.ts';
import { DEFAULT_SLIP_DESIGN, slipDesignSchema } from './slip-design.ts';

const seconds = (from: number, to: number) => z.number().int().min(from).max(to);
const limit = z.object({ count: z.number().int().min(1).max(1_000_000), windowSeconds: seconds(1, 604_800) });

/** WhatsApp refuses more than about one message in 6 s to one person (error 131056): no policy may go below. */
export const RESEND_SECONDS_MIN = 6;

export const codePolicySchema = z.object({
  /** A code is asked for amounts from this on; 0: always. Whole minor units, or points. */
  askFrom: z.object({ deposit: z.number().int().min(0), points: z.number().int().min(0) }),
  digits: z.number().int().min(4).max(8),
  ttlSeconds: seconds(30, 900),
  /** Wrong codes that end the redemption: the `tries`-th wrong one is the last. */
  tries: z.number().int().min(1).max(10),
  resendAfterSeconds: seconds(RESEND_SECONDS_MIN, 600),
  /** Messages for one redemption, the first included. */
  sendsMax: z.number().int().min(1).max(10),
  /** Codes issued (resends count) per customer's phone, per till and per store. */
  limits: z.object({ phone: limit, till: limit, store: limit }),
});

/** How slips queue, and their copies. */
export const printingPolicySchema = z.object({
  /** How long a slip of which nothing has left goes on by itself once the printer is back; then it waits for a person. */
  resumeMinutes: z.number().int().min(0).max(1_440),
  /** How long the printer may be away before a slip goes to the second one. */
  fallbackAfterSeconds: z.number().int().min(0).max(3_600),
  /** Copies that one person may print within 24 hours, of all slips together. */
  copiesPerDay: z.number().int().min(0).max(1_000),
  /** Whether a copy needs a reason. */
  copyReason: z.boolean(),
});
const DEFAULT_PRINTING: z.infer<typeof printingPolicySchema> = {
  resumeMinutes: 30,
  fallbackAfterSeconds: 10,
  copiesPerDay: 20,
  copyReason: false,
};

export const policySchema = z.object({
  version: z.number().int().min(1),
  codes: codePolicySchema,
  redemption: z.object({
    /** Whether the drawer opens with a redemption: when the cashier says that money goes back, always, never. */
    drawer: z.enum(['on_request', 'always', 'never']),
    /** How long a grant may be used after it was signed. */
    grantTtlSeconds: seconds(30, 3600),
  }),
  pin: z.object({
    tries: z.number().int().min(3).max(10),
    lockSeconds: seconds(30, 86_400),
    idleLockSeconds: seconds(30, 86_400),
  }),
  slips: z.object({ copiesMax: z.number().int().min(0).max(20) }),
  /** Documents from before approvals, offline spending or the queue of slips hold none: they get what suits a small shop. */
  approvals: approvalPolicySchema.default(DEFAULT_APPROVALS),
  offline: offlinePolicySchema.default(DEFAULT_OFFLINE),
  drawer: drawerPolicySchema.default(DEFAULT_DRAWER),
  shift: shiftPolicySchema.default(DEFAULT_SHIFT),
  slipDesign: slipDesignSchema.default(DEFAULT_SLIP_DESIGN),
  printing: printingPolicySchema.default(DEFAULT_PRINTING),
  messageCredit: messageCreditPolicySchema.default(DEFAULT_MESSAGE_CREDIT),
  channels: channelPolicySchema.default(DEFAULT_CHANNELS),
  login: loginPolicySchema.default(DEFAULT_LOGIN),
  retention: retentionPolicySchema.default(DEFAULT_RETENTION),
  signals: signalPolicySchema.default(DEFAULT_SIGNALS),
  cashShift: cashShiftPolicySchema.default(DEFAULT_CASH_SHIFT),
  alerts: alertPolicySchema.default(DEFAULT_ALERTS),
  /** A change that weakens the rules (`policy-danger.ts`) needs a second manager or supervisor, where the store has one. */
  fourEyes: z.boolean().default(true),
});
export type Policy = z.infer<typeof policySchema>;

/**
 * A store's policy as the gateway signs it: compact JWS (EdDSA, the grants' key), `typ` as below. A till uses a policy only
 * when the signature holds, the store is its own, and the version is not older than the one it has.
 */
export const POLICY_TYP = 'saksi-policy+jwt';
export const signedPolicySchema = z.object({
  iss: z.uuid(),
  storeId: z.uuid(),
  iat: z.number().int(),
  policy: policySchema,
});
export type SignedPolicy = z.infer<typeof signedPolicySchema>;
export type CodePolicy = z.infer<typeof codePolicySchema>;

/** What suits a small shop. */
export const DEFAULT_POLICY: Policy = {
  version: 1,
  codes: {
    askFrom: { deposit: 0, points: 0 },
    digits: 6,
    ttlSeconds: 300,
    tries: 5,
    resendAfterSeconds: 60,
    sendsMax: 3,
    limits: {
      phone: { count: 6, windowSeconds: 3600 },
      till: { count: 120, windowSeconds: 3600 },
      store: { count: 1000, windowSeconds: 3600 },
    },
  },
  redemption: { drawer: 'on_request', grantTtlSeconds: 600 },
  pin: { tries: 5, lockSeconds: 300, idleLockSeconds: 900 },
  slips: { copiesMax: 3 },
  approvals: DEFAULT_APPROVALS,
  offline: DEFAULT_OFFLINE,
  drawer: DEFAULT_DRAWER,
  shift: DEFAULT_SHIFT,
  slipDesign: DEFAULT_SLIP_DESIGN,
  printing: DEFAULT_PRINTING,
  messageCredit: DEFAULT_MESSAGE_CREDIT,
  channels: DEFAULT_CHANNELS,
  login: DEFAULT_LOGIN,
  retention: DEFAULT_RETENTION,
  signals: DEFAULT_SIGNALS,
  cashShift: DEFAULT_CASH_SHIFT,
  alerts: DEFAULT_ALERTS,
  fourEyes: true,
};
