/**
 * What each WhatsApp Cloud API error means for us: whether to send again, and what the till says.
 *
 * Source: Meta, "Cloud API error codes" (support/error-codes). Meta's advice there holds here: go by `code`
 * and `error_data.details`, never by title or message, which are translated and due to disappear.
 */

import type { DeliveryReason } from '../../shared/delivery.ts';

/** `after_pair_window`: only once WhatsApp's window for this one person (6 s and more) has passed. */
export type RetryRule = 'no' | 'backoff' | 'after_pair_window';

/** `reason` is what the till turns into a sentence and a way on; `meaning` is for the log. */
export type ErrorRule = Readonly<{ meaning: string; retry: RetryRule; reason: DeliveryReason }>;

const TOKEN: ErrorRule = { meaning: 'token_invalid', retry: 'no', reason: 'not_connected' };
const PERMISSION: ErrorRule = { meaning: 'permission_missing', retry: 'no', reason: 'not_connected' };
/** Too many a second, of the whole number. */
export const THROUGHPUT: ErrorRule = { meaning: 'too_many_calls', retry: 'backoff', reason: 'wait_moment' };
const OUTAGE: ErrorRule = { meaning: 'meta_trouble', retry: 'backoff', reason: 'wait_moment' };
const OUR_REQUEST: ErrorRule = { meaning: 'request_wrong', retry: 'no', reason: 'our_fault' };
const MEDIA: ErrorRule = { meaning: 'type_unsupported', retry: 'no', reason: 'our_fault' };
const PARAMETERS: ErrorRule = { meaning: 'template_parameters_wrong', retry: 'no', reason: 'our_fault' };
const NOT_REGISTERED: ErrorRule = {
  meaning: 'sender_not_registered',
  retry: 'no',
  reason: 'number_not_registered',
};
const META_DECLINED: ErrorRule = { meaning: 'meta_declined', retry: 'no', reason: 'other_channel' };

/** Every code that we know, one line each. */
export const ERROR_RULES: ReadonlyMap<number, ErrorRule> = new Map<number, ErrorRule>([
  [0, TOKEN],
  [190, TOKEN],
  [3, PERMISSION],
  [10, PERMISSION],
  [131005, PERMISSION],
  [4, THROUGHPUT],
  [80007, THROUGHPUT],
  [130429, THROUGHPUT],
  [131056, { meaning: 'too_many_to_person', retry: 'after_pair_window', reason: 'wait_person_limit' }],
  [131048, { meaning: 'spam_limit', retry: 'no', reason: 'other_channel' }],
  [131049, META_DECLINED],
  [130472, META_DECLINED],
  [130497, { meaning: 'country_restricted', retry: 'no', reason: 'other_channel' }],
  [131026, { meaning: 'undeliverable', retry: 'no', reason: 'not_on_whatsapp' }],
  [131047, { meaning: 'window_closed', retry: 'no', reason: 'our_fault' }],
  [131062, { meaning: 'phone_number_required', retry: 'no', reason: 'other_channel' }],
  [131030, { meaning: 'not_on_allow_list', retry: 'no', reason: 'test_number_not_registered' }],
  [131031, { meaning: 'account_locked', retry: 'no', reason: 'account_locked' }],
  [131042, { meaning: 'payment_problem', retry: 'no', reason: 'payment_problem' }],
  [131045, NOT_REGISTERED],
  [133010, NOT_REGISTERED],
  [33, NOT_REGISTERED],
  [1, OUTAGE],
  [2, OUTAGE],
  [131000, OUTAGE],
  [131016, OUTAGE],
  [131057, OUTAGE],
  [100, OUR_REQUEST],
  [131008, OUR_REQUEST],
  [131009, OUR_REQUEST],
  [131021, { meaning: 'recipient_is_sender', retry: 'no', reason: 'wrong_number' }],
  [131051, MEDIA],
  [131052, MEDIA],
  [131053, MEDIA],
  [132000, PARAMETERS],
  [132012, PARAMETERS],
  [132018, PARAMETERS],
  [132001, { meaning: 'template_missing', retry: 'no', reason: 'template_missing' }],
  [132005, { meaning: 'template_too_long', retry: 'no', reason: 'our_fault' }],
  [132007, { meaning: 'template_against_policy', retry: 'no', reason: 'our_fault' }],
  [132015, { meaning: 'template_paused', retry: 'no', reason: 'template_paused' }],
  [132016, { meaning: 'template_disabled', retry: 'no', reason: 'template_paused' }],
  [368, { meaning: 'blocked_for_policy', retry: 'no', reason: 'account_locked' }],
]);

