import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { tillFolder } from '../../electron/host/config.ts';
import { DATABASE_FILE, openStore } from '../../electron/store/store.ts';
import { systemEffects } from '../../shared/effects.ts';
import { test } from './shop-fixture.ts';
import { pair, signIn, word } from './till-steps.ts';

/** A drawer that somebody opens with the key. */
test.use({ shopName: 'a drawer and a key' });

test('the notice stays until a manager acknowledges it, and the manager hears of it by phone', async ({
  shop,
  till: { page },
}) => {
  await pair(page, shop);
  const staff = shop.demo.staff;
  const cashier = staff.find(({ role }) => role === 'cashier');
  const manager = staff.find(({ role }) => role === 'manager');
  if (cashier === undefined || manager?.phone == null) throw new Error('no cashier or manager');
  await signIn(page, cashier);
  await expect(page.locator('[data-status="drawer"]')).toContainText(word('statusBar.drawer.closed'));
  await shop.printerDo('open-drawer');
  const notice = page.getByRole('alert').filter({ hasText: /Laci terbuka tanpa izin/ });
  await expect(notice).toContainText(cashier.name);
  await expect(notice).toContainText(word('drawerWatch.standsOpen'));
  const { phone } = manager;
  await expect
    .poll(async () => (await shop.messagesTo(phone)).map(({ rendered }) => rendered.body).join('\n'))
    .toMatch(/Laci kas terbuka tanpa izin/);
  await shop.printerDo('close-drawer');
  await expect(notice).toContainText(/Terbuka selama \d+ dtk/);
  await notice.getByRole('button', { name: word('drawerWatch.acknowledge') }).click();
  const dialog = page.getByRole('dialog', { name: word('drawerWatch.title') });
  await expect(dialog.getByRole('textbox', { name: word('drawerWatch.reason') })).toBeFocused();
  await page.keyboard.type('Dibuka dengan kunci');
  await dialog.locator('#drawer-pin').fill(manager.pin);
  await dialog.getByRole('button', { name: word('drawerWatch.acknowledge') }).click();
  await expect(notice).toHaveCount(0);
  expect(drawerEvents(tillFolder(shop.ready.tillOptions.dataDir))).toEqual([
    'drawer.unexplained_opening',
    'drawer.closed',
    'drawer.acknowledged',
  ]);
});

/** Of the till's chain, from a copy of its disk: the till itself keeps the file locked. */
function drawerEvents(dataDir: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'saksi-chain-'));
  try {
    for (const name of [DATABASE_FILE, `${DATABASE_FILE}-wal`]) {
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(folder, name));
    }
    const store = openStore(folder, systemEffects);
    expect(store.audit.verifyChain().ok).toBe(true);
    const kinds = store.audit.entries().map(({ kind }) => kind);
    store.close();
    return kinds.filter((kind) => kind.startsWith('drawer.'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
