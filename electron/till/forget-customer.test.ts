import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_ID, RIGHT_CODE } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { DATABASE_FILE } from '../store/store.ts';

afterAll(removeTempFolders);

const NAME = 'Ayu Pratiwi';
const MEMBER_NO = 'M-1001';

it('a customer who was erased is forgotten: in the cache, in redemptions and slips; what was spent stays', async () => {
  let desk = await openDesk();
  await desk.signIn();
  await desk.call(desk.till.invoke('customers.search', { q: 'ayu' }));
  const { id } = await desk.begin();
  await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
  await desk.run(1_000);
  await desk.till.invoke('redemption.dismiss', { redemptionId: id });
  expect(desk.till.view().recent).toMatchObject([{ id, customer: { name: NAME } }]);
  expect(desk.till.view().status.cache.customers).toBe(1);

  desk.gateway.offline.wallets = [];
  desk.gateway.offline.gone = [CUSTOMER_ID];
  desk.gateway.offline.walletCursor += 1;
  desk.gateway.ping();
  await desk.run(1_000);
  expect(desk.till.view().recent).toMatchObject([
    { id, amount: 50_000, customer: { name: '—', memberNo: null, phoneMasked: null } },
  ]);
  expect(desk.till.view().status.cache.customers).toBe(0);
  desk.devices.slips.length = 0;
  await desk.call(desk.till.invoke('redemption.reprint', { redemptionId: id }));
  await desk.run(1_000);
  expect(desk.devices.slips).toHaveLength(1);
  expect(desk.devices.slips[0]).not.toContain(NAME);

  // The same page again changes nothing, and is no second entry on the chain.
  desk.gateway.offline.walletCursor += 1;
  desk.gateway.ping();
  await desk.run(1_000);
  desk = await desk.restart();
  await desk.call(desk.till.stop());
  const db = new Database(join(desk.dataDir, DATABASE_FILE), { readonly: true });
  const entries = db.prepare("SELECT body FROM audit WHERE kind = 'customer.erased'").all();
  db.close();
  expect(entries).toHaveLength(1);
  for (const file of readdirSync(desk.dataDir, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(desk.dataDir, file.name));
    for (const word of [NAME, MEMBER_NO]) expect(bytes.includes(word), `${file.name}: ${word}`).toBe(false);
  }
});
