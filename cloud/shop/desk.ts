/** What a manager sees and changes of their shop's tills and people, and how its rules came to be. */
import { SaksiError } from '../../shared/errors.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import { dangersOf } from '../../shared/policy-danger.ts';
import type { NewCashier, Pairing, ShopDesk } from '../../shared/shop-desk.ts';
import type { Admin } from '../admin/admin.ts';
import type { Engine } from '../db/engine.ts';
import { activeStaff } from '../staff/active.ts';

const VERSIONS_MAX = 50;

export interface ShopDesks {
  read(storeId: string): Promise<ShopDesk>;
  addTill(storeId: string, name: string): Promise<Pairing>;
  /** `not_found` where it is another store's, `till_revoked`. */
  pairTill(storeId: string, tillId: string): Promise<Pairing>;
  /** `not_found`. */
  revokeTill(storeId: string, tillId: string): Promise<void>;
  /** `phone_malformed`. */
  addCashier(storeId: string, cashier: NewCashier): Promise<void>;
  /** `staff_unknown`, `role_not_allowed` for whoever is no cashier. */
  removeCashier(storeId: string, staffId: string): Promise<void>;
  /** `staff_unknown`, `role_not_allowed` for whoever is no cashier. */
  enrol(storeId: string, staffId: string): Promise<{ staffId: string; word: string; expiresAt: number }>;
  /** `staff_unknown`. */
  forget(storeId: string, staffId: string): Promise<void>;
}

export function createShopDesks({ engine, admin }: { engine: Engine; admin: Admin }): ShopDesks {
  const db = engine.kysely;

  async function read(storeId: string): Promise<ShopDesk> {
    const tills = await admin.run('till list', { storeId });
    const people = await admin.run('staff list', { storeId });
    return {
      tills,
      people: people
        .filter(({ active }) => active)
        .map(({ id, name, role, phone, listed, account }) => ({
          ...{ id, name, role, phone: phone ?? listed, verified: phone !== null || account },
        })),
      rules: await versionsOf(storeId),
    };
  }

  async function versionsOf(storeId: string): Promise<ShopDesk['rules']> {
    const rows = await db
      .selectFrom('policies as p')
      .leftJoin('staff as by', 'by.id', 'p.changed_by')
      .leftJoin('staff as second', 'second.id', 'p.second_by')
      .select(['p.version', 'p.policy', 'p.changed_at', 'by.name as by', 'second.name as second'])
      .where('p.store_id', '=', storeId)
      .orderBy('p.version', 'desc')
      .limit(VERSIONS_MAX + 1)
      .execute();
    return rows.slice(0, VERSIONS_MAX).map(({ version, policy, changed_at: at, by, second }, index) => {
      const before = rows[index + 1];
      if (before === undefined) return { version, at, by, second, changed: null, weaker: [] };
      // Old versions lack what rules have learned since: completed, that is no change.
      const [older, newer] = [policySchema.parse(before.policy), policySchema.parse(policy)];
      return {
        version,
        at,
        by,
        second,
        changed: changedParts(older, newer),
        weaker: dangersOf(older, newer),
      };
    });
  }

  async function assertTill(storeId: string, tillId: string): Promise<void> {
    const row = await db
      .selectFrom('tills')
      .select('id')
      .where('id', '=', tillId)
      .where('store_id', '=', storeId)
      .executeTakeFirst();
    if (row === undefined) throw new SaksiError('not_found');
  }

  /** Of a supervisor or a manager a word would make whoever sends it the one who agrees: the operator gives those. */
  async function assertCashier(storeId: string, staffId: string): Promise<void> {
    const { role } = await activeStaff(db, storeId, staffId);
    if (role !== 'cashier') throw new SaksiError('role_not_allowed');
  }

  const paired = async (
    storeId: string,
    made: { tillId: string; pairingCode: string; expiresAt: string },
  ): Promise<Pairing> => ({ ...made, expiresAt: Date.parse(made.expiresAt), desk: await read(storeId) });

  return {
    read,
    addTill: async (storeId, name) => paired(storeId, await admin.run('till add', { storeId, name })),
    async pairTill(storeId, tillId) {
      await assertTill(storeId, tillId);
      return paired(storeId, await admin.run('till pair', { tillId }));
    },
    async revokeTill(storeId, tillId) {
      await assertTill(storeId, tillId);
      await admin.run('till revoke', { tillId });
    },
    async addCashier(storeId, { name, pin, phone }) {
      const reached = phone === null ? {} : { phone };
      await admin.run('staff add', { storeId, name, role: 'cashier', pin, ...reached });
    },
    async removeCashier(storeId, staffId) {
      await assertCashier(storeId, staffId);
      await admin.run('staff remove', { staffId });
    },
    async enrol(storeId, staffId) {
      await assertCashier(storeId, staffId);
      const { word, expiresAt } = await admin.run('staff enrol', { staffId });
      return { staffId, word, expiresAt: Date.parse(expiresAt) };
    },
    async forget(storeId, staffId) {
      await activeStaff(db, storeId, staffId);
      await admin.run('staff forget', { staffId });
    },
  };
}

function changedParts(before: Policy, after: Policy): string[] {
  const parts = Object.keys(after) as (keyof Policy)[];
  return parts.filter(
    (part) => part !== 'version' && JSON.stringify(before[part]) !== JSON.stringify(after[part]),
  );
}