/** 200–299 are all "permission missing" in Meta's table. */
const PERMISSION_RANGE = { first: 200, last: 299 } as const;

/** For a code that Meta added after this table: the HTTP status is all that is left to go by. */
const RULES_BY_STATUS: readonly (ErrorRule & { from: number; to: number })[] = [
  { from: 401, to: 401, meaning: 'unknown_unauthorized', retry: 'no', reason: 'not_connected' },
  { from: 403, to: 403, meaning: 'unknown_forbidden', retry: 'no', reason: 'not_connected' },
  { from: 429, to: 429, meaning: 'unknown_too_many', retry: 'backoff', reason: 'wait_moment' },
  { from: 500, to: 599, meaning: 'unknown_server_error', retry: 'backoff', reason: 'wait_moment' },
  { from: 400, to: 499, meaning: 'unknown_request_error', retry: 'no', reason: 'our_fault' },
];

/** A failed status of unknown code has no HTTP status: the message is lost, so the till offers another way. */
const UNKNOWN: ErrorRule = { meaning: 'unknown', retry: 'no', reason: 'unknown' };

/**
 * @param error.code Meta's code, from an answer or from a status webhook
 * @param error.httpStatus of the answer; leave out for a webhook. Only looked at when the code is unknown.
 */
export function classifyError(error: { code: number; httpStatus?: number | undefined }): ErrorRule {
  const known = ERROR_RULES.get(error.code);
  if (known !== undefined) return known;
  if (error.code >= PERMISSION_RANGE.first && error.code <= PERMISSION_RANGE.last) return PERMISSION;
  const { httpStatus } = error;
  if (httpStatus === undefined) return UNKNOWN;
  return RULES_BY_STATUS.find((rule) => httpStatus >= rule.from && httpStatus <= rule.to) ?? UNKNOWN;
}

/**
 * Meta refused the message. Carries neither the request nor the token, so it can be logged whole;
 * `details` is Meta's own text and may name a parameter.
 */
export class WhatsAppError extends Error {
  override readonly name = 'WhatsAppError';
  readonly code: number;
  readonly details: string;
  readonly subcode: number | undefined;
  readonly httpStatus: number;
  readonly fbtraceId: string | undefined;

  constructor(fields: {
    code: number;
    details: string;
    subcode?: number | undefined;
    httpStatus: number;
    fbtraceId?: string | undefined;
  }) {
    super(`WhatsApp refused the message (code ${fields.code}, HTTP ${fields.httpStatus})`);
    this.code = fields.code;
    this.details = fields.details;
    this.subcode = fields.subcode;
    this.httpStatus = fields.httpStatus;
    this.fbtraceId = fields.fbtraceId;
  }

  get rule(): ErrorRule {
    return classifyError(this);
  }
}

export type NetworkFault = 'timeout' | 'unreachable' | 'connection_lost' | 'tls' | 'bad_answer';

/**
 * No usable answer. `outcome` tells whether sending again may send twice: `not_sent` when no connection was
 * made, `unknown` when the request may have arrived.
 */
export class WhatsAppNetworkError extends Error {
  override readonly name = 'WhatsAppNetworkError';
  readonly fault: NetworkFault;
  readonly outcome: 'not_sent' | 'unknown';
  readonly httpStatus: number | undefined;

  constructor(fields: {
    fault: NetworkFault;
    outcome: 'not_sent' | 'unknown';
    httpStatus?: number | undefined;
  }) {
    super(`WhatsApp not reached (${fields.fault})`);
    this.fault = fields.fault;
    this.outcome = fields.outcome;
    this.httpStatus = fields.httpStatus;
  }

  get rule(): ErrorRule {
    return { meaning: `network_${this.fault}`, retry: 'backoff', reason: 'wait_moment' };
  }
}
