import type { EscalationStep } from '../../shared/approval-policy.ts';
import { issueRecipientCode, recipientCode } from './codes.ts';
import type { ApprovalContext } from './context.ts';
import { type Authority, type Contacts, isOfStep, mayDecide, type Person } from './people.ts';
import type { Db, Trx } from './ports.ts';
import type { ApprovalRow, RecipientRecord } from './record.ts';

/** People asked about one request at most (`approvalSchema.asked`). */
export const ASKED_MAX = 100;
const CANDIDATES_MAX = 1000;
const REF_BYTES = 16;

/** Everybody of the store whose role may decide anything. */
export async function candidatesOf(db: Db, storeId: string): Promise<Person[]> {
  const rows = await db
    .selectFrom('staff')
    .select(['id', 'name', 'role', 'active'])
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .where('role', 'in', ['supervisor', 'manager'])
    .orderBy('name')
    .orderBy('id')
    .limit(CANDIDATES_MAX)
    .execute();
  return rows.map(({ id, ...rest }) => ({ staffId: id, ...rest }));
}

export interface Eligible {
  readonly authority: Authority;
  readonly contacts: Contacts;
  readonly requestedBy: string;
}

/** Who could be asked: may decide, can be reached, and is not who asks, by name or by phone. */
export function eligible(
  people: readonly Person[],
  { authority, contacts, requestedBy }: Eligible,
): Person[] {
  return people.filter(
    (person) =>
      mayDecide(authority, person) &&
      contacts.of(person.staffId).reachable &&
      !contacts.isSamePerson(person.staffId, requestedBy),
  );
}

export interface AskPlan {
  readonly asked: readonly { readonly person: Person; readonly step: number }[];
  readonly next_step: number | null;
  readonly next_step_at: number | null;
}

/**
 * Whom to ask now. Steps that are due are taken, steps with nobody left to ask are passed over, and as long as too few
 * people were asked to reach the number needed, the next step is not waited for.
 */
export function planAsking(options: {
  readonly steps: readonly EscalationStep[];
  /** The step to begin with; null: none is left. */
  readonly nextStep: number | null;
  readonly createdAt: number;
  readonly now: number;
  readonly needed: number;
  readonly people: readonly Person[];
  /** Asked before. */
  readonly already: readonly { readonly staffId: string }[];
  readonly contacts: Contacts;
}): AskPlan {
  const { steps, createdAt, now, needed, people, contacts } = options;
  const asked: { person: Person; step: number }[] = [];
  const known: { staffId: string }[] = [...options.already];
  let step = options.nextStep ?? steps.length;
  for (; step < steps.length; step += 1) {
    const at = createdAt + (steps[step]?.afterSeconds ?? 0) * 1000;
    if (at > now && known.length >= needed) break;
    const members = people.filter((person) => isOfStep(steps[step] as EscalationStep, person));
    for (const person of members) {
      if (known.length >= ASKED_MAX) break;
      if (known.some(({ staffId }) => contacts.isSamePerson(staffId, person.staffId))) continue;
      known.push(person);
      asked.push({ person, step });
    }
  }
  const left = steps[step];
  if (left === undefined) return { asked, next_step: null, next_step_at: null };
  return { asked, next_step: step, next_step_at: createdAt + left.afterSeconds * 1000 };
}

/** Keeps who is asked now, each with a ref and, where policy asks for codes, a code of their own. */
export async function addRecipients(
  { keys, effects }: ApprovalContext,
  trx: Trx,
  row: Pick<ApprovalRow, 'id' | 'code_digits'>,
  { asked, before, now }: { asked: AskPlan['asked']; before: readonly RecipientRecord[]; now: number },
): Promise<RecipientRecord[]> {
  if (asked.length === 0) return [];
  const taken = new Set(before.flatMap((recipient) => codeOf(recipient)));
  const made = asked.map(({ person, step }) => {
    const ref = Buffer.from(effects.random.bytes(REF_BYTES)).toString('base64url');
    const issued = row.code_digits === null ? null : issue(person.staffId, row.code_digits);
    return { person, step, ref, nonce: issued?.nonce ?? null, hash: issued?.hash ?? null };
  });
  await trx
    .insertInto('approval_recipients')
    .values(
      made.map(({ person, step, ref, nonce, hash }) => ({
        approval_id: row.id,
        staff_id: person.staffId,
        ...{ step, ref },
        code_nonce: nonce,
        code_hash: hash,
        asked_at: now,
      })),
    )
    .execute();
  return made.map(({ person: { staffId, ...person }, step, ref, nonce, hash }) => ({
    staff_id: staffId,
    ...person,
    ...{ step, ref },
    code_nonce: nonce === null ? null : Buffer.from(nonce).toString('hex'),
    code_hash: hash === null ? null : hash.toString('hex'),
  }));

  function issue(staffId: string, digits: number) {
    const issued = issueRecipientCode(keys, effects.random, { approvalId: row.id, staffId, digits }, taken);
    taken.add(issued.code);
    return issued;
  }

  function codeOf({ staff_id: staffId, code_nonce: nonce }: RecipientRecord): string[] {
    if (nonce === null || row.code_digits === null) return [];
    const seed = { approvalId: row.id, staffId, nonce: Buffer.from(nonce, 'hex'), digits: row.code_digits };
    return [recipientCode(keys, seed)];
  }
}
