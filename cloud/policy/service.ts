import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import type { z } from 'zod';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { policyAnswerSchema, policyChangeSchema } from '../../shared/gateway-api.ts';
import { type Policy, policySchema, type SignedPolicy } from '../../shared/policy.ts';
import { dangersOf } from '../../shared/policy-danger.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { TillEvents } from '../events/append.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { isRepeated, readRemembered, rememberRequest, tillRequest } from '../redemptions/requests.ts';
import { activeStaff } from '../staff/active.ts';
import { assertLogoReadable } from './logo-check.ts';
import { checkPin } from './pin-check.ts';

/** Characters that a till takes (`tillContextSchema`). */
const SIGNED_MAX = 200_000;
/** Who may agree to what a manager wants to weaken. */
const SECOND_ROLES = ['manager', 'supervisor'] as const;

export type PolicyAnswer = z.infer<typeof policyAnswerSchema>;
export type PolicyChange = z.infer<typeof policyChangeSchema>;
type PolicyWithoutVersion = PolicyChange['policy'];

/** What a store goes by: one document, numbered, signed, every version kept. */
export interface PolicyService {
  /** @throws SaksiError not_found for an unknown store */
  current(storeId: string): Promise<PolicyAnswer>;
  /**
   * A manager changes it at a till. Repeated with its key it does nothing twice. `staff_unknown`, `role_not_allowed`,
   * `pin_wrong` {triesLeft}, `pin_locked` {seconds}, `policy_invalid` {at}, `slip_logo_unreadable`, `policy_conflict`,
   * `idempotency_key_reused`; `policy_needs_second` {parts} where somebody else has to agree, whose own refusals have {who: 'second'}.
   */
  change(till: TillIdentity, idempotencyKey: string, change: PolicyChange): Promise<PolicyAnswer>;
  /** The operator changes it. `not_found`, `slip_logo_unreadable`, `policy_conflict`. */
  set(storeId: string, baseVersion: number, policy: PolicyWithoutVersion): Promise<PolicyAnswer>;
}

export interface PolicyServiceOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  /** 32 bytes; fingerprints of requests, of which one holds a PIN. */
  readonly idempotencyKey: Uint8Array;
  readonly identity: Pick<GatewayIdentity, 'gatewayId' | 'signPolicy'>;
  readonly events: TillEvents;
}

