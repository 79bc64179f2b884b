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

test('a finding goes into a new case, which is noted in, saved and closed', async ({ page }) => {
  await open(page, 'signals');
  await page.getByRole('button', { name: 'Put into a case…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Put the finding into a case' });
  await expect(dialog.getByLabel('Title')).toHaveValue('Voids: Ayu Lestari');
  await dialog.getByRole('button', { name: 'Put it in' }).click();
  const detail = page.getByRole('region', { name: 'The chosen case' });
  await expect(detail).toContainText('Case 14: Voids: Ayu Lestari');
  await expect(page.getByRole('listitem').getByRole('button', { name: /^Case / })).toHaveCount(4);
  await detail.getByLabel('Assigned to').selectOption({ label: 'Hendra' });
  await expect(detail).toContainText('Assigned to: Hendra');
  await detail.getByLabel('Note').fill('Asked at nine.');
  await page.keyboard.press('Enter');
  await expect(detail).toContainText('Asked at nine.');
  const saved: string[] = [];
  page.on('download', (file) => saved.push(file.suggestedFilename()));
  await detail.getByRole('button', { name: 'Save the evidence' }).click();
  await expect.poll(() => saved.sort()).toEqual(['saksi-case-14.jsonl', 'saksi-case-14.pdf']);
  await detail.getByRole('button', { name: 'Close…' }).click();
  await page.getByRole('dialog').getByText('Fraud', { exact: true }).click();
  await page.getByRole('button', { name: 'Close the case' }).click();
  await expect(detail).toContainText('Closed: Fraud');
  await expect(detail.getByRole('button', { name: 'Open again' })).toBeVisible();
});

test('alerts lead a manager to the day, from a figure to its events, and are acknowledged', async ({
  page,
}) => {
  await open(page, 'alerts_waiting');
  const notice = page.getByRole('alert').filter({ hasText: 'Findings that nobody has looked at: 2' });
  await notice.getByRole('button', { name: 'Look at them' }).click();
  await expect(notice).toHaveCount(0);
  const voids = page.getByRole('row', { name: /Voids/ });
  await expect(voids).toContainText('5');
  await expect(voids).toContainText('Rp 340,000');
  await page.getByRole('button', { name: 'Show: Voids' }).click();
  const behind = page.getByRole('region', { name: 'Voids, what is behind it' });
  await expect(behind.getByRole('listitem')).toHaveCount(5);
  await page.getByRole('button', { name: 'Show: Unexplained openings' }).click();
  await expect(page.getByText('Nothing on that day.')).toBeVisible();
  await page.getByRole('button', { name: 'Noted', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Noted', exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Day before' }).click();
  await expect(page.getByRole('button', { name: 'Day after' })).toBeEnabled();
  await page.keyboard.press('F2');
  await expect(page.locator('main[data-screen="redeem"]')).toBeVisible();
  await expect(notice).toHaveCount(0);
});
