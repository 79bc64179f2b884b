import { addRecipients, candidatesOf, eligible, planAsking } from './ask.ts';
import { applyChange, lapse, lockApproval } from './change.ts';
import type { ApprovalContext } from './context.ts';
import { announce } from './create.ts';
import { requestOf } from './decide.ts';
import { atThisHour, authorityFor, Contacts } from './people.ts';
import type { InTransaction, Trx } from './ports.ts';
import { type ApprovalRecord, policyOf } from './record.ts';

/** Requests that one call takes at most; the next call takes the rest. */
const BATCH = 100;

/** Ends what is past its time. @returns how many */
export async function lapseDue(context: ApprovalContext): Promise<number> {
  const now = context.effects.clock.now();
  const due = await context.engine.kysely
    .selectFrom('approvals')
    .select('id')
    .where('status', '=', 'pending')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(BATCH)
    .execute();
  return each(context, due, async (trx, id) => {
    const free = await trx
      .selectFrom('approvals')
      .select('id')
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .where('expires_at', '<=', now)
      .forNoKeyUpdate()
      .skipLocked()
      .executeTakeFirst();
    return free === undefined ? null : lapse(context, trx, await lockApproval(trx, id), now);
  });
}

/** Asks the next people where nobody has decided in time. @returns how many requests went on */
export async function escalateDue(context: ApprovalContext): Promise<number> {
  const now = context.effects.clock.now();
  const due = await context.engine.kysely
    .selectFrom('approvals')
    .select('id')
    .where('status', '=', 'pending')
    .where('next_step_at', '<=', now)
    .where('expires_at', '>', now)
    .orderBy('next_step_at')
    .limit(BATCH)
    .execute();
  return each(context, due, async (trx, id) => {
    const free = await trx
      .selectFrom('approvals')
      .select('id')
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .where('next_step_at', '<=', now)
      .forNoKeyUpdate()
      .skipLocked()
      .executeTakeFirst();
    return free === undefined ? null : askNext(context, trx, await lockApproval(trx, id), now);
  });
}

/** Each in a transaction of its own, so that one that fails holds up no other; failures are thrown at the end. */
async function each(
  { engine }: ApprovalContext,
  due: readonly { id: string }[],
  work: (trx: Trx, id: string) => Promise<InTransaction<unknown> | null>,
): Promise<number> {
  const failures: unknown[] = [];
  let done = 0;
  for (const { id } of due) {
    try {
      const changed = await engine.kysely.transaction().execute((trx) => work(trx, id));
      if (changed === null) continue;
      changed.committed();
      done += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'approvals that were due');
  return done;
}

/** The next people of the escalation as it was when asked, of whom those who may decide by the policy in force. */
async function askNext(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  now: number,
): Promise<InTransaction<ApprovalRecord>> {
  const { approval, store } = record;
  const policy = policyOf(record);
  const base = authorityFor(policy, requestOf(record));
  const candidates = await candidatesOf(trx, approval.store_id);
  const already = record.recipients.map(({ staff_id: staffId }) => ({ staffId }));
  const known = [...candidates, ...already].map(({ staffId }) => staffId);
  const staffIds = [...new Set([approval.requested_by, ...known])];
  const contacts = new Contacts(await context.ports.contactsOf(trx, staffIds));
  const authority = base === null ? null : atThisHour(base, policy, now, store.timezone);
  const people =
    authority === null
      ? []
      : eligible(candidates, { authority, contacts, requestedBy: approval.requested_by });
  const { asked, next_step, next_step_at } = planAsking({
    ...{ steps: approval.steps, nextStep: approval.next_step, createdAt: approval.created_at },
    ...{ now, needed: Math.max(approval.needed, authority?.needed ?? 1), people, already, contacts },
  });
  const added = await addRecipients(context, trx, approval, { asked, before: record.recipients, now });
  const grown = { ...record, recipients: [...record.recipients, ...added] };
  await announce(context, trx, grown, added, contacts);
  const changed = await applyChange(context, trx, grown, { patch: { next_step, next_step_at } });
  return {
    result: changed.result,
    committed() {
      changed.committed();
      context.ports.committed([], added.length > 0);
      context.ports.observe(approval.kind, 'escalated', null);
    },
  };
}
