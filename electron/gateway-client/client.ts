import type { z } from 'zod';
import { type ApprovalAnswer, type ApprovalCreate, approvalAnswerSchema } from '../../shared/approvals.ts';
import { AUDIT_ENTRIES_PATH, entriesAnswerSchema, type SentEntries } from '../../shared/audit/entries.ts';
import { CASH_SHIFTS_PATH, cashShiftPageSchema, type cashShiftQuerySchema } from '../../shared/cash-shift.ts';
import {
  approvalListSchema,
  customerListSchema,
  GATEWAY_PATHS,
  policyAnswerSchema,
  type policyChangeSchema,
  type RedemptionAnswer,
  type RedemptionCreate,
  redemptionAnswerSchema,
  redemptionListSchema,
  tillContextSchema,
} from '../../shared/gateway-api.ts';
import { LOGIN_PATHS, type LoginVerify, loginAnswerSchema } from '../../shared/login.ts';
import { MESSAGE_LOG_PATH, type MessageFilter, messagePageSchema } from '../../shared/message-log.ts';
import {
  type AuditHead,
  auditHeadAnswerSchema,
  OFFLINE_PATHS,
  type OutboxBatch,
  outboxAnswerSchema,
  reconciliationAnswerSchema,
  sealedAnswerSchema,
  walletPageSchema,
} from '../../shared/offline.ts';
import { SHIFT_PATHS, type ShiftGrantRequest, shiftGrantAnswerSchema } from '../../shared/shift.ts';
import { auditCalls } from './audit-calls.ts';
import { type CallContext, call } from './call.ts';
import { type Limits, PATIENT, pathOf, textOf, UNHURRIED } from './limits.ts';
import { createManagerCalls } from './manager-calls.ts';

/** Typing waits for it. */
const SEARCH_TIMEOUT_MS = 3_000;

