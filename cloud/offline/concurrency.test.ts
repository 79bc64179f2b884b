import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describePostgres } from '../../test/fixtures/engines.ts';
import { offlineWorld, ROOMY } from '../../test/fixtures/offline-world.ts';
import { createBody } from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';

const RUNS = 5;
const TIMEOUT_MS = 180_000;
const KINDS = [
  'ask',
  'look',
  'spend',
  'online',
  'policy',
  'staff',
  'number',
  'renew',
  'revokeTill',
  'head',
] as const;

/** Everything that touches a till's codes at once: nothing may wait for another crosswise, and the books hold. */
describePostgres(
  'sealed codes while everything happens at once',
  (getEngine) => {
    it(
      'no deadlock, no code that two bundles disagree about, sum zero',
      async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(1)), { minLength: 12, maxLength: 24 }),
            async (wishes) => {
              const world = offlineWorld(getEngine());
              const { kysely } = getEngine();
              const policy = structuredClone(ROOMY);
              policy.offline.codesPerSupervisor = 1;
              policy.codes.askFrom = { deposit: 1_000_000, points: 1_000_000 };
              const storeId = await world.shop.addStore(policy);
              const tills = [await world.shop.addTill(storeId), await world.shop.addTill(storeId)] as const;
              const staff = [
                await world.addStaff(storeId, 'supervisor'),
                await world.addStaff(storeId, 'manager'),
              ];
              const customer = await world.shop.addCustomer(storeId, { deposit: 100 });
              for (const till of tills) await world.bundleOf(till);
              let version = 1;
              const act = async (kind: (typeof KINDS)[number], index: number): Promise<unknown> => {
                const till = tills[index] ?? tills[0];
                const person = staff[index] ?? '';
                const { service } = world;
                switch (kind) {
                  case 'ask':
                    return world.restarted().bundleFor(till);
                  case 'look':
                    return world.restarted().lookDue();
                  case 'spend': {
                    const code = { id: await world.addCode(till, person), staffId: person };
                    return service.applyOffline(till, 'k', world.spending(code, customer.id, 30));
                  }
                  case 'online': {
                    const { shop } = world;
                    const body = createBody(customer.id, 1);
                    const { redemption } = await shop.service.create(till, shop.newKey(), body);
                    const settled = { settledAt: 1, slip: 'printed' } as const;
                    return shop.service.capture(till, redemption.id, shop.newKey(), settled);
                  }
                  case 'policy':
                    version += 1;
                    return world.setPolicy(storeId, { ...policy, version });
                  case 'staff':
                    return kysely
                      .updateTable('staff')
                      .set({ active: true })
                      .where('id', '=', person)
                      .execute();
                  case 'number':
                    return world.verify(person, `+62855500${100 + version}${index}`);
                  case 'renew':
                    return service.operator.renew(
                      index === 0 ? { tillId: till.tillId } : { staffId: person },
                    );
                  case 'revokeTill':
                    return kysely.transaction().execute(async (trx) => {
                      await trx
                        .updateTable('tills')
                        .set({ revoked_at: null })
                        .where('id', '=', till.tillId)
                        .execute();
                      await world.context.events.append(trx, till.tillId, { type: 'till.changed' });
                    });
                  case 'head':
                    return service.countersign(till, { seq: version, hash: 'a'.repeat(64), prefix: null });
                }
              };
              const allowed = new Set(['amount_above_balance', 'audit_head_behind', 'not_ready']);
              const faults = await Promise.all(
                wishes.map(([kind, index]) =>
                  act(kind, index).then(
                    () => null,
                    (error: { code?: string; message: string }) =>
                      allowed.has(error.code ?? '') ? null : `${kind}: ${error.message}`,
                  ),
                ),
              );
              expect(faults.filter((fault) => fault !== null)).toEqual([]);
              expect(await checkLedger(kysely)).toMatchObject({ ok: true, sum: 0 });
              for (const till of tills) {
                const bundle = await world.bundleOf(till);
                const unused = await kysely
                  .selectFrom('sealed_codes')
                  .select('id')
                  .where('till_id', '=', till.tillId)
                  .where('state', '=', 'unused')
                  .orderBy('id')
                  .execute();
                expect(bundle?.codes.map(({ id }) => id)).toEqual(unused.map(({ id }) => id));
              }
            },
          ),
          { numRuns: RUNS },
        );
      },
      TIMEOUT_MS,
    );
  },
  { poolSize: 16 },
);
