import { expect, type Page, test } from '@playwright/test';
import { DEV_MANAGER_PIN } from './gateway/customer-states.ts';
import type { GatewayStateName } from './gateway/states.ts';
import { DEV_SITE_URL } from './tools/dev-test.ts';

async function open(page: Page, state: GatewayStateName): Promise<void> {
  const site = process.env[DEV_SITE_URL]?.replace('dev.html', 'dev-gateway.html');
  await page.goto(`${site}#state=${state}&lang=en&theme=light`);
  await page.locator('main h1').first().waitFor();
}

test('a manager writes down what the customer said, by the keyboard', async ({ page }) => {
  await open(page, 'customer_file');
  await expect(page.getByRole('heading', { name: 'Siti Rahmawati' })).toBeFocused();
  const give = page.getByRole('button', { name: 'Agrees: Notice of a top-up' });
  await give.press('Enter');
  const write = page.getByRole('button', { name: 'Write down' });
  await page.getByLabel('How the customer said it').fill('ab');
  await expect(write).toBeDisabled();
  await page.getByLabel('How the customer said it').fill('form 17');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Withdraws: Notice of a top-up' })).toBeVisible();
  const newest = page.getByRole('listitem').filter({ hasText: 'form 17' });
  await expect(newest).toContainText('Notice of a top-up: agreed');
  await expect(newest).toContainText('written down by Hendra Wijaya');
});

test('which ways codes may go is kept at once', async ({ page }) => {
  await open(page, 'customer_file');
  const email = page.getByRole('switch', { name: 'By e-mail' });
  await expect(email).not.toBeChecked();
  await email.press('Space');
  await expect(email).toBeChecked();
  await page.getByRole('switch', { name: 'By SMS' }).press('Space');
  await expect(page.getByRole('switch', { name: 'By SMS' })).not.toBeChecked();
});

test('a customer with a balance is erased on the manager’s PIN alone', async ({ page }) => {
  await open(page, 'customer_has_balance');
  await page.getByRole('button', { name: 'Erase …' }).click();
  await page.getByLabel('On whose word').fill('letter of 2026-11-20');
  await page.getByRole('button', { name: 'Erase for good' }).click();
  await expect(page.getByRole('alert')).toContainText(/deposit Rp\s?350,000, points 1,240 points/);
  const erase = page.getByRole('button', { name: 'Erase all the same' });
  await expect(erase).toBeDisabled();
  await page.getByLabel('The manager’s PIN').fill('9999');
  await erase.click();
  await expect(page.getByRole('alert')).toContainText('Wrong PIN. Tries left: 4.');
  await expect(page.getByLabel('The manager’s PIN')).toHaveValue('');
  await page.getByLabel('The manager’s PIN').fill(DEV_MANAGER_PIN);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'The customer is erased' })).toBeVisible();
  await expect(page.getByText('Siti Rahmawati')).toBeHidden();
});

test('what cannot be downloaded says why', async ({ page }) => {
  await open(page, 'customer_file');
  await page.getByRole('button', { name: 'Download (JSON)' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});
