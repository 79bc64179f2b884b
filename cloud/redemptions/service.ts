import { sql } from 'kysely';
import type { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import {
  cancelRequestSchema,
  captureRequestSchema,
  type RedemptionAnswer,
  type RedemptionCreate,
} from '../../shared/gateway-api.ts';
import { uuidSchema } from '../../shared/ids.ts';
import { type CaptureItem, captureMany } from './capture-many.ts';
import { type ChangeOptions, changeRedemption } from './change.ts';
import type { RedemptionContext, TillIdentity } from './context.ts';
import { createRedemption } from './create.ts';
import { decideCancel, decideCapture, decideResend, decideVerify } from './decide.ts';
import { grantClaims } from './grant.ts';
import { withStoreLimit } from './issue.ts';
import { lapseDue, pruneRequests } from './lapse.ts';
import type { Db } from './ports.ts';
import { createRecent } from './recent.ts';
import { type RedemptionRecord, readRedemption, redemptionView } from './record.ts';
import { noteRefusedCode } from './refused-code.ts';
import { type Operation, tillRequest } from './requests.ts';
import { createStatements } from './statements.ts';

type Capture = z.infer<typeof captureRequestSchema>;
type Cancel = z.infer<typeof cancelRequestSchema>;

/** Redemptions of one answer (`redemptionListSchema`). */
const LIST_MAX = 100;

/**
 * Redemptions: a customer's deposit or points spent at a till with the customer's word. Each change is one
 * transaction with the ledger, the message and the till's event.
 * Answers carry a grant exactly while the redemption is authorised. All calls throw `SaksiError`s:
 * `redemption_unknown` (also another till's), `idempotency_key_reused`, and the ones named at each.
 */
export interface RedemptionService {
  /**
   * Reserves the amount and sends the code; without a code when policy asks none. `amount_invalid`, `bad_request`,
   * `staff_unknown`, `customer_unknown`, `phone_malformed`, `customer_without_phone`, `amount_above_balance`,
   * `code_limit_phone`, `code_limit_till`, `code_limit_store`, `message_credit_empty`.
   */
  create(till: TillIdentity, idempotencyKey: string, body: RedemptionCreate): Promise<RedemptionAnswer>;
  /**
   * `code_malformed` (no try counted), `code_wrong`, `code_tries_exhausted` (the last wrong one: money released),
   * `code_superseded` (no try counted), `code_expired`, `code_used`, `redemption_state`.
   */
  verify(till: TillIdentity, id: string, idempotencyKey: string, code: string): Promise<RedemptionAnswer>;
  /** `code_resend_too_early`, `code_sends_exhausted`, `code_expired`, `redemption_state`, the code limits, `message_credit_empty`. */
  resend(till: TillIdentity, id: string, idempotencyKey: string): Promise<RedemptionAnswer>;
  /** Twice is as good as once. `redemption_state` unless authorised. */
  capture(till: TillIdentity, id: string, idempotencyKey: string, body: Capture): Promise<RedemptionAnswer>;
  /** Twice is as good as once. `redemption_state` when captured, expired or failed. */
  cancel(till: TillIdentity, id: string, idempotencyKey: string, body: Cancel): Promise<RedemptionAnswer>;
  /**
   * Captures all of them in one transaction, as far as that is plain: what is not authorised, was done before or is in a
   * race is left alone, with all of its stream. Answers the idempotency keys of those captured.
   */
  captureMany(till: TillIdentity, items: readonly CaptureItem[]): Promise<Set<string>>;
  get(till: TillIdentity, id: string): Promise<RedemptionAnswer>;
  /** This till's redemptions that hold a reservation, oldest first, at most 100. */
  listOpen(till: TillIdentity): Promise<RedemptionAnswer[]>;
  /** Expires what is due, a bounded batch; to be called every second or so. Answers each lapsed one's till. */
  lapseDue(): Promise<string[]>;
  /** Forgets requests past their retention, a bounded batch. Answers how many. */
  pruneRequests(): Promise<number>;
}

export function createRedemptionService(
  parts: Omit<RedemptionContext, 'recent' | 'statements'>,
): RedemptionService {
  const context = { ...parts, recent: createRecent(), statements: createStatements(parts.engine) };
  const { engine, effects, keys, ports } = context;

  async function answer(record: RedemptionRecord): Promise<RedemptionAnswer> {
    const now = effects.clock.now();
    const grant =
      record.redemption.status === 'authorised'
        ? await ports.signGrant(grantClaims(record, ports.gatewayId, now))
        : null;
    return { redemption: redemptionView(record, now), grant };
  }

  function change(
    till: TillIdentity,
    id: string,
    { idempotencyKey, operation, body }: { idempotencyKey: string; operation: Operation; body: unknown[] },
    decide: ChangeOptions['decide'],
    alone = false,
  ): Promise<RedemptionRecord> {
    checkId(id);
    const request = tillRequest(keys.idempotencyKey, {
      tillId: till.tillId,
      idempotencyKey,
      operation,
      subject: id,
      body,
    });
    return changeRedemption(context, { id, request, decide, alone });
  }

  async function read(db: Db, id: string, tillId: string | null): Promise<RedemptionRecord> {
    checkId(id);
    return readRedemption(db, { id, tillId });
  }

  return {
    async create(till, idempotencyKey, body) {
      return answer(await createRedemption(context, till, idempotencyKey, body));
    },

    async verify(till, id, idempotencyKey, code) {
      const request = { idempotencyKey, operation: 'verify', body: [code] } as const;
      const decide: ChangeOptions['decide'] = (record, now) => decideVerify(keys, record, code, now);
      const record = await change(till, id, { ...request, body: [code] }, decide).catch(
        async (error: unknown) => {
          if (error instanceof SaksiError)
            await noteRefusedCode(engine.kysely, till, { id, at: effects.clock.now(), error });
          throw error;
        },
      );
      return answer(record);
    },

    async resend(till, id, idempotencyKey) {
      const { policy } = await read(engine.kysely, id, till.tillId);
      const request = { idempotencyKey, operation: 'resend' as const, body: [] };
      return answer(await withStoreLimit(policy, (alone) => change(till, id, request, decideResend, alone)));
    },

    async capture(till, id, idempotencyKey, input) {
      const body = parse(captureRequestSchema, input);
      const request = { idempotencyKey, operation: 'capture' as const, body: [body.settledAt, body.slip] };
      return answer(await change(till, id, request, (record, now) => decideCapture(record, body, now)));
    },

    async cancel(till, id, idempotencyKey, input) {
      const { reason } = parse(cancelRequestSchema, input);
      const request = { idempotencyKey, operation: 'cancel' as const, body: [reason] };
      return answer(await change(till, id, request, (record, now) => decideCancel(record, reason, now)));
    },

    captureMany: (till, items) => captureMany(context, till, items),

    async get(till, id) {
      return answer(await read(engine.kysely, id, till.tillId));
    },

    async listOpen(till) {
      const { rows } = await sql<{
        doc: RedemptionRecord;
      }>`select redemption_read(id, till_id, null, false) as doc
        from redemptions where till_id = ${till.tillId} and status in ('awaiting_code', 'authorised')
        order by created_at, id limit ${LIST_MAX}`.execute(engine.kysely);
      return Promise.all(rows.map((row) => answer(row.doc)));
    },

    lapseDue: () => lapseDue(context),
    pruneRequests: () => pruneRequests(context),
  };
}

/** What is no UUID names no redemption; the database would refuse it with an error of its own. */
function checkId(id: string): void {
  if (!uuidSchema.safeParse(id).success) throw new SaksiError('redemption_unknown');
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new SaksiError('bad_request', { cause: parsed.error });
  return parsed.data;
}
