import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { openState as open } from './tools/dev-test.ts';

test('from the settings to a message, by keyboard, and back', async ({ page }) => {
  await open(page, 'settings_manager');
  await page.getByRole('button', { name: 'Messages', exact: true }).click();
  const rows = page.getByRole('listitem').getByRole('button');
  await expect(rows).toHaveCount(20);
  await rows.nth(1).focus();
  await page.keyboard.press('Enter');
  const detail = page.getByRole('region', { name: 'The chosen message' });
  await expect(detail).toContainText('This number does not seem to be on WhatsApp');
  await expect(detail).toContainText('Failed (131026)');
  await expect(detail).toContainText('CostGiven back');
  await expect(rows.nth(0)).toContainText('Rp 367');
  await expect(rows.nth(2)).toContainText('Free');
  await page.getByRole('button', { name: 'Older messages' }).click();
  await expect(rows).toHaveCount(29);
  await expect(page.getByRole('button', { name: 'Older messages' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.locator('main[data-screen="settings"]')).toBeVisible();
});

test('narrowed by kind, state and customer; what is shown is what is saved', async ({ page }) => {
  await open(page, 'messages');
  await page.getByLabel('Kind of message').selectOption('code');
  await page.getByLabel('State', { exact: true }).selectOption('failed');
  const rows = page.getByRole('listitem').getByRole('button');
  await expect(rows).toHaveCount(1);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^saksi-messages-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(',failed,not_on_whatsapp,Raden Ayu Kusumaningtyas Wirjodiningrat,');
  expect(lines[1]).toContain(',0,IDR,returned,');

  const paper = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as PDF' }).click();
  const saved = await paper;
  expect(saved.suggestedFilename()).toMatch(/^saksi-messages-\d{4}-\d\d-\d\d\.pdf$/);
  expect(await readFile(await saved.path(), 'latin1')).toBe('%PDF-1.7');

  await page.getByLabel('State', { exact: true }).selectOption('');
  await page.getByLabel('Kind of message').selectOption('');
  await page.getByRole('searchbox').fill('siti');
  await expect(rows).toHaveCount(1);
  await page.getByRole('searchbox').fill('nobody of that name');
  await expect(page.getByText('No message fits')).toBeVisible();
});
