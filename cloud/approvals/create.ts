import { type Selectable, sql } from 'kysely';
import {
  type ApprovalKindPolicy,
  type ApprovalPolicy,
  DEFAULT_APPROVALS,
} from '../../shared/approval-policy.ts';
import { isFree } from '../../shared/approval-rules.ts';
import type { ApprovalCreate } from '../../shared/approvals.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { StoresTable } from '../db/schema.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import {
  isRepeated,
  readRemembered,
  rememberRequest,
  type TillRequest,
  tillRequest,
} from '../redemptions/requests.ts';
import { type AskPlan, addRecipients, candidatesOf, eligible, planAsking } from './ask.ts';
import { announceChange, observeEnd } from './change.ts';
import type { ApprovalContext } from './context.ts';
import { atThisHour, authorityFor, Contacts } from './people.ts';
import type { InTransaction, Trx } from './ports.ts';
import {
  type ApprovalRecord,
  type ApprovalRow,
  approvalFacts,
  type RecipientRecord,
  readApproval,
  toRecipient,
} from './record.ts';
import { checkFields, checkHours, kindFor, parseCreate, reasonText } from './wish.ts';

/** Thrown inside the transaction when another request with this key was first. */
class Repeated extends Error {}

type StoreRow = Pick<
  Selectable<StoresTable>,
  'id' | 'name' | 'currency' | 'language' | 'timezone' | 'policy_version'
>;

/** What a request is made from. */
interface Wish {
  readonly till: TillIdentity;
  readonly body: ApprovalCreate;
  readonly store: StoreRow;
  readonly policy: ApprovalPolicy;
  readonly kind: ApprovalKindPolicy;
  readonly reason: string;
  readonly now: number;
}

/** Keeps the request and asks the people of its first step. See `ApprovalService.create`. */
export async function createApproval(
  context: ApprovalContext,
  till: TillIdentity,
  idempotencyKey: string,
  input: ApprovalCreate,
): Promise<ApprovalRecord> {
  const { kysely } = context.engine;
  const body = parseCreate(input);
  const { kind, amount, basisPoints, reason, note, saleRef, staffId } = body;
  const request = tillRequest(context.keys.idempotencyKey, {
    tillId: till.tillId,
    idempotencyKey,
    operation: 'approval.create',
    subject: null,
    body: [kind, amount, basisPoints, reason.key, reason.text, note, saleRef, staffId],
  });
  const before = await repeated(context, request);
  if (before !== null) return before;
  try {
    const made = await kysely.transaction().execute((trx) => createIn(context, trx, till, request, body));
    made.committed();
    return made.result;
  } catch (error) {
    if (!(error instanceof Repeated)) throw error;
    const first = await repeated(context, request);
    if (first === null) throw new SaksiError('internal', { cause: error });
    return first;
  }
}

async function repeated({ engine }: ApprovalContext, request: TillRequest): Promise<ApprovalRecord | null> {
  const remembered = await readRemembered(engine.kysely, request);
  if (!isRepeated(request, remembered) || remembered?.approvalId == null) return null;
  return readApproval(engine.kysely, {
    target: { approvalId: remembered.approvalId },
    tillId: request.tillId,
  });
}

async function createIn(
  context: ApprovalContext,
  trx: Trx,
  till: TillIdentity,
  request: TillRequest,
  body: ApprovalCreate,
): Promise<InTransaction<ApprovalRecord>> {
  await lockLimits(trx, till, body);
  const now = context.effects.clock.now();
  const id = createUuid(context.effects);
  if (!(await rememberRequest(trx, request, { approvalId: id, refusal: null, now }))) throw new Repeated();
  const { store, tillName, requester } = await readPlace(trx, till, body.staffId);
  const policy = store.approvals ?? DEFAULT_APPROVALS;
  const kind = kindFor(policy, body.kind);
  checkFields(kind, body);
  const reason = reasonText(kind, body.reason, store.language);
  if (requester === undefined) throw new SaksiError('staff_unknown');
  checkHours(policy, now, store.timezone);
  const wish: Wish = { till, body, store, policy, kind, reason, now };
  await checkRepeat(trx, wish);
  const free = isFree(kind, body);
  if (!free) await checkOpen(trx, wish);
  const plan = free ? null : await planFirst(context, trx, wish);
  const row = draft(context, id, wish, plan);
  await insert(trx, row);
  const recipients =
    plan === null ? [] : await addRecipients(context, trx, row, { asked: plan.asked, before: [], now });
  const record: ApprovalRecord = {
    approval: row,
    store: { name: store.name, language: store.language, timezone: store.timezone, policy },
    tillName,
    requester,
    ...{ recipients, votes: [], request: null },
  };
  if (plan !== null) await announce(context, trx, record, recipients, plan.contacts);
  await announceChange(context, trx, record);
  return {
    result: record,
    committed() {
      context.ports.committed([till.tillId], recipients.length > 0);
      if (free) observeEnd(context, row);
      else context.ports.observe(row.kind, 'asked', null);
    },
  };
}

/** Limits count rows that others may be about to commit: they wait here, till before cashier, for each other. */
async function lockLimits(
  trx: Trx,
  { tillId }: TillIdentity,
  { staffId, kind }: ApprovalCreate,
): Promise<void> {
  for (const name of [`approvals/till/${tillId}`, `approvals/repeat/${staffId}/${kind}`]) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
  }
}

