import { createPublicKey, verify } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import { type Effects, systemRandom } from '../../shared/effects.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { DEFAULT_POLICY, POLICY_TYP, type Policy, signedPolicySchema } from '../../shared/policy.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { standingClock, storeRow, TEST_KEYS } from '../../test/fixtures/redemption-world.ts';
import { hashPin } from '../admin/pin.ts';
import { createTillEvents } from '../events/append.ts';
import { type GatewayIdentity, loadIdentity } from '../keys/signing.ts';
import { createPolicyService, type PolicyService } from './service.ts';

const refusal = (code: ErrorCode, params = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });
const { version: _version, ...WITHOUT_VERSION } = DEFAULT_POLICY;

describeOnBothEngines('the policy of a store', (getEngine) => {
  const clock = standingClock();
  const effects: Effects = { clock, random: systemRandom };
  let identity: GatewayIdentity;
  let policies: PolicyService;
  let pin: string;
  let storeId: string;
  let till: { tillId: string; storeId: string };
  let manager: string;
  let supervisor: string;

  beforeAll(async () => {
    const engine = getEngine();
    identity = await loadIdentity(engine, effects, new Uint8Array(32).fill(9));
    policies = make();
    pin = JSON.stringify(await hashPin('4444', systemRandom));
  });
  beforeEach(async () => {
    storeId = await addStore(DEFAULT_POLICY);
    till = { tillId: await addTill(storeId), storeId };
    manager = await addStaff('manager');
    supervisor = await addStaff('supervisor');
  });

  function make(): PolicyService {
    const engine = getEngine();
    const events = createTillEvents({ engine, effects, onError: (error) => expect.fail(String(error)) });
    return createPolicyService({
      engine,
      effects,
      idempotencyKey: TEST_KEYS.idempotencyKey,
      identity,
      events,
    });
  }
  async function addStore(policy: Policy): Promise<string> {
    const id = createUuid(effects);
    await getEngine()
      .kysely.insertInto('stores')
      .values(storeRow(id, policy, clock.now()))
      .execute();
    return id;
  }
  async function addTill(store: string): Promise<string> {
    const id = createUuid(effects);
    const row = { id, store_id: store, name: 'Kasir', created_at: clock.now() };
    await getEngine().kysely.insertInto('tills').values(row).execute();
    return id;
  }
  async function addStaff(role: 'manager' | 'supervisor'): Promise<string> {
    const id = createUuid(effects);
    const row = { id, store_id: storeId, name: role, role, pin, created_at: clock.now() };
    await getEngine().kysely.insertInto('staff').values(row).execute();
    return id;
  }
  const history = () =>
    getEngine()
      .kysely.selectFrom('policies')
      .select(['version', 'changed_by', 'signed'])
      .where('store_id', '=', storeId)
      .orderBy('version')
      .execute();
  const eventsOf = async (tillId: string) => {
    const { kysely } = getEngine();
    const rows = await kysely
      .selectFrom('till_events')
      .select('data')
      .where('till_id', '=', tillId)
      .execute();
    return rows.map(({ data }) => data.type);
  };
  const key = () => `key/${createUuid(effects)}`;
  const wish = (more = {}) => ({
    ...{ staffId: manager, pin: '4444', baseVersion: 1 },
    policy: { ...WITHOUT_VERSION, slips: { copiesMax: 1 } },
    ...more,
  });

  /** The claims, once the signature was checked with the gateway's public key. */
  function open(jws: string) {
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const publicKey = createPublicKey({ key: identity.publicKey, format: 'jwk' });
    const input = Buffer.from(`${header}.${payload}`);
    expect(verify(null, input, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(header)).toEqual({ alg: 'EdDSA', typ: POLICY_TYP, kid: identity.publicKey.kid });
    return signedPolicySchema.parse(read(payload));
  }

  it('is signed, and the same each time', async () => {
    const { policy, signedPolicy } = await policies.current(storeId);
    expect(open(signedPolicy)).toEqual({
      ...{ iss: identity.gatewayId, storeId, policy },
      iat: Math.floor(clock.now() / 1000),
    });
    clock.advance(5_000);
    expect((await make().current(storeId)).signedPolicy).toBe(signedPolicy);
  });

  it('completes a document from before approvals', async () => {
    const { approvals: _approvals, ...old } = DEFAULT_POLICY;
    const oldStore = await addStore({ ...old, version: 3 } as Policy);
    const { policy, signedPolicy } = await policies.current(oldStore);
    expect(policy).toMatchObject({ version: 3, approvals: DEFAULT_APPROVALS });
    expect(open(signedPolicy).policy).toEqual(policy);
  });

  it('signs what the gateway goes by, should the row have been changed past it', async () => {
    await policies.current(storeId);
    const changed = { ...DEFAULT_POLICY, slips: { copiesMax: 1 } };
    const { kysely } = getEngine();
    await kysely
      .updateTable('stores')
      .set({ policy: JSON.stringify(changed) })
      .where('id', '=', storeId)
      .execute();
    const { policy, signedPolicy } = await policies.current(storeId);
    expect([policy.slips.copiesMax, open(signedPolicy).policy.slips.copiesMax]).toEqual([1, 1]);
  });

  it('is changed by a manager: a version more, signed, kept, told to every till of the store', async () => {
    const other = await addTill(storeId);
    const foreign = await addTill(await addStore(DEFAULT_POLICY));
    const idempotencyKey = key();
    const { policy, signedPolicy } = await policies.change(till, idempotencyKey, wish());
    expect(policy).toMatchObject({ version: 2, slips: { copiesMax: 1 } });
    expect(open(signedPolicy)).toMatchObject({ storeId, policy: { version: 2 } });
    expect(await policies.current(storeId)).toEqual({ policy, signedPolicy });
    expect(await history()).toMatchObject([
      { version: 1, changed_by: null },
      { version: 2, changed_by: manager, signed: signedPolicy },
    ]);
    expect([await eventsOf(till.tillId), await eventsOf(other), await eventsOf(foreign)]).toEqual([
      ['till.changed'],
      ['till.changed'],
      [],
    ]);
    // Repeated, it changes nothing more.
    expect((await policies.change(till, idempotencyKey, wish())).policy.version).toBe(2);
    await expect(policies.change(till, idempotencyKey, wish({ baseVersion: 2 }))).rejects.toEqual(
      refusal('idempotency_key_reused'),
    );
    expect(await eventsOf(other)).toHaveLength(1);
  });

  it('takes no logo that cannot be unpacked, from a manager or from the operator', async () => {
    const header = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAA', 'base64').subarray(0, 33);
    const data = Buffer.from('0000000049444154' + '35af061e' + '0000000049454e44' + 'ae426082', 'hex');
    const logo = Buffer.concat([header, data]).toString('base64');
    const policy = { ...WITHOUT_VERSION, slipDesign: { ...WITHOUT_VERSION.slipDesign, logo } };
    const refused = refusal('slip_logo_unreadable');
    await expect(policies.change(till, key(), wish({ policy }))).rejects.toEqual(refused);
    await expect(policies.set(storeId, 1, policy)).rejects.toEqual(refused);
    expect((await policies.current(storeId)).policy.version).toBe(1);
  });

  it('is changed only from the version in force, by one of several at once', async () => {
    const wishes = [0, 1, 2].map((copiesMax) =>
      policies.change(till, key(), wish({ policy: { ...WITHOUT_VERSION, slips: { copiesMax } } })),
    );
    const results = await Promise.allSettled(wishes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toEqual(refusal('policy_conflict'));
    }
    expect(await history()).toHaveLength(2);
    await expect(policies.set(storeId, 1, WITHOUT_VERSION)).rejects.toEqual(refusal('policy_conflict'));
    expect((await policies.set(storeId, 2, WITHOUT_VERSION)).policy.version).toBe(3);
    await expect(policies.set(createUuid(effects), 1, WITHOUT_VERSION)).rejects.toEqual(refusal('not_found'));
  });

  describe('weakened', () => {
    const weaker = (more = {}) =>
      wish({ policy: { ...WITHOUT_VERSION, pin: { ...WITHOUT_VERSION.pin, tries: 10 } }, ...more });
    const needed = refusal('policy_needs_second', { parts: 'pin' });
    const agreedBy = (staffId: string, secondPin = '4444') => weaker({ second: { staffId, pin: secondPin } });

    it('needs a second person, who is kept with it and stands in the list', async () => {
      await expect(policies.change(till, key(), weaker())).rejects.toEqual(needed);
      const idempotencyKey = key();
      const agreed = agreedBy(supervisor);
      expect((await policies.change(till, idempotencyKey, agreed)).policy.version).toBe(2);
      expect((await policies.change(till, idempotencyKey, agreed)).policy.version).toBe(2);
      const { kysely } = getEngine();
      const kept = await kysely.selectFrom('policies').select(['version', 'second_by']).execute();
      expect(kept).toContainEqual({ version: 2, second_by: supervisor });
      const staged = await kysely
        .selectFrom('audit_staged')
        .select(['staff_id', 'approver_id'])
        .where('store_id', '=', storeId)
        .where('kind', '=', 'policy.changed')
        .where('staff_id', 'is not', null)
        .execute();
      expect(staged).toEqual([{ staff_id: manager, approver_id: supervisor }]);
    });

    it('by nobody else of another shop, of no standing, gone, or with a wrong PIN, whose tries are their own', async () => {
      const who = { who: 'second' };
      await expect(policies.change(till, key(), agreedBy(manager))).rejects.toEqual(
        refusal('role_not_allowed', who),
      );
      await expect(policies.change(till, key(), agreedBy(createUuid(effects)))).rejects.toEqual(
        refusal('staff_unknown', who),
      );
      const { kysely } = getEngine();
      const cashier = await addStaff('supervisor');
      await kysely.updateTable('staff').set({ role: 'cashier' }).where('id', '=', cashier).execute();
      await expect(policies.change(till, key(), agreedBy(cashier))).rejects.toEqual(
        refusal('role_not_allowed', who),
      );
      const tries = DEFAULT_POLICY.pin.tries;
      const idempotencyKey = key();
      const wrong = agreedBy(supervisor, '0000');
      for (const again of [1, 2])
        await expect(policies.change(till, idempotencyKey, wrong), String(again)).rejects.toEqual(
          refusal('pin_wrong', { ...who, triesLeft: tries - 1 }),
        );
      for (let n = 1; n < tries; n += 1)
        await expect(policies.change(till, key(), wrong)).rejects.toBeInstanceOf(Error);
      await expect(policies.change(till, key(), agreedBy(supervisor))).rejects.toEqual(
        refusal('pin_locked', who),
      );
      // The manager's own PIN is not locked by it.
      expect((await policies.change(till, key(), wish())).policy.version).toBe(2);
    });

    it('needs nobody where nobody else is there, or where two people agreed to that', async () => {
      const { kysely } = getEngine();
      const alone = { fourEyes: false };
      const off = wish({ policy: { ...WITHOUT_VERSION, ...alone } });
      await expect(policies.change(till, key(), off)).rejects.toEqual(
        refusal('policy_needs_second', { parts: 'fourEyes' }),
      );
      const agreed = { ...off, second: { staffId: supervisor, pin: '4444' } };
      expect((await policies.change(till, key(), agreed)).policy.fourEyes).toBe(false);
      const more = { ...WITHOUT_VERSION, ...alone, slips: { copiesMax: 9 } };
      expect(
        (await policies.change(till, key(), wish({ baseVersion: 2, policy: more }))).policy.version,
      ).toBe(3);
      await policies.set(storeId, 3, WITHOUT_VERSION);
      await kysely.updateTable('staff').set({ active: false }).where('id', '=', supervisor).execute();
      expect((await policies.change(till, key(), weaker({ baseVersion: 4 }))).policy.version).toBe(5);
    });
  });

  it('is changed by no one but an active manager of the store', async () => {
    await expect(policies.change(till, key(), wish({ staffId: supervisor }))).rejects.toEqual(
      refusal('role_not_allowed'),
    );
    const elsewhere = await addStore(DEFAULT_POLICY);
    const foreignTill = { tillId: await addTill(elsewhere), storeId: elsewhere };
    await expect(policies.change(foreignTill, key(), wish())).rejects.toEqual(refusal('staff_unknown'));
    await getEngine().kysely.updateTable('staff').set({ active: false }).where('id', '=', manager).execute();
    await expect(policies.change(till, key(), wish())).rejects.toEqual(refusal('staff_unknown'));
    expect((await policies.current(storeId)).policy.version).toBe(1);
  });

  it('refuses rules that do not fit together', async () => {
    const approvals = structuredClone(DEFAULT_APPROVALS);
    const first = approvals.kinds[0];
    if (first !== undefined)
      first.tiers = [{ ...(first.tiers[0] as (typeof first.tiers)[number]), fromAmount: 5 }];
    const policy = { ...WITHOUT_VERSION, approvals };
    await expect(policies.change(till, key(), wish({ policy }))).rejects.toEqual(
      refusal('policy_invalid', { at: 'approvals.kinds.0' }),
    );
  });

  it('counts wrong PINs, locks, and a restart forgives none', async () => {
    const wrong = (pinTyped: string, idempotencyKey = key()) =>
      make().change(till, idempotencyKey, wish({ pin: pinTyped }));
    const repeated = key();
    await expect(wrong('0000', repeated)).rejects.toEqual(refusal('pin_wrong', { triesLeft: 4 }));
    await expect(wrong('0000', repeated)).rejects.toEqual(refusal('pin_wrong', { triesLeft: 4 }));
    await expect(wrong('0001')).rejects.toEqual(refusal('pin_wrong', { triesLeft: 3 }));
    expect((await make().change(till, key(), wish())).policy.version).toBe(2);
    // However many come at once, no more than the policy's tries are looked at.
    const guesses = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => wrong(`100${index}`)));
    const codes = guesses.map((guess) => (guess.status === 'rejected' ? guess.reason.code : 'ok'));
    expect(codes.filter((code) => code === 'pin_wrong')).toHaveLength(4);
    expect(codes.filter((code) => code === 'pin_locked')).toHaveLength(4);
    await expect(wrong('4444')).rejects.toEqual(refusal('pin_locked', { seconds: 300 }));
    clock.advance(299_999);
    await expect(wrong('4444')).rejects.toEqual(refusal('pin_locked', { seconds: 1 }));
    clock.advance(1);
    expect((await make().change(till, key(), wish({ baseVersion: 2 }))).policy.version).toBe(3);
  });

  it('keeps every version as it was', async () => {
    await policies.current(storeId);
    const { kysely } = getEngine();
    await expect(
      kysely.updateTable('policies').set({ signed: 'x' }).where('store_id', '=', storeId).execute(),
    ).rejects.toThrow('append-only');
    await expect(kysely.deleteFrom('policies').where('store_id', '=', storeId).execute()).rejects.toThrow(
      'append-only',
    );
  });
});
