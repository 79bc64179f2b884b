import { z } from 'zod';
import { type ApprovalStatus, approvalStatusSchema } from '../../shared/approvals.ts';
import { type Language, personSentence, type WireError } from '../../shared/errors.ts';
import type { Asset, Currency } from '../../shared/money.ts';
import { type RedemptionStatus, redemptionStatusSchema } from '../../shared/redemption.ts';

export interface ErrorContext {
  readonly asset?: Asset | undefined;
  readonly currency?: Currency | undefined;
}

/** What a request may lack. */
export const ASKED_FIELDS = ['amount', 'basisPoints', 'reason', 'saleRef', 'note'] as const;
export type AskedField = (typeof ASKED_FIELDS)[number];

/** Which limit on spending without a line was reached. */
export const LIMITS = ['code', 'customer', 'till'] as const;
export type Limit = (typeof LIMITS)[number];

export interface ErrorWords {
  amountText(value: number): string;
  statusText(status: RedemptionStatus | ApprovalStatus): string;
  fieldText(field: AskedField): string;
  limitText(limit: Limit): string;
}

/** The person's sentence of the errors' table, with amounts, states, fields and limits in it written as the screen writes them. */
export function errorSentence(error: WireError, language: Language, words: ErrorWords): string {
  const params = { ...error.params };
  for (const name of ['available', 'left', 'most'] as const) {
    const value = params[name];
    if (typeof value === 'number') params[name] = words.amountText(value);
  }
  const status = z.union([redemptionStatusSchema, approvalStatusSchema]).safeParse(params.status);
  if (status.success) params.status = words.statusText(status.data);
  const field = ASKED_FIELDS.find((known) => known === params.field);
  if (field !== undefined) params.field = words.fieldText(field);
  const limit = LIMITS.find((known) => known === params.limit);
  if (limit !== undefined) params.limit = words.limitText(limit);
  return personSentence(error.code, language, params);
}