export function createPolicyService(options: PolicyServiceOptions): PolicyService {
  const { engine, effects, idempotencyKey: hmacKey, identity, events } = options;
  const { clock } = effects;
  const db = engine.kysely;

  function sign(storeId: string, policy: Policy): string {
    const iat = Math.floor(clock.now() / 1000);
    const signed: SignedPolicy = { iss: identity.gatewayId, storeId, iat, policy };
    const text = identity.signPolicy(signed);
    if (text.length > SIGNED_MAX) throw new SaksiError('policy_invalid', { params: { at: 'length' } });
    return text;
  }

  async function current(storeId: string): Promise<PolicyAnswer> {
    const row = await db
      .selectFrom('stores as s')
      .leftJoin('policies as p', (join) =>
        join.onRef('p.store_id', '=', 's.id').onRef('p.version', '=', 's.policy_version'),
      )
      .select(['s.policy', 's.policy_version', 'p.signed', 'p.policy as kept'])
      .where('s.id', '=', storeId)
      .executeTakeFirst();
    if (row === undefined) throw new SaksiError('not_found');
    // A document from before approvals lacks them: it is completed, and signed as it is then gone by.
    const policy = policySchema.parse({ ...row.policy, version: row.policy_version });
    if (row.signed !== null && isDeepStrictEqual(row.kept, policy))
      return { policy, signedPolicy: row.signed };
    const signedPolicy = sign(storeId, policy);
    if (row.signed === null)
      await keep(db, { storeId, policy, signedPolicy, changedBy: null, secondBy: null });
    return { policy, signedPolicy };
  }

  async function keep(
    on: Kysely<Database>,
    made: {
      storeId: string;
      policy: Policy;
      signedPolicy: string;
      changedBy: string | null;
      secondBy: string | null;
    },
  ): Promise<void> {
    await on
      .insertInto('policies')
      .values({
        store_id: made.storeId,
        version: made.policy.version,
        policy: JSON.stringify(made.policy),
        signed: made.signedPolicy,
        changed_by: made.changedBy,
        second_by: made.secondBy,
        changed_at: clock.now(),
      })
      .onConflict((conflict) => conflict.columns(['store_id', 'version']).doNothing())
      .execute();
  }

  /** The next version, in the caller's transaction; every till of the store is told. Answers those tills. */
  async function replace(
    trx: Kysely<Database>,
    storeId: string,
    wish: {
      baseVersion: number;
      policy: PolicyWithoutVersion;
      changedBy: string | null;
      secondBy: string | null;
    },
  ): Promise<{ answer: PolicyAnswer; tillIds: string[] }> {
    assertLogoReadable(wish.policy.slipDesign.logo);
    const policy: Policy = { ...wish.policy, version: wish.baseVersion + 1 };
    const changed = await trx
      .updateTable('stores')
      .set({ policy: JSON.stringify(policy), policy_version: policy.version })
      .where('id', '=', storeId)
      .where('policy_version', '=', wish.baseVersion)
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) throw new SaksiError('policy_conflict');
    const signedPolicy = sign(storeId, policy);
    const { changedBy, secondBy } = wish;
    await keep(trx, { storeId, policy, signedPolicy, changedBy, secondBy });
    const tills = await trx
      .selectFrom('tills')
      .select('id')
      .where('store_id', '=', storeId)
      .where('revoked_at', 'is', null)
      // Always in one order, so that two changes never wait for each other's tills crosswise.
      .orderBy('id')
      .execute();
    for (const { id } of tills) await events.append(trx, id, { type: 'till.changed' });
    return { answer: { policy, signedPolicy }, tillIds: tills.map(({ id }) => id) };
  }

  async function change(
    till: TillIdentity,
    idempotencyKey: string,
    wish: PolicyChange,
  ): Promise<PolicyAnswer> {
    const { storeId, tillId } = till;
    const { staffId, pin, baseVersion, policy, second } = wish;
    const body = [staffId, pin, baseVersion, policy, ...(second === undefined ? [] : [second])];
    const request = tillRequest(hmacKey, {
      ...{ tillId, idempotencyKey, operation: 'policy.change', subject: null, body },
    });
    if (isRepeated(request, await readRemembered(db, request))) return current(storeId);
    // The version in force first: it also keeps the one that this change replaces.
    const inForce = await current(storeId);
    const parsed = policySchema.omit({ version: true }).safeParse(policy);
    if (!parsed.success) {
      const at = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new SaksiError('policy_invalid', { params: { at }, cause: parsed.error });
    }
    const staff = await activeStaff(db, storeId, staffId);
    if (staff.role !== 'manager') throw new SaksiError('role_not_allowed');
    const limits = inForce.policy.pin;
    try {
      await checkPin(db, clock, staff, { pin, policy: limits });
      // Nobody agrees to what cannot be taken.
      if (baseVersion !== inForce.policy.version) throw new SaksiError('policy_conflict');
      if (await mustAgree(storeId, staffId, inForce.policy, parsed.data)) {
        if (second === undefined) {
          const parts = dangersOf(inForce.policy, parsed.data).join(', ');
          throw new SaksiError('policy_needs_second', { params: { parts } });
        }
        await checkSecond(storeId, staffId, second, limits).catch(ofSecond);
      }
    } catch (error) {
      // A till that did not hear of it and asks again costs nobody a second try.
      const refusal = error instanceof SaksiError && error.code === 'pin_wrong' ? error : null;
      if (refusal !== null)
        await rememberRequest(db, request, { approvalId: null, refusal, now: clock.now() });
      throw error;
    }
    const done = await db.transaction().execute(async (trx) => {
      const now = clock.now();
      if (!(await rememberRequest(trx, request, { approvalId: null, refusal: null, now }))) return null;
      return replace(trx, storeId, {
        ...{ baseVersion, policy: parsed.data, changedBy: staffId, secondBy: second?.staffId ?? null },
      });
    });
    if (done === null) {
      isRepeated(request, await readRemembered(db, request));
      return current(storeId);
    }
    events.committed(done.tillIds);
    return done.answer;
  }

  /** Weaker rules, and somebody is there who could agree: where nobody is, nobody is waited for. */
  async function mustAgree(
    storeId: string,
    staffId: string,
    before: Policy,
    after: PolicyWithoutVersion,
  ): Promise<boolean> {
    if (!before.fourEyes || dangersOf(before, after).length === 0) return false;
    const somebody = await db
      .selectFrom('staff')
      .select('id')
      .where('store_id', '=', storeId)
      .where('active', '=', true)
      .where('role', 'in', SECOND_ROLES)
      .where('id', '<>', staffId)
      .executeTakeFirst();
    return somebody !== undefined;
  }

  /** Throws `staff_unknown`, `role_not_allowed`, `pin_wrong`, `pin_locked`. */
  async function checkSecond(
    storeId: string,
    staffId: string,
    second: NonNullable<PolicyChange['second']>,
    policy: Policy['pin'],
  ): Promise<void> {
    const staff = await activeStaff(db, storeId, second.staffId);
    if (staff.id === staffId || !(SECOND_ROLES as readonly string[]).includes(staff.role))
      throw new SaksiError('role_not_allowed');
    await checkPin(db, clock, staff, { pin: second.pin, policy });
  }

  async function set(
    storeId: string,
    baseVersion: number,
    policy: PolicyWithoutVersion,
  ): Promise<PolicyAnswer> {
    await current(storeId);
    const { answer, tillIds } = await db
      .transaction()
      .execute((trx) => replace(trx, storeId, { baseVersion, policy, changedBy: null, secondBy: null }));
    events.committed(tillIds);
    return answer;
  }

  return { current, change, set };
}

/** Says whose refusal it is. */
function ofSecond(error: unknown): never {
  if (!(error instanceof SaksiError)) throw error;
  throw new SaksiError(error.code, { params: { ...error.params, who: 'second' }, cause: error });
}