async function readPlace(trx: Trx, { tillId, storeId }: TillIdentity, staffId: string) {
  const store = await trx
    .selectFrom('stores')
    .select(['id', 'name', 'currency', 'language', 'timezone', 'policy_version'])
    // The rest of the policy, the slips' design above all, is nothing that an approval goes by.
    .select(sql<ApprovalPolicy | null>`policy -> 'approvals'`.as('approvals'))
    .where('id', '=', storeId)
    .executeTakeFirstOrThrow();
  const till = await trx
    .selectFrom('tills')
    .select('name')
    .where('id', '=', tillId)
    .executeTakeFirstOrThrow();
  const requester = await trx
    .selectFrom('staff')
    .select('name')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .executeTakeFirst();
  return { store, tillName: till.name, requester: requester?.name };
}

/** Throws `approval_repeat_limit` {seconds}: the request `count` back must be older than the window. */
async function checkRepeat(trx: Trx, { kind, body, now }: Wish): Promise<void> {
  const { count, windowSeconds } = kind.repeat;
  const windowMs = windowSeconds * 1000;
  const nth = await trx
    .selectFrom('approvals')
    .select('created_at')
    .where('requested_by', '=', body.staffId)
    .where('kind', '=', kind.key)
    .where('created_at', '>', now - windowMs)
    .orderBy('created_at', 'desc')
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  if (nth === undefined) return;
  const seconds = Math.ceil((nth.created_at + windowMs - now) / 1000);
  throw new SaksiError('approval_repeat_limit', { params: { seconds } });
}

async function checkOpen(trx: Trx, { till, policy, now }: Wish): Promise<void> {
  const open = await trx
    .selectFrom('approvals')
    .select('id')
    .where('till_id', '=', till.tillId)
    .where('status', '=', 'pending')
    .where('expires_at', '>', now)
    .limit(policy.openMax)
    .execute();
  if (open.length >= policy.openMax) throw new SaksiError('approval_too_many_open');
}

/** Whom to ask first. Throws `approval_nobody` when fewer people than needed could ever decide. */
async function planFirst(
  { ports }: ApprovalContext,
  trx: Trx,
  { body, store, policy, kind, now }: Wish,
): Promise<AskPlan & { contacts: Contacts; needed: number }> {
  const base = authorityFor(policy, { ...body });
  if (base === null) throw new SaksiError('approval_kind_unknown');
  const authority = atThisHour(base, policy, now, store.timezone);
  const candidates = await candidatesOf(trx, store.id);
  const staffIds = [body.staffId, ...candidates.map((person) => person.staffId)];
  const contacts = new Contacts(await ports.contactsOf(trx, staffIds));
  const people = eligible(candidates, { authority, contacts, requestedBy: body.staffId });
  if (contacts.distinct(people).length < authority.needed) throw new SaksiError('approval_nobody');
  const start = { steps: kind.steps, nextStep: 0, createdAt: now, now, already: [] };
  const plan = planAsking({ ...start, needed: authority.needed, people, contacts });
  return { ...plan, contacts, needed: authority.needed };
}

/** `plan` null: free by policy, approved at once. */
function draft(
  { effects }: ApprovalContext,
  id: string,
  { till, body, store, policy, kind, reason, now }: Wish,
  plan: (AskPlan & { needed: number }) | null,
): ApprovalRow {
  const asksCode = plan !== null && policy.answer === 'code';
  return {
    id,
    store_id: till.storeId,
    till_id: till.tillId,
    kind: kind.key,
    kind_name: kind.name,
    amount: body.amount,
    basis_points: body.basisPoints,
    currency: store.currency,
    reason_key: body.reason.key,
    reason,
    note: body.note,
    sale_ref: body.saleRef,
    requested_by: body.staffId,
    status: plan === null ? 'approved' : 'pending',
    free: plan === null,
    answer: asksCode ? 'code' : 'tap',
    needed: plan?.needed ?? 1,
    actions: kind.actions,
    steps: kind.steps,
    next_step: plan?.next_step ?? null,
    next_step_at: plan?.next_step_at ?? null,
    code_digits: asksCode ? policy.code.digits : null,
    tries_left: asksCode ? policy.code.tries : null,
    policy_version: store.policy_version,
    grant_jti: createUuid(effects),
    grant_expires_at: plan === null ? now + policy.grantTtlSeconds * 1000 : null,
    deciders: [],
    created_at: now,
    expires_at: now + kind.expirySeconds * 1000,
    decided_at: plan === null ? now : null,
  };
}

async function insert(trx: Trx, row: ApprovalRow): Promise<void> {
  const { kind_name: kindName, actions, steps, deciders } = row;
  await trx
    .insertInto('approvals')
    .values({
      ...row,
      kind_name: JSON.stringify(kindName),
      actions: JSON.stringify(actions),
      steps: JSON.stringify(steps),
      deciders: JSON.stringify(deciders),
    })
    .execute();
}

/** Queues the questions to these recipients. */
export async function announce(
  { ports }: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  recipients: readonly RecipientRecord[],
  contacts: Contacts,
): Promise<void> {
  if (recipients.length === 0) return;
  const approval = approvalFacts(record);
  await ports.announce(trx, { approval, recipients: recipients.map((one) => toRecipient(one, contacts)) });
}
