import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { VirtualGsmModem } from '../sim/gsm/modem.ts';
import { connectPty, type PtyCable } from '../sim/mpop/pty.ts';
import { test } from './shop-fixture.ts';
import { ledgerSum, pair, screen, signIn, word } from './till-steps.ts';

const AMOUNT = 40_000;

test.use({ shopName: 'a code by SMS' });

let modem: VirtualGsmModem;
let cable: PtyCable;
let folder: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saksi-modem-'));
  modem = new VirtualGsmModem();
  cable = await connectPty(modem);
});
test.afterAll(async () => {
  await cable.close();
  rmSync(folder, { recursive: true, force: true });
});

test('WhatsApp does not know the number: the modem carries the code, and the redemption is captured', async ({
  shop,
  till: { page },
}) => {
  const file = join(folder, 'sms.json');
  writeFileSync(file, JSON.stringify({ via: 'modem', path: cable.path }));
  await shop.admin('channels', 'set', '--kind', 'sms', '--file', file);
  const channels = { fallback: { enabled: true, order: ['sms'], afterSeconds: 45 } };
  await shop.setPolicy({ ...DEFAULT_POLICY, channels });
  const [dewi] = shop.demo.staff;
  const [ayu] = shop.demo.customers;
  if (dewi === undefined || ayu === undefined) throw new Error('no demo');
  await shop.phones(`phones/${ayu.phone.slice(1)}`, 'PATCH', { onWhatsApp: false });

  await pair(page, shop);
  await signIn(page, dewi);
  await page.getByRole('combobox').fill(ayu.memberNo);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: /Rp/ })).toBeFocused();
  await page.keyboard.type(String(AMOUNT));
  await page.keyboard.press('Enter');
  await expect(screen(page, 'code')).toBeVisible();

  const panel = page.getByRole('region', { name: word('channels.title.sms') });
  await expect(panel).toContainText(word('channels.instead.sms'));
  await expect(panel).toContainText(word('delivery.state.delivered'));
  expect(modem.texts).toHaveLength(1);
  expect(modem.texts[0]?.to).toBe(ayu.phone);
  const code = /\b\d{6}\b/.exec(modem.texts[0]?.text ?? '')?.[0] ?? '';
  expect(await page.content()).not.toContain(code);

  await page.keyboard.type(code);
  await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
  await expect(page.getByText(word('result.settlement.confirmed'))).toBeVisible();
  expect(await shop.balance(ayu.id, 'deposit')).toEqual({ available: ayu.deposit - AMOUNT, reserved: 0 });
  expect(await ledgerSum(shop)).toBe(0);
  expect(modem.faults).toEqual([]);
});
