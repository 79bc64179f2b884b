import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { E2eShop } from './shop-fixture.ts';

/** What a cashier does at the till, step by step, in the screen's default language: Indonesian. */
const locale: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'resources', 'locales', 'id.json'), 'utf8'),
);

/** The screen's words by their key in the locale; `values` fill in its {{places}}. */
export function word(path: string, values: Record<string, string | number> = {}): string {
  const found = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], locale);
  if (typeof found !== 'string') throw new Error(`no word ${path}`);
  return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
}

export const screen = (page: Page, name: string) => page.locator(`main[data-screen="${name}"]`);

export async function pair(page: Page, shop: E2eShop): Promise<void> {
  await page.getByLabel(word('firstRun.address')).fill(shop.gatewayUrl);
  await page.getByLabel(word('firstRun.code')).fill(shop.pairingCode.toLowerCase());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: /Dewi Lestari/ })).toBeVisible();
}

export async function signIn(page: Page, { name, pin }: { name: string; pin: string }): Promise<void> {
  const tile = page.getByRole('radio', { name: new RegExp(name) });
  await tile.click();
  await page.keyboard.type(pin);
  await page.keyboard.press('Enter');
  await expect(tile).toBeHidden();
}

export async function ledgerSum(shop: E2eShop): Promise<number> {
  const [row] = await shop.query<{ sum: string }>('select coalesce(sum(balance), 0) as sum from accounts');
  return Number(row?.sum);
}

/** The button rests for a moment after the result has come, so that a key meant for the code does not take it away. */
export async function nextCustomer(page: Page): Promise<void> {
  const next = word('result.next');
  await expect(async () => {
    await page.getByRole('button', { name: next }).click({ timeout: 3_000 });
    await expect(page.getByRole('combobox')).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await page.getByRole('combobox').fill('');
}
