import { sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import { type RedemptionCreate, redemptionCreateSchema } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { throwCreditRefusal } from '../credit/refusal.ts';
import { resolveRef } from '../customers/customers.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { RedemptionContext, TillIdentity } from './context.ts';
import { codeFields, expectOutcome, issueCode, Stale, withStoreLimit } from './issue.ts';
import { codeReach } from './reach.ts';
import type { Start } from './recent.ts';
import { type RedemptionRecord, readRedemption, redemptionView } from './record.ts';
import { isRepeated, requestRow, type TillRequest, tillRequest } from './requests.ts';

/** Fresh readings: each sees what came between the one before and its writing. */
const ATTEMPTS = 4;

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
  const known = context.recent.startOf(till.storeId, body.customer);
  // What an e-mail address was before is remembered nowhere: it is read each time.
  if (known !== null && known.customer.phone_e164 !== null) {
    try {
      return await createFrom(context, till, request, body, known);
    } catch {
      // A repeated request, a race, or a refusal: which of them is said on what the database says now.
    }
  }
  for (let attempt = 1; ; attempt += 1) {
    const { customer, remembered, ...store } = await prepare(context, till, request, body);
    if (remembered !== null) return repeatedCreate(context, request, remembered);
    if (customer === null) throw new SaksiError('customer_unknown');
    try {
      return await createFrom(context, till, request, body, { ...store, customer });
    } catch (error) {
      if (error instanceof Stale && attempt < ATTEMPTS) continue;
      // Another request with this key was first; or, its answer lost, took the last of the balance or the limit.
      const { remembered: first } = await prepare(context, till, request, body);
      if (first === null) throw error;
      return repeatedCreate(context, request, first);
    }
  }
}

/** Throws `Stale` when policy or customer changed since `start`, the limits, `amount_above_balance`, `staff_unknown`. */
async function createFrom(
  context: RedemptionContext,
  till: TillIdentity,
  request: TillRequest,
  body: RedemptionCreate,
  start: Start,
): Promise<RedemptionRecord> {
  const { customer, policy } = start;
  const draft = draftRedemption(context, till, body, start);
  const reach = codeReach(customer, policy);
  if (draft.code_digits !== null && reach === null) throw new SaksiError('customer_without_phone');
  const code =
    reach === null || draft.code_digits === null
      ? null
      : issueCode(context, draft, { customer, reach, policy, now: draft.created_at });
  const record = (available: number): RedemptionRecord => ({
    redemption: draft,
    customer,
    available,
    policy,
    delivery: null,
    hashes: code === null ? null : { [draft.serial]: code.hash },
    request: null,
  });
  const item = {
    redemption: JSON.stringify(draft),
    customer: JSON.stringify(customer),
    request: requestRow(request, draft.id, null, draft.created_at),
    ...codeFields(code),
    view: JSON.stringify(redemptionView(record(0), draft.created_at)),
  };
  const { available } = await withStoreLimit(policy, async (alone) =>
    expectOutcome(await context.statements.create({ ...item, alone }).catch(throwCreditRefusal), 'created'),
  );
  const created = record(available ?? 0);
  context.recent.keepStart(till.storeId, start);
  context.recent.keepRecord(created);
  return created;
}

function parseCreate(input: RedemptionCreate): RedemptionCreate {
  const parsed = redemptionCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const onAmount = parsed.error.issues.some((issue) => issue.path[0] === 'amount');
  throw new SaksiError(onAmount ? 'amount_invalid' : 'bad_request', { cause: parsed.error });
}

/** As SQL function `redemption_prepare` gives it. */
interface Prepared extends Omit<Start, 'customer'> {
  readonly customer: Start['customer'] | null;
  readonly remembered: { hash: string; redemptionId: string } | null;
}

async function prepare(
  { engine }: RedemptionContext,
  till: TillIdentity,
  { tillId, idempotencyKey }: TillRequest,
  { customer }: RedemptionCreate,
): Promise<Prepared> {
  const ref = await resolveRef(engine.kysely, till.storeId, customer);
  const id = 'id' in ref ? ref.id : null;
  const phone = 'phoneE164' in ref ? ref.phoneE164 : null;
  const memberNo = 'memberNo' in ref ? ref.memberNo : null;
  const { rows } = await sql<{
    doc: Prepared;
  }>`select redemption_prepare(${till.storeId}, ${tillId}, ${idempotencyKey},
    ${id}, ${phone}, ${memberNo}) as doc`.execute(engine.kysely);
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
  { policy, currency, customer }: Start,
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
    customer_id: customer.id,
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
