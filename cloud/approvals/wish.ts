import type { ApprovalKindPolicy, ApprovalPolicy } from '../../shared/approval-policy.ts';
import { isWorkingTime } from '../../shared/approval-rules.ts';
import { type ApprovalCreate, approvalCreateSchema } from '../../shared/approvals.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Store } from '../../shared/gateway-api.ts';

/** What a till asks for, held against the store's policy. Pure. */

/** Throws `amount_invalid`, `bad_request`. */
export function parseCreate(input: ApprovalCreate): ApprovalCreate {
  const parsed = approvalCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const onAmount = parsed.error.issues.some((issue) => issue.path[0] === 'amount');
  throw new SaksiError(onAmount ? 'amount_invalid' : 'bad_request', { cause: parsed.error });
}

/** Throws `approval_kind_unknown`. */
export function kindFor(policy: ApprovalPolicy, key: string): ApprovalKindPolicy {
  const kind = policy.kinds.find((known) => known.enabled && known.key === key);
  if (kind === undefined) throw new SaksiError('approval_kind_unknown');
  return kind;
}

/** Throws `approval_incomplete` {field} for what is missing, `bad_request` {at} for what the kind does not take. */
export function checkFields(kind: ApprovalKindPolicy, { amount, basisPoints }: ApprovalCreate): void {
  checkField(kind.amount, amount, 'amount');
  checkField(kind.percent, basisPoints, 'basisPoints');
}

function checkField(rule: 'required' | 'optional' | 'none', value: unknown, field: string): void {
  if (rule === 'required' && value === null)
    throw new SaksiError('approval_incomplete', { params: { field } });
  if (rule === 'none' && value !== null)
    throw new SaksiError('bad_request', { params: { at: `body/${field}` } });
}

/** The reason in the store's language. Throws `approval_incomplete` when policy knows no such one. */
export function reasonText(
  kind: ApprovalKindPolicy,
  { key, text }: ApprovalCreate['reason'],
  language: Store['language'],
): string {
  const own = text ?? '';
  const listed = kind.reasons.find((reason) => reason.key === key)?.name[language];
  const isUnknown = key !== null && listed === undefined;
  if (isUnknown || (listed === undefined && own === '') || (own !== '' && !kind.freeReason)) {
    throw new SaksiError('approval_incomplete', { params: { field: 'reason' } });
  }
  return [listed ?? '', own].filter((part) => part !== '').join(': ');
}

/** Throws `approval_outside_hours` where policy takes no requests at this time. */
export function checkHours({ hours }: ApprovalPolicy, at: number, timezone: string): void {
  if (hours.outside === 'refuse' && !isWorkingTime(hours, at, timezone)) {
    throw new SaksiError('approval_outside_hours');
  }
}