/** The gateway's API for tills, one method per route; see `call` for the errors. */
export function createGatewayClient(context: CallContext) {
  const post = (path: string, idempotencyKey: string, body: unknown, limits: Limits = PATIENT) =>
    call(context, { method: 'POST', path, answer: redemptionAnswerSchema, body, idempotencyKey, ...limits });
  const postApproval = (path: string, idempotencyKey: string, body: unknown, limits: Limits = PATIENT) =>
    call(context, { method: 'POST', path, answer: approvalAnswerSchema, body, idempotencyKey, ...limits });

  const postLogin = (path: string, idempotencyKey: string, body: unknown) =>
    call(context, { method: 'POST', path, answer: loginAnswerSchema, body, idempotencyKey, ...PATIENT });

  return {
    ...createManagerCalls(context),
    context: () => get(context, GATEWAY_PATHS.till, tillContextSchema),

    searchCustomers: (q: string) =>
      call(context, {
        method: 'GET',
        path: GATEWAY_PATHS.customers,
        answer: customerListSchema,
        query: { q },
        timeoutMs: SEARCH_TIMEOUT_MS,
        retries: 0,
      }),

    createRedemption: (idempotencyKey: string, body: RedemptionCreate): Promise<RedemptionAnswer> =>
      post(GATEWAY_PATHS.redemptions, idempotencyKey, body),

    openRedemptions: async (): Promise<RedemptionAnswer[]> =>
      (await get(context, GATEWAY_PATHS.redemptionsOpen, redemptionListSchema)).redemptions,

    redemption: (id: string): Promise<RedemptionAnswer> =>
      get(context, pathOf(GATEWAY_PATHS.redemption, id), redemptionAnswerSchema),

    verify: (id: string, idempotencyKey: string, code: string): Promise<RedemptionAnswer> =>
      post(pathOf(GATEWAY_PATHS.verify, id), idempotencyKey, { code }),

    resend: (id: string, idempotencyKey: string): Promise<RedemptionAnswer> =>
      post(pathOf(GATEWAY_PATHS.resend, id), idempotencyKey, {}),

    /** The outbox repeats these itself. */
    capture: (id: string, idempotencyKey: string, body: unknown): Promise<RedemptionAnswer> =>
      post(pathOf(GATEWAY_PATHS.capture, id), idempotencyKey, body, UNHURRIED),

    cancel: (id: string, idempotencyKey: string, body: unknown): Promise<RedemptionAnswer> =>
      post(pathOf(GATEWAY_PATHS.cancel, id), idempotencyKey, body, UNHURRIED),

    createApproval: (idempotencyKey: string, body: ApprovalCreate): Promise<ApprovalAnswer> =>
      postApproval(GATEWAY_PATHS.approvals, idempotencyKey, body),

    openApprovals: async (): Promise<ApprovalAnswer[]> =>
      (await get(context, GATEWAY_PATHS.approvalsOpen, approvalListSchema)).approvals,

    approval: (id: string): Promise<ApprovalAnswer> =>
      get(context, pathOf(GATEWAY_PATHS.approval, id), approvalAnswerSchema),

    approvalCode: (id: string, idempotencyKey: string, code: string): Promise<ApprovalAnswer> =>
      postApproval(pathOf(GATEWAY_PATHS.approvalCode, id), idempotencyKey, { code }),

    /** The outbox repeats it itself. */
    cancelApproval: (id: string, idempotencyKey: string): Promise<ApprovalAnswer> =>
      postApproval(pathOf(GATEWAY_PATHS.approvalCancel, id), idempotencyKey, {}, UNHURRIED),

    /** Sends a code to a member of staff whose PIN was right, or goes on with the one that they have. */
    createLogin: (idempotencyKey: string, body: { staffId: string }) =>
      postLogin(LOGIN_PATHS.logins, idempotencyKey, body),

    login: (id: string) => get(context, pathOf(LOGIN_PATHS.login, id), loginAnswerSchema),

    verifyLogin: (id: string, idempotencyKey: string, body: LoginVerify) =>
      postLogin(pathOf(LOGIN_PATHS.verify, id), idempotencyKey, body),

    resendLogin: (id: string, idempotencyKey: string) =>
      postLogin(pathOf(LOGIN_PATHS.resend, id), idempotencyKey, {}),

    policy: () => get(context, GATEWAY_PATHS.policy, policyAnswerSchema),

    savePolicy: (idempotencyKey: string, body: z.input<typeof policyChangeSchema>) =>
      call(context, {
        method: 'PUT',
        path: GATEWAY_PATHS.policy,
        answer: policyAnswerSchema,
        body,
        idempotencyKey,
        ...PATIENT,
      }),

    /** One round trip for a batch; the outbox repeats it itself. Each item carries its own idempotency key. */
    outbox: (items: OutboxBatch['items']) =>
      call(context, {
        method: 'POST',
        path: OFFLINE_PATHS.outbox,
        answer: outboxAnswerSchema,
        body: { items },
        ...UNHURRIED,
      }),

    /** Nobody waits for it: what is sold meanwhile goes on the grant before, or on a spare. */
    shiftGrant: (idempotencyKey: string, body: ShiftGrantRequest) =>
      call(context, {
        method: 'POST',
        path: SHIFT_PATHS.grants,
        answer: shiftGrantAnswerSchema,
        body,
        idempotencyKey,
        ...UNHURRIED,
      }),

    sealedCodes: () => get(context, OFFLINE_PATHS.sealedCodes, sealedAnswerSchema),

    /** The same head again gets the same answer, so that a lost one is asked for again by whoever keeps the head. */
    auditHead: (head: AuditHead) =>
      call(context, {
        method: 'POST',
        path: OFFLINE_PATHS.auditHead,
        answer: auditHeadAnswerSchema,
        body: head,
        ...UNHURRIED,
      }),

    ...auditCalls(context),

    /** What was sent before is compared there, so that whoever sends may begin anew anywhere. */
    auditEntries: (body: SentEntries) =>
      call(context, {
        method: 'POST',
        path: AUDIT_ENTRIES_PATH,
        answer: entriesAnswerSchema,
        body,
        gzip: true,
        ...UNHURRIED,
      }),

    /** Customers whose wallet or particulars changed after cursor `after` (0: all). */
    wallets: (after: number) =>
      call(context, {
        method: 'GET',
        path: OFFLINE_PATHS.wallets,
        answer: walletPageSchema,
        query: { after: String(after) },
        ...UNHURRIED,
      }),

    /** A page of the store's message log. */
    messageLog: (filter: MessageFilter, after: string | null) =>
      call(context, {
        method: 'GET',
        path: MESSAGE_LOG_PATH,
        answer: messagePageSchema,
        query: textOf({ ...filter, after: after ?? undefined }),
        ...PATIENT,
      }),

    /** A page of the store's shifts. */
    cashShifts: (query: z.output<typeof cashShiftQuerySchema>) =>
      call(context, {
        method: 'GET',
        path: CASH_SHIFTS_PATH,
        answer: cashShiftPageSchema,
        query: Object.fromEntries(
          Object.entries(query).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)]],
          ),
        ),
        ...PATIENT,
      }),

    /** Epoch ms by the till's clock, `from` included, `to` not. */
    reconciliation: (from: number, to: number) =>
      call(context, {
        method: 'GET',
        path: OFFLINE_PATHS.reconciliation,
        answer: reconciliationAnswerSchema,
        query: { from: String(from), to: String(to) },
        ...UNHURRIED,
      }),
  };
}
export type GatewayClient = ReturnType<typeof createGatewayClient>;

function get<T extends z.ZodType>(context: CallContext, path: string, answer: T): Promise<z.output<T>> {
  return call(context, { method: 'GET', path, answer, ...PATIENT });
}
