import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { amountSchema } from '../../shared/money.ts';
import type { SimDatabase } from './database.ts';
import { GatewayMachine } from './gateway-machine.ts';
import { GATEWAY_URL, Line } from './network.ts';
import { type Customer, People, type Person, phoneNumber } from './people.ts';
import { Phones } from './phones.ts';
import { PolicyDesk } from './policy-desk.ts';
import type { Prng } from './prng.ts';
import { TillMachine } from './till-machine.ts';
import { VirtualTime } from './virtual-time.ts';

/** Power cuts are played on the files as they are, so that no disk need be waited for. */
const MEMORY = '/dev/shm';
const TILLS = 3;
const STAFF: readonly Omit<Person, 'id'>[] = [
  { role: 'cashier', pin: '1111', phone: null },
  { role: 'cashier', pin: '2222', phone: null },
  { role: 'supervisor', pin: '3333', phone: '6281290003333' },
  { role: 'manager', pin: '4444', phone: '6281290004444' },
];
const WALLETS = [
  { deposit: 500_000, points: 1_250 },
  { deposit: 150_000, points: 300 },
  { deposit: 40_000, points: 9_800 },
] as const;

export interface Shop {
  readonly time: VirtualTime;
  readonly gateway: GatewayMachine;
  readonly tills: readonly TillMachine[];
  readonly people: People;
  readonly policyDesk: PolicyDesk;
  readonly phones: Phones;
  readonly staff: readonly Person[];
  readonly customers: readonly Customer[];
  close(): Promise<void>;
}

export interface ShopHooks {
  note(text: string): void;
  hit(fault: string): void;
  violated(what: string): void;
}

/** A shop with three paired tills in which everybody is signed in. Real cores on both sides; all around them is drawn. */
export async function openShop(database: SimDatabase, prng: Prng, hooks: ShopHooks): Promise<Shop> {
  const time = new VirtualTime();
  const phones = new Phones();
  const root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'saksi-sim-'));
  const failed = (error: unknown) => hooks.violated(`the simulation itself failed: ${String(error)}`);
  await database.empty();
  const gateway = new GatewayMachine({ database, prng, time, phones, note: hooks.note, failed });
  await gateway.start();

  const { admin } = gateway.gateway?.services ?? never();
  const { storeId } = await admin.run('store add', {
    name: 'Toko Simulasi',
    country: 'ID',
    currency: 'IDR',
    language: 'id',
    timezone: 'Asia/Jakarta',
  });
  const staff: Person[] = [];
  for (const [index, person] of STAFF.entries()) {
    const { role, pin, phone } = person;
    const added = await admin.run('staff add', {
      ...{ storeId, name: `Orang ${index}`, role, pin },
      ...(phone === null ? {} : { phone: `+${phone}` }),
    });
    if (phone !== null) await admin.run('staff verify', { staffId: added.staffId });
    staff.push({ ...person, id: added.staffId });
  }
  const customers: Customer[] = [];
  for (const [index, wallet] of WALLETS.entries()) {
    const phone = phoneNumber(index);
    const who = { storeId, name: `Pelanggan ${index}`, phone: `+${phone}`, memberNo: `M-${index}` };
    const { id } = await admin.run('customer add', who);
    for (const asset of ['deposit', 'points'] as const) {
      const amount = amountSchema.parse(wallet[asset]);
      await admin.run('wallet credit', {
        storeId,
        customer: { id },
        asset,
        amount,
        key: `first-${id}-${asset}`,
      });
    }
    customers.push({ id, phone, wallet });
  }
  await loosenLimits(gateway, storeId);

  const tills: TillMachine[] = [];
  for (let index = 1; index <= TILLS; index += 1) {
    const name = `Kasir ${index}`;
    const line = new Line({ name, gateway, time, prng: prng.fork(`line-${index}`), failed, ...hooks });
    const own = { name, root: join(root, `till-${index}`), time, prng: prng.fork(name), line };
    const till = new TillMachine({ ...own, ...hooks });
    await till.boot();
    const { pairingCode, tillId } = await admin.run('till add', { storeId, name });
    till.id = tillId;
    till.invoke('pairing.pair', { gatewayUrl: GATEWAY_URL, pairingCode });
    tills.push(till);
  }
  await time.advance(2_000);
  const people = new People({ staff, customers, phones, gateway, time, prng: prng.fork('people'), ...hooks });
  const policyDesk = new PolicyDesk({ gateway, tills, staff, storeId, prng: prng.fork('policy'), ...hooks });
  for (const till of tills) people.act(till);
  await time.advance(3_000);
  return {
    ...{ time, gateway, tills, people, policyDesk, phones, staff, customers },
    async close() {
      for (const till of tills) await till.stop();
      await gateway.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Limits against a phone that is flooded are not what is looked at; a run would be over at once. */
async function loosenLimits(gateway: GatewayMachine, storeId: string): Promise<void> {
  const { admin } = gateway.gateway?.services ?? never();
  const policy = structuredClone(await admin.run('policy show', { storeId }));
  for (const limit of Object.values(policy.codes.limits)) limit.count = 10_000;
  for (const kind of policy.approvals.kinds) kind.repeat = { count: 1_000, windowSeconds: 3_600 };
  policy.approvals.openMax = 20;
  policy.offline.codesPerSupervisor = 4;
  // Low enough to be reached in one run.
  const { limits: offline } = policy.offline;
  offline.perCode = { deposit: 30_000, points: 500 };
  offline.perCustomer = { deposit: 30_000, points: 500 };
  offline.perTill = { deposit: 40_000, points: 700 };
  Object.assign(policy.shift, { openings: 10, renewAt: 2, spareOpenings: 4 });
  await admin.run('policy set', { storeId, policy });
}

function never(): never {
  throw new Error('the gateway did not start');
}
