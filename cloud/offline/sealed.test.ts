import { beforeEach, expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { policyWith } from '../../test/fixtures/redemption-world.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { hashSealedCode } from './make-codes.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hashing is slow on purpose. */
const TIMEOUT_MS = 60_000;
const TWO = policyWith(({ offline }) => {
  offline.codesPerSupervisor = 2;
});

describeOnBothEngines('sealed codes', (getEngine) => {
  let world: OfflineWorld;
  let storeId: string;
  let till: TillIdentity;
  let supervisor: string;

  beforeEach(async () => {
    world = offlineWorld(getEngine());
    storeId = await world.shop.addStore(TWO);
    till = await world.shop.addTill(storeId);
    supervisor = await world.addStaff(storeId, 'supervisor');
  });

  const db = () => getEngine().kysely;
  const codes = (state: string) =>
    db()
      .selectFrom('sealed_codes')
      .selectAll()
      .where('till_id', '=', till.tillId)
      .where('state', '=', state as never)
      .orderBy('id')
      .execute();
  const told = async () =>
    (await world.shop.events(till.tillId)).filter(({ type }) => type === 'sealed.changed').length;
  const bundle = async () => {
    const found = await world.bundleOf(till);
    if (found === null) throw new Error('no bundle');
    return found;
  };
  const spendOne = async (serial: number, at = 0) => {
    const customer = await world.shop.addCustomer(storeId, { deposit: 1000 });
    const code = (await codes('unused'))[at];
    if (code === undefined) throw new Error('no code left');
    const wish = world.spending({ id: code.id, staffId: code.staff_id }, customer.id, 10, {
      bundleSerial: serial,
    });
    await world.service.applyOffline(till, 'k', wish);
  };

  it(
    'reach the supervisor in clear and the till as slow hashes that only they open',
    async () => {
      await world.addStaff(storeId, 'supervisor', null);
      await world.addStaff(storeId, 'cashier');
      const made = await bundle();
      const now = world.clock.now();
      expect(made).toMatchObject({
        ...{ aud: till.tillId, storeId, serial: 1, currency: 'IDR', limits: TWO.offline.limits },
        ...{ policyVersion: TWO.version, exp: Math.floor((now + 7 * DAY_MS) / 1000) },
      });
      expect(made.codes.map(({ supervisorId }) => supervisorId)).toEqual([supervisor, supervisor]);
      const [message, ...rest] = world.codesSent;
      expect(rest).toEqual([]);
      expect(message).toMatchObject({
        staffId: supervisor,
        codes: { till: 'Kasir', until: now + 7 * DAY_MS },
      });
      const clear = message?.codes.codes ?? [];
      expect(clear).toHaveLength(2);
      for (const code of clear) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
      const opened = await Promise.all(
        made.codes.map(({ hash }) =>
          Promise.all(clear.map((code) => hashSealedCode(code, Buffer.from(hash.salt, 'base64url')))),
        ),
      );
      expect(
        opened.every((tried, index) => tried.some(({ hash }) => hash === made.codes[index]?.hash.hash)),
      ).toBe(true);
      // Nowhere in the database.
      const kept = JSON.stringify([
        await codes('unused'),
        await db().selectFrom('sealed_bundles').selectAll().execute(),
      ]);
      for (const code of clear) expect(kept).not.toContain(code);
    },
    TIMEOUT_MS,
  );

  it(
    'stay the same however often a till comes back: a flapping line floods no phone',
    async () => {
      // While codes are being hashed, another question waits for the same ones.
      const asked = world.service.bundleFor(till);
      expect(world.service.bundleFor(till)).toBe(asked);
      const first = await asked;
      for (let count = 0; count < 5; count += 1) expect(await world.restarted().bundleFor(till)).toBe(first);
      expect(world.codesSent).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  it(
    'are made up when one was used, at most one message an hour unless none is left',
    async () => {
      await bundle();
      await spendOne(1);
      await world.service.lookDue();
      // Within the hour the till loses the used code, and the supervisor keeps the other.
      expect(await told()).toBe(1);
      const second = await bundle();
      expect([second.serial, second.codes.length, world.codesSent.length]).toEqual([2, 1, 1]);
      await spendOne(2);
      const third = await bundle();
      expect([third.serial, third.codes.length, world.codesSent.length]).toEqual([3, 2, 2]);
      await spendOne(3);
      await bundle();
      world.clock.advance(HOUR_MS);
      await world.service.lookDue();
      const fifth = await bundle();
      expect([fifth.codes.length, world.codesSent.length]).toEqual([2, 3]);
      // The message said that older ones are void.
      expect(await codes('replaced')).toHaveLength(1);
      expect(await codes('used')).toHaveLength(3);
    },
    TIMEOUT_MS,
  );

  it(
    'are renewed before they end, for a till that is there to hear of it',
    async () => {
      const first = await bundle();
      world.clock.advance(4 * DAY_MS);
      await world.service.lookDue();
      expect(await told()).toBe(0);
      world.clock.advance(1 * DAY_MS);
      await Promise.all([world.service.lookDue(), world.restarted().lookDue()]);
      expect(await told()).toBe(1);
      // It is away: it is not told again and again, and nobody gets codes that it knows nothing of.
      for (let count = 0; count < 3; count += 1) {
        world.clock.advance(2 * HOUR_MS);
        await world.service.lookDue();
      }
      expect([await told(), world.codesSent.length, (await codes('unused')).length]).toEqual([1, 1, 2]);
      const second = await bundle();
      expect([second.serial, second.exp - first.exp]).toEqual([2, 5 * 86_400 + 6 * 3600]);
      expect(await codes('replaced')).toHaveLength(2);
    },
    TIMEOUT_MS,
  );

  it(
    'end at once when their holder leaves, loses the role or the number, and when policy says so',
    async () => {
      const leaver = await world.addStaff(storeId, 'supervisor');
      const demoted = await world.addStaff(storeId, 'manager');
      await bundle();
      const staff = (id: string, change: object) =>
        db().updateTable('staff').set(change).where('id', '=', id).execute();
      await staff(leaver, { active: false });
      await staff(demoted, { role: 'cashier' });
      await world.service.lookDue();
      expect((await codes('revoked')).map((code) => code.staff_id).sort()).toEqual(
        [leaver, leaver, demoted, demoted].sort(),
      );
      expect(await told()).toBe(1);
      const second = await bundle();
      expect([second.serial, second.codes.length, world.codesSent.length]).toEqual([2, 2, 3]);

      await world.verify(supervisor, '+628444000001');
      await world.service.lookDue();
      expect(await codes('revoked')).toHaveLength(6);
      const third = await bundle();
      expect(third.codes).toHaveLength(2);
      expect(world.codesSent.at(-1)?.address).toEqual({ phone: '+628444000001' });

      const changed = policyWith(({ offline }) => {
        offline.codesPerSupervisor = 2;
        offline.limits.perCode.deposit = 5;
      });
      await world.setPolicy(storeId, { ...changed, version: 2 });
      await world.service.lookDue();
      const fourth = await bundle();
      expect([fourth.serial, fourth.policyVersion, fourth.limits.perCode.deposit]).toEqual([4, 2, 5]);
      expect(fourth.codes).toEqual(third.codes);

      const off = policyWith(({ offline }) => {
        offline.enabled = false;
      });
      await world.setPolicy(storeId, { ...off, version: 3 });
      await world.service.lookDue();
      expect(await world.bundleOf(till)).toBeNull();
      expect(await codes('unused')).toEqual([]);
      // Switched on again: the number goes on from where it was.
      await world.setPolicy(storeId, { ...TWO, version: 4 });
      expect((await bundle()).serial).toBe(5);
    },
    TIMEOUT_MS,
  );

  it(
    'are taken back by the operator, and come again when the operator says so',
    async () => {
      const { operator } = world.service;
      await bundle();
      expect(await operator.revoke({ staffId: supervisor })).toEqual({ ended: 2 });
      await world.service.lookDue();
      expect([await told(), await world.bundleOf(till)]).toEqual([1, null]);
      expect(await operator.status(storeId)).toMatchObject({ stoppedStaff: [{ staffId: supervisor }] });
      await operator.renew({ staffId: supervisor });
      expect((await bundle()).codes).toHaveLength(2);
      expect(await operator.renew({ tillId: till.tillId })).toEqual({ ended: 2 });
      expect((await bundle()).codes).toHaveLength(2);
      expect(await operator.status(storeId)).toMatchObject({
        ...{ enabled: true, stoppedStaff: [], headRefusals: 0 },
        spent: { count: 0, flagged: 0, losses: 0 },
        tills: [{ tillId: till.tillId, stopped: false, holders: [{ staffId: supervisor, unused: 2 }] }],
      });
      await expect(operator.revoke({ staffId: till.tillId })).rejects.toMatchObject({
        code: 'staff_unknown',
      });
      await expect(operator.revoke({ tillId: supervisor })).rejects.toMatchObject({ code: 'not_found' });
    },
    TIMEOUT_MS,
  );

  it('are none where nobody can be given any', async () => {
    await db().deleteFrom('staff_identities').where('staff_id', '=', supervisor).execute();
    expect(await world.bundleOf(till)).toBeNull();
  });
});
