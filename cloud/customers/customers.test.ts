import { beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { customerSchema } from '../../shared/gateway-api.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type RedemptionWorld, redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { createCustomer, getCustomer, type NewCustomer, searchCustomers, searchForm } from './customers.ts';

describeOnBothEngines('customers', (getEngine) => {
  let world: RedemptionWorld;
  let storeId: string;
  const add = (input: Partial<NewCustomer> & { name: string }) =>
    createCustomer(getEngine().kysely, systemEffects, { storeId, memberNo: null, phone: null, ...input });
  const search = async (q: string) =>
    (await searchCustomers(getEngine().kysely, storeId, q)).map((customer) => customer.name);

  beforeAll(async () => {
    world = redemptionWorld(getEngine());
    storeId = await world.addStore();
    await add({ name: 'Siti Rahayu', memberNo: 'M-100', phone: '0812-3456-7890' });
    await add({ name: 'Şükrü Işık', phone: '+90 532 123 45 67', language: 'tr' });
    await add({ name: 'Sita_50% Dewi' });
    const elsewhere = await world.addStore();
    await add({ name: 'Siti Lain', storeId: elsewhere, phone: '0812-3456-7890', memberNo: 'M-100' });
  });

  it('finds by phone in any notation, by member number, and by the start of the name', async () => {
    expect(await search('081234567890')).toEqual(['Siti Rahayu']);
    expect(await search('+62 812 3456 7890')).toEqual(['Siti Rahayu']);
    expect(await search('M-100')).toEqual(['Siti Rahayu']);
    expect(await search('SIT')).toEqual(['Sita_50% Dewi', 'Siti Rahayu']);
    expect(await search('sukru isik')).toEqual(['Şükrü Işık']);
    expect(await search('Si')).toEqual([]);
    expect(await search('%%%')).toEqual([]);
    expect(await search('si_')).toEqual([]);
    expect(await search('sita_50%')).toEqual(['Sita_50% Dewi']);
  });

  it('shows balances and a masked phone, and never the number', async () => {
    const [customer] = await searchCustomers(getEngine().kysely, storeId, 'M-100');
    expect(customerSchema.parse(customer)).toMatchObject({
      phoneMasked: '+62•••••••7890',
      language: 'id',
      canReceiveCode: true,
      balances: [
        { asset: 'deposit', available: 0, reserved: 0 },
        { asset: 'points', available: 0, reserved: 0 },
      ],
    });
    expect(JSON.stringify(customer)).not.toContain('81234567890');
  });

  it('lists no more than an answer holds', async () => {
    for (let index = 0; index < 22; index += 1) await add({ name: `Budi ${index}` });
    expect(await search('budi')).toHaveLength(20);
  });

  it('refuses what is taken, malformed or unknown', async () => {
    const { kysely } = getEngine();
    await expect(add({ name: 'X', phone: '081234567890' })).rejects.toMatchObject({
      code: 'customer_exists',
    });
    await expect(add({ name: 'X', memberNo: 'M-100' })).rejects.toMatchObject({ code: 'customer_exists' });
    for (const phone of ['', '123', '+62', '08123456789012345', 'phone']) {
      await expect(add({ name: 'X', phone }), phone).rejects.toMatchObject({ code: 'phone_malformed' });
    }
    const nowhere = '0190a6e0-0000-7000-8000-00000000dead';
    await expect(add({ name: 'X', storeId: nowhere })).rejects.toMatchObject({ code: 'not_found' });
    await expect(getCustomer(kysely, storeId, { memberNo: 'nobody' })).rejects.toMatchObject({
      code: 'customer_unknown',
    });
  });
});

it('searches names without regard to case and accents', () => {
  expect(searchForm(' Şükrü IŞIK ')).toBe('sukru isik');
  expect(searchForm('İbrahim')).toBe('ibrahim');
  expect(searchForm('Çağrı')).toBe('cagri');
});
