import { z } from 'zod';
import { approvalKindKeySchema, basisPointsSchema, localisedSchema } from './approval-policy.ts';
import { deliverySchema } from './delivery.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, currencySchema } from './money.ts';

/** A supervisor's decision on the gateway: taken once, under the request's lock, by people who may. */
export const approvalStatusSchema = z.enum(['pending', 'approved', 'rejected', 'expired', 'cancelled']);
export type ApprovalStatus = z.infer<typeof approvalStatusSchema>;
export type ApprovalEvent = 'quorum' | 'reject' | 'lapse' | 'cancel';

export const APPROVAL_TRANSITIONS: Record<ApprovalStatus, Partial<Record<ApprovalEvent, ApprovalStatus>>> = {
  pending: { quorum: 'approved', reject: 'rejected', lapse: 'expired', cancel: 'cancelled' },
  approved: {},
  rejected: {},
  expired: {},
  cancelled: {},
};

/** The status after `event`, or null when the event is illegal there: every decision is final. */
export function nextApprovalStatus(status: ApprovalStatus, event: ApprovalEvent): ApprovalStatus | null {
  return APPROVAL_TRANSITIONS[status][event] ?? null;
}

/** Why: one of the policy's reasons, or the cashier's own words; one of the two is given. */
export const approvalReasonSchema = z.strictObject({
  key: approvalKindKeySchema.nullable(),
  text: z.string().trim().max(140).nullable(),
});

export const approvalCreateSchema = z.strictObject({
  kind: approvalKindKeySchema,
  amount: amountSchema.nullable(),
  basisPoints: basisPointsSchema.nullable(),
  reason: approvalReasonSchema,
  note: z.string().trim().max(280).default(''),
  /** The sale it is about; null for what belongs to none (an opening without a sale). */
  saleRef: saleRefSchema.nullable(),
  /** Who asks, and so may not approve. */
  staffId: uuidSchema,
});
export type ApprovalCreate = z.infer<typeof approvalCreateSchema>;

/** One person who was asked. */
export const approvalAskedSchema = z.object({
  staffId: uuidSchema,
  name: z.string(),
  /** Which step of the escalation, from 0. */
  step: z.number().int().nonnegative(),
  delivery: deliverySchema,
  decision: z.enum(['approve', 'reject']).nullable(),
});

export const approvalSchema = z.object({
  id: uuidSchema,
  tillId: uuidSchema,
  status: approvalStatusSchema,
  kind: approvalKindKeySchema,
  kindName: localisedSchema,
  amount: amountSchema.nullable(),
  basisPoints: basisPointsSchema.nullable(),
  currency: currencySchema,
  /** In the store's language, as the supervisor reads it. */
  reason: z.string(),
  note: z.string(),
  saleRef: z.string().nullable(),
  requestedBy: z.object({ staffId: uuidSchema, name: z.string() }),
  createdAt: z.number().int().nonnegative(),
  /** From the moment of the answer, by the gateway's clock. */
  expiresInMs: z.number().int(),
  /** When the next people are asked; null: nobody is left to ask. */
  nextStepInMs: z.number().int().nullable(),
  needed: z.number().int().positive(),
  asked: z.array(approvalAskedSchema).max(100),
  /** Free by policy: approved without asking anybody. */
  free: z.boolean(),
  rejection: z.object({ name: z.string(), reason: z.string().nullable() }).nullable(),
  /** Without a webhook a supervisor says a code at the till; null: they tap. */
  code: z.object({ digits: z.number().int(), triesLeft: z.number().int().nonnegative() }).nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** `grant` is there exactly while the request is approved and its grant may still be used. */
export const approvalAnswerSchema = z.object({ approval: approvalSchema, grant: z.string().nullable() });
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;
