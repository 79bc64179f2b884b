import { expect, type Page, test } from '@playwright/test';
import { DEV_CODE } from './fake-bridge.ts';
import { openState as open } from './tools/dev-test.ts';

const panel = (page: Page) => page.getByRole('dialog');
const typed = (page: Page) => page.getByRole('textbox', { name: /^Digit \d of/ });
/** The guard against an Enter that was meant for something else. */
const passGuard = (page: Page) => page.waitForTimeout(750);

test('asking for a void with the keyboard alone, then serving on, then the answer', async ({ page }) => {
  await open(page, 'redeem');
  await page.keyboard.press('F7');
  await expect(page.getByRole('button', { name: 'Void' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Refund' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');

  await expect(page.getByLabel('Amount in Rp')).toBeFocused();
  // Enter before anything is filled in: the first thing that is wrong, in words, with the focus.
  await page.keyboard.press('Enter');
  await expect(page.getByText('Type the amount')).toBeVisible();
  await expect(page.getByText('Choose a reason')).toBeVisible();
  await page.keyboard.type('350000');
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('350,000');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(page.getByRole('radio', { name: 'Wrong item' })).toBeChecked();
  await page.keyboard.press('Enter');

  await expect(panel(page).getByText('Waiting for an answer').first()).toBeVisible();
  await expect(panel(page).getByText('Dewi Anggraini Kusumawardhani')).toBeVisible();
  await expect(panel(page).getByText('0 of 1 said yes')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(page.getByRole('combobox')).toBeFocused();

  // The decision comes while the next customer is being looked for: nothing that is typed is lost.
  await page.keyboard.type('siti');
  await expect(page.getByText('Void Rp 350,000: Approved by Dewi Anggraini Kusumawardhani')).toBeVisible();
  await expect(page.getByRole('combobox')).toBeFocused();
  await expect(page.getByRole('combobox')).toHaveValue('siti');
  await expect(page.getByRole('button', { name: /Approvals.*1 answered/ })).toBeVisible();

  await page.keyboard.press('F7');
  await expect(panel(page).locator('[data-step="drawer"]')).toContainText('Open');
  await expect(panel(page).locator('[data-step="slip"]')).toContainText('Printed');
  await page.keyboard.press('F8');
  await expect(panel(page).getByText('Printing…').first()).toBeVisible();
  await passGuard(page);
  await expect(panel(page).getByRole('button', { name: 'Done, put it away' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeHidden();
  await expect(page.getByRole('combobox')).toHaveValue('siti');
});

test('a discount by touch alone: half percents, own words', async ({ page }) => {
  await open(page, 'redeem');
  await page.getByRole('button', { name: /Approvals/ }).click();
  await page.getByRole('button', { name: 'Discount' }).click();
  const percent = page.getByRole('textbox', { name: 'Percentage' });
  await expect(percent).toBeFocused();
  for (const digit of ['1', '2'])
    await panel(page)
      .getByRole('button', { name: `Digit ${digit}` })
      .click();
  await page.getByRole('button', { name: 'Half a percent more' }).click();
  await expect(percent).toHaveValue('12.5');
  await page.getByText('In other words…').click();
  await page.getByRole('textbox', { name: 'The reason in your words' }).fill('Neighbour');
  await page.getByRole('textbox', { name: 'Note for the supervisor' }).fill('reject');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await expect(panel(page).getByText('Neighbour — reject')).toBeVisible();
  await expect(panel(page).getByText('12.5%').first()).toBeVisible();
  await expect(
    panel(page).getByText('Rejected by Dewi Anggraini Kusumawardhani: “Barang masih utuh”'),
  ).toBeVisible();
});

test('quarter percents are refused in words', async ({ page }) => {
  await open(page, 'ask_discount');
  await page.getByRole('textbox', { name: 'Percentage' }).fill('12.3');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Percentage' })).toHaveAccessibleDescription(
    'Whole and half percents only',
  );
  await expect(page.getByRole('textbox', { name: 'Percentage' })).toBeFocused();
});

test('what was prepared stays when the panel closes', async ({ page }) => {
  await open(page, 'ask_void');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.keyboard.press('F7');
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('350,000');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Void' })).toBeFocused();
});

test('a decision does not take the focus from a code, and F7 and back keep its digits', async ({ page }) => {
  await open(page, 'notice_at_code');
  await expect(page.getByText(/Void Rp\s350,000: Rejected by Dewi/)).toBeVisible();
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.type('123');
  await page.keyboard.press('F7');
  await expect(panel(page)).toBeVisible();
  await expect(page.getByText(/Void Rp\s350,000: Rejected by Dewi/)).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(typed(page).nth(2)).toHaveValue('3');
  await expect(page.locator('main[data-screen="code"]')).toBeVisible();
});

test('the panel opened while the devices are at work: when they are done, Enter puts it away', async ({
  page,
}) => {
  // Time stands still but for `runFor`: on a slow machine the devices would be done too soon.
  const start = new Date('2026-11-24T06:40:00Z');
  await page.clock.install({ time: start });
  await page.clock.pauseAt(start.getTime() + 1_000);
  await open(page, 'approval_code');
  await page.clock.runFor(50);
  await page.keyboard.type(DEV_CODE);
  await page.clock.runFor(100);
  await expect(panel(page).locator('[data-step="slip"]')).toContainText('Printing');
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await page.keyboard.press('F7');
  const rows = panel(page).getByRole('list', { name: 'Requests of this till' }).getByRole('button');
  await expect(rows.first()).toBeVisible();
  await page.clock.runFor(50);
  await expect(rows.first()).toBeFocused();
  await page.clock.runFor(5_000);
  await expect(panel(page).getByRole('button', { name: 'Done, put it away' })).toBeFocused();
});

test('arrows go through the requests; a long list keeps one stop for Tab', async ({ page }) => {
  await open(page, 'approvals_many');
  const rows = panel(page).getByRole('list', { name: 'Requests of this till' }).getByRole('button');
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1)).toHaveAttribute('aria-current', 'true');
  await expect(rows.nth(1)).toBeFocused();
  await expect(panel(page).getByText('Approved by Dewi Anggraini Kusumawardhani')).toBeVisible();
});

test('cancelling asks first; Esc there goes on waiting and leaves the panel open', async ({ page }) => {
  await open(page, 'approval_pending');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: 'No, keep waiting' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Cancel the request' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'No, keep waiting' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(panel(page).getByText('Request cancelled')).toBeVisible();
});

test('the code that a supervisor says: wrong, then right', async ({ page }) => {
  await open(page, 'approval_code');
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.type('111111');
  await expect(page.getByRole('alert')).toContainText('Wrong approval code. Tries left: 4');
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.type(DEV_CODE);
  await expect(panel(page).getByText('Approved by Dewi Anggraini Kusumawardhani')).toBeVisible();
});

test('both countdowns go down', async ({ page }) => {
  await page.clock.install();
  await open(page, 'approval_pending');
  // From 1:47 and 9:47; some seconds may pass on a slow machine.
  await expect(panel(page).getByText(/^1:[34]\d$/)).toBeVisible();
  await page.clock.runFor(60_000);
  await expect(panel(page).getByText(/^0:[34]\d$/)).toBeVisible();
  await expect(
    panel(page)
      .getByText(/^8:[34]\d$/)
      .first(),
  ).toBeVisible();
});

test('offline: said, nothing is sent', async ({ page }) => {
  await open(page, 'ask_offline');
  await expect(panel(page).getByText('No connection to the server.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send the request' })).toBeDisabled();
});

test('with nobody signed in a request of the terminal can be followed, and none be made', async ({
  page,
}) => {
  await open(page, 'approvals_nobody');
  await expect(panel(page).getByText('Waiting for an answer').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'New request' })).toBeHidden();
});
