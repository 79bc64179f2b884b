import { expect, type Page, test } from '@playwright/test';
import { DEV_TAKINGS } from './fake-shift.ts';
import { openState as open } from './tools/dev-test.ts';

const sum = (page: Page) => page.getByLabel(/^Cash in the drawer/);
const FLOAT = 500_000;

test('a cashier opens, counts and closes a shift with the keyboard alone', async ({ page }) => {
  await open(page, 'shift_open');
  await expect(sum(page)).toBeFocused();
  await page.keyboard.type('450000');
  // Another float than was left is said aloud.
  await expect(page.getByText(/The last close left .*500,000/)).toBeVisible();
  await sum(page).fill(String(FLOAT));
  await expect(page.getByText(/The last close left/)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Shift of Ayu Lestari' })).toBeVisible();

  // Before the count nothing tells what should be there, the X neither.
  await page.keyboard.press('F8');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('after the count').first()).toBeVisible();
  await expect(page.getByText('750,000')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await page.keyboard.press('Enter');
  await expect(sum(page)).toBeFocused();
  await page.keyboard.type(String(FLOAT + DEV_TAKINGS - 5_000));
  await expect(page.getByText('755,000')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByText('-Rp 5,000')).toBeVisible();
  const reason = page.getByLabel('Reason');
  await expect(reason).toBeFocused();
  // Pressed too early it leads to what is missing.
  await page.keyboard.press('Enter');
  await expect(reason).toHaveAccessibleDescription(/At least 3 letters/);
  await page.keyboard.type('wrong change');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Z 42')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Open a shift' })).toBeVisible();
});

test('a large difference waits for a supervisor; a recount is one fewer', async ({ page }) => {
  await open(page, 'shift_running');
  await page.keyboard.press('Enter');
  await page.keyboard.type('600000');
  await page.keyboard.press('Enter');
  const ask = page.getByRole('button', { name: /Ask a supervisor/ });
  await expect(ask).toBeVisible();
  await page.keyboard.press('F8');
  await page.keyboard.type('650000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /Count again \(1 left\)/ })).toBeVisible();
  await page.getByLabel('Reason').fill('not found yet');
  await ask.click();
  await expect(page.getByText('A supervisor was asked.')).toBeVisible();
  await expect(page.getByText('A supervisor let this difference pass.')).toBeVisible();
  await page.getByRole('button', { name: /Close and print Z/ }).click();
  await expect(page.getByText('Z 42')).toBeVisible();
});

test('notes and coins are counted by touch and by Enter from field to field', async ({ page }) => {
  await open(page, 'shift_open');
  await page.getByText('Notes and coins').click();
  const notes = page.getByLabel(/^How many of/);
  await expect(notes.first()).toBeFocused();
  await page.getByRole('button', { name: 'Digit 4' }).click();
  await expect(notes.first()).toHaveValue('4');
  await page.keyboard.press('Enter');
  await expect(notes.nth(1)).toBeFocused();
  await page.keyboard.type('2');
  await expect(page.getByRole('status').getByText('500,000')).toBeVisible();
});

test('one of another cashier is taken over; cash in goes through an approval', async ({ page }) => {
  await open(page, 'shift_of_another');
  await expect(page.getByRole('button', { name: /Count and close/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Take over' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Take over/ })
    .click();
  await expect(page.getByRole('heading', { name: 'Shift of Ayu Lestari' })).toBeVisible();
  await page.getByRole('button', { name: 'Cash out' }).click();
  await expect(page.getByRole('heading', { name: 'Cash out' })).toBeVisible();
});

test('a manager sees the shifts and what was missing, and switches them on', async ({ page }) => {
  await open(page, 'shifts');
  await expect(page.getByRole('row', { name: /Ayu Lestari.*Difference not approved/ })).toBeVisible();
  await page.getByText('Open', { exact: true }).click();
  await expect(page.getByRole('row', { name: /Difference not approved/ })).toHaveCount(0);
  await open(page, 'rules_shift');
  await page.getByText('Before the first cash sale').click();
  await expect(page.getByRole('button', { name: 'Cash difference' })).toBeVisible();
});
