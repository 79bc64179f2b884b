import { expect, test } from '@playwright/test';
import { openState as open } from './tools/dev-test.ts';

test('a finding is read by keyboard, with the events behind it, and dismissed with a reason', async ({
  page,
}) => {
  await open(page, 'settings_manager');
  await page.getByRole('button', { name: 'Fraud signals' }).click();
  const rows = page.getByRole('listitem').getByRole('button');
  await expect(rows).toHaveCount(3);
  const detail = page.getByRole('region', { name: 'The chosen finding' });
  await expect(detail).toContainText('19 voids in 612 sales; cashiers like them would have 4.3.');
  await rows.nth(1).focus();
  await page.keyboard.press('Enter');
  await expect(detail).toContainText('decisions came faster than anyone can read');
  await detail.getByRole('button', { name: 'Events behind it: 19' }).click();
  await expect(detail.getByRole('list', { name: 'Events behind it' }).getByRole('listitem')).toHaveCount(19);
  await expect(detail).toContainText('Decided by: Dewi Anggraini Kusumawardhani');

  await detail.getByRole('button', { name: 'Dismiss…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Dismiss this finding?' });
  const yes = dialog.getByRole('button', { name: 'Dismiss', exact: true });
  await expect(dialog.getByRole('textbox', { name: 'Why it is harmless' })).toBeFocused();
  await page.keyboard.type('ab');
  await expect(yes).toBeDisabled();
  await page.keyboard.type('sence of the chief');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(detail).toContainText('Dismissed: Hendra');
  await expect(detail).toContainText('absence of the chief');
  await expect(rows.nth(1)).toContainText('Dismissed');
  await page.getByLabel('State', { exact: true }).selectOption('dismissed');
  await expect(rows).toHaveCount(2);
  await page.getByLabel('State', { exact: true }).selectOption('');
  await page.getByLabel('Signal', { exact: true }).selectOption({ label: 'Voids (1 of 1 new)' });
  await expect(rows).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.locator('main[data-screen="settings"]')).toBeVisible();
});

test('asks for the PIN where the gateway does', async ({ page }) => {
  await open(page, 'signals_locked');
  await expect(page.getByLabel('PIN of Hendra')).toBeFocused();
  await page.keyboard.type('1234');
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeEnabled();
});
