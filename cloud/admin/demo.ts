/** A shop to look at: one store, its people, six customers with deposits and points. Safe to run again. */
import { type Asset, amountSchema } from '../../shared/money.ts';
import type { Services } from '../services.ts';

export interface DemoStaff {
  readonly id: string;
  readonly name: string;
  readonly role: 'cashier' | 'supervisor' | 'manager';
  readonly pin: string;
  /** E.164; null: not on WhatsApp. */
  readonly phone: string | null;
}

export interface DemoCustomer {
  readonly id: string;
  readonly name: string;
  /** E.164. */
  readonly phone: string;
  readonly memberNo: string;
  readonly deposit: number;
  readonly points: number;
}

export interface Demo {
  readonly storeId: string;
  readonly storeName: string;
  readonly staff: readonly DemoStaff[];
  readonly customers: readonly DemoCustomer[];
}

const STORE = {
  name: 'Toko Saksi',
  address: 'Jl. Melati No. 8, Bandung',
  footer: 'Terima kasih atas kunjungan Anda',
  country: 'ID',
  currency: 'IDR',
  language: 'id',
  timezone: 'Asia/Jakarta',
} as const;

const STAFF = [
  { name: 'Dewi Lestari', role: 'cashier', pin: '1111' },
  { name: 'Budi Santoso', role: 'cashier', pin: '2222' },
  { name: 'Siti Rahma', role: 'supervisor', pin: '3333', phone: '+6281290003333' },
  { name: 'Joko Susilo', role: 'supervisor', pin: '5555', phone: '+6281290005555' },
  { name: 'Agus Wijaya', role: 'manager', pin: '4444', phone: '+6281290004444' },
] as const;

const CUSTOMERS = [
  { name: 'Ayu Pratiwi', phone: '+6281234567801', memberNo: 'M-1001', deposit: 500_000, points: 1_250 },
  { name: 'Rizky Hidayat', phone: '+6281234567802', memberNo: 'M-1002', deposit: 150_000, points: 300 },
  { name: 'Putri Maharani', phone: '+6281234567803', memberNo: 'M-1003', deposit: 75_000, points: 9_800 },
  { name: 'Hendra Gunawan', phone: '+6281234567804', memberNo: 'M-1004', deposit: 2_000_000, points: 50 },
  {
    name: 'Emily Carter',
    phone: '+6281234567805',
    memberNo: 'M-1005',
    deposit: 320_000,
    points: 640,
    language: 'en',
  },
  {
    name: 'Mehmet Yılmaz',
    phone: '+6281234567806',
    memberNo: 'M-1006',
    deposit: 40_000,
    points: 2_000,
    language: 'tr',
  },
] as const;

/** Makes the demo store unless it is there already; answers it either way. PINs are the demo's own, printed openly. */
export async function seedDemo(services: Pick<Services, 'admin' | 'engine'>): Promise<Demo> {
  const { admin } = services;
  const existing = await services.engine.kysely
    .selectFrom('stores')
    .select('id')
    .where('name', '=', STORE.name)
    .executeTakeFirst();
  const storeId = existing?.id ?? (await admin.run('store add', STORE)).storeId;
  const staff = await seedStaff(services, storeId);
  const customers: DemoCustomer[] = [];
  for (const { deposit, points, ...person } of CUSTOMERS) {
    const id = await seedCustomer(services, storeId, person);
    const amounts: [Asset, number][] = [
      ['deposit', deposit],
      ['points', points],
    ];
    for (const [asset, amount] of amounts) {
      const wish = { storeId, customer: { id }, asset, amount: amountSchema.parse(amount) };
      await admin.run('wallet credit', { ...wish, key: `demo-${id}-${asset}` });
    }
    const { name, phone, memberNo } = person;
    customers.push({ id, name, phone, memberNo, deposit, points });
  }
  return { storeId, storeName: STORE.name, staff, customers };
}

async function seedStaff({ admin, engine }: Pick<Services, 'admin' | 'engine'>, storeId: string) {
  const known = await engine.kysely
    .selectFrom('staff')
    .select(['id', 'name'])
    .where('store_id', '=', storeId)
    .execute();
  const staff: DemoStaff[] = [];
  for (const person of STAFF) {
    const found = known.find((row) => row.name === person.name)?.id;
    const id = found ?? (await admin.run('staff add', { storeId, ...person })).staffId;
    const phone = 'phone' in person ? person.phone : null;
    if (phone !== null) await admin.run('staff verify', { staffId: id });
    staff.push({ id, name: person.name, role: person.role, pin: person.pin, phone });
  }
  return staff;
}

async function seedCustomer(
  { admin, engine }: Pick<Services, 'admin' | 'engine'>,
  storeId: string,
  person: { name: string; phone: string; memberNo: string; language?: 'id' | 'en' | 'tr' },
): Promise<string> {
  const found = await engine.kysely
    .selectFrom('customers')
    .select('id')
    .where('store_id', '=', storeId)
    .where('member_no', '=', person.memberNo)
    .executeTakeFirst();
  return found?.id ?? (await admin.run('customer add', { storeId, ...person })).id;
}
