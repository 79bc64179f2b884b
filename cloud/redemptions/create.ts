import { sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import { type RedemptionCreate, redemptionCreateSchema } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { resolveRef } from '../customers/customers.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { RedemptionContext, TillIdentity } from './context.ts';
import { expectOutcome, type IssuedCode, issueCode, type SqlOutcome, withStoreLimit } from './issue.ts';
import { type RedemptionPolicy, type RedemptionRecord, readRedemption, redemptionView } from './record.ts';
import { isRepeated, requestRow, type TillRequest, tillRequest } from './requests.ts';

/** Makes the redemption, its reservation and, where policy asks one, its code. See `RedemptionService.create`. */
export async function createRedemption(
  context: RedemptionContext,
  till: TillIdentity,
  idempotencyKey: string,
  input: RedemptionCreate,
): Promise<RedemptionRecord> {
  const body = parseCreate(input);
  const request = tillRequest(context.keys.idempotencyKey, {
    tillId: till.tillId,
    idempotencyKey,
    operation: 'create',
    subject: null,
    body: [body.customer, body.asset, body.amount, body.saleRef, body.drawer, body.staffId, body.channel],
  });
  const start = await prepare(context, till, request, body);
  if (start.remembered !== null) return repeatedCreate(context, request, start.remembered);
  if (!start.staffKnown) throw new SaksiError('staff_unknown');
  const { customer } = start;
  if (customer === null) throw new SaksiError('customer_unknown');
  const draft = draftRedemption(context, till, body, start, customer.id);
  const phone = customer.phone_e164;
  if (draft.code_digits !== null && phone === null) throw new SaksiError('customer_without_phone');

  const code =
    phone === null || draft.code_digits === null
      ? null
      : issueCode(context, draft, {
          customer,
          phoneE164: phone,
          policy: start.policy,
          now: draft.created_at,
        });
  const record = (available: number): RedemptionRecord => ({
    redemption: draft,
    customer,
    available,
    policy: start.policy,
    delivery: null,
    hashes: null,
    request: null,
  });
  const view = JSON.stringify(redemptionView(record(0), draft.created_at));
  try {
    const { available } = await withStoreLimit(start.policy, async (alone) => {
      const { rows } = await insertRedemption(draft, request, code, alone, view).execute(
        context.engine.kysely,
      );
      return expectOutcome(rows[0]?.result, 'created');
    });
    return record(available ?? 0);
  } catch (error) {
    // Another request with this key was first; or, its answer lost, took the last of the balance or the limit.
    const { remembered } = await prepare(context, till, request, body);
    if (remembered === null) throw error;
    return repeatedCreate(context, request, remembered);
  }
}

function parseCreate(input: RedemptionCreate): RedemptionCreate {
  const parsed = redemptionCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const onAmount = parsed.error.issues.some((issue) => issue.path[0] === 'amount');
  throw new SaksiError(onAmount ? 'amount_invalid' : 'bad_request', { cause: parsed.error });
}

/** As SQL function `redemption_prepare` gives it. */
interface Start {
  readonly policy: RedemptionPolicy;
  readonly currency: RedemptionsTable['currency'];
  readonly customer: RedemptionRecord['customer'] | null;
  readonly staffKnown: boolean;
  readonly remembered: { hash: string; redemptionId: string } | null;
}

async function prepare(
  { engine }: RedemptionContext,
  till: TillIdentity,
  { tillId, idempotencyKey }: TillRequest,
  { customer, staffId }: RedemptionCreate,
): Promise<Start> {
  const ref = await resolveRef(engine.kysely, till.storeId, customer);
  const id = 'id' in ref ? ref.id : null;
  const phone = 'phoneE164' in ref ? ref.phoneE164 : null;
  const memberNo = 'memberNo' in ref ? ref.memberNo : null;
  const { rows } = await sql<{
    doc: Start;
  }>`select redemption_prepare(${till.storeId}, ${tillId}, ${idempotencyKey},
    ${staffId}, ${id}, ${phone}, ${memberNo}) as doc`.execute(engine.kysely);
  if (rows[0] === undefined) throw new SaksiError('internal');
  return rows[0].doc;
}

async function repeatedCreate(
  { engine }: RedemptionContext,
  request: TillRequest,
  { hash, redemptionId }: { hash: string; redemptionId: string },
): Promise<RedemptionRecord> {
  isRepeated(request, { hash, outcome: null });
  return readRedemption(engine.kysely, { id: redemptionId, tillId: request.tillId });
}

function draftRedemption(
  { effects }: RedemptionContext,
  till: TillIdentity,
  body: RedemptionCreate,
  { policy, currency }: Start,
  customerId: string,
): RedemptionsTable {
  const now = effects.clock.now();
  const { codes, redemption, version } = policy;
  const asksCode = body.amount >= codes.askFrom[body.asset];
  const ttlMs = codes.ttlSeconds * 1000;
  const resendAfterMs = codes.resendAfterSeconds * 1000;
  return {
    id: createUuid(effects),
    store_id: till.storeId,
    till_id: till.tillId,
    customer_id: customerId,
    staff_id: body.staffId,
    asset: body.asset,
    amount: body.amount,
    currency,
    sale_ref: body.saleRef,
    drawer: redemption.drawer === 'always' || (redemption.drawer === 'on_request' && body.drawer),
    channel: body.channel,
    status: asksCode ? 'awaiting_code' : 'authorised',
    code_digits: asksCode ? codes.digits : null,
    code_ttl_ms: asksCode ? ttlMs : null,
    tries_left: asksCode ? codes.tries : null,
    sends_max: asksCode ? codes.sendsMax : null,
    resend_after_ms: asksCode ? resendAfterMs : null,
    serial: asksCode ? 1 : 0,
    expires_at: asksCode ? now + ttlMs : null,
    resend_at: asksCode ? now + resendAfterMs : null,
    grant_jti: createUuid(effects),
    policy_version: version,
    created_at: now,
    authorised_at: asksCode ? null : now,
    settled_at: null,
    till_settled_at: null,
    slip: null,
    cancel_reason: null,
  };
}

function insertRedemption(
  draft: RedemptionsTable,
  request: TillRequest,
  code: IssuedCode | null,
  alone: boolean,
  view: string,
) {
  return sql<{ result: SqlOutcome }>`select redemption_create(${JSON.stringify(draft)}::jsonb,
    ${requestRow(request, draft.id, null, draft.created_at)}::jsonb, ${code?.row ?? null}::jsonb,
    ${code?.limits ?? null}::jsonb, ${alone},
    ${code?.message?.queue ?? null}, ${code?.message?.row ?? null}::jsonb, ${view}::jsonb) as result`;
}
