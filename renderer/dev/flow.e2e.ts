import { expect, type Locator, type Page, test } from '@playwright/test';
import { DEV_CODE, DEV_PIN } from './fake-bridge.ts';
import { openState as open } from './tools/dev-test.ts';

const screen = (page: Page, name: string) => page.locator(`main[data-screen="${name}"]`);
const typed = (page: Page) => page.getByRole('textbox', { name: /^Digit \d of/ });
const valuesOf = (fields: Locator) =>
  fields.evaluateAll((all) => all.map((field) => (field as HTMLInputElement).value).join(''));

test('a whole redemption with the keyboard alone', async ({ page }) => {
  await open(page, 'sign_in');
  await expect(page.getByRole('radio', { name: /Ayu/ })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('PIN of Budi Santoso')).toBeFocused();
  await page.keyboard.type('9999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Tries left: 4');
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('siti');
  await expect(page.getByRole('option').first()).toContainText('Siti Rahmawati');
  // From the customer to the code: choose, type, send.
  await page.keyboard.press('Enter');
  await page.keyboard.type('350000');
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('350,000');
  await expect(page.getByText('Left afterwards: Rp 900,000')).toBeVisible();
  await page.keyboard.press('Enter');

  await expect(screen(page, 'code')).toBeVisible();
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.type('111111');
  await expect(page.getByRole('alert')).toContainText('Tries left: 4');
  await expect(typed(page).first()).toBeFocused();
  expect(await valuesOf(typed(page))).toBe('');
  await expect(page.getByText('The customer has opened the message')).toBeVisible();
  await page.keyboard.type(DEV_CODE);

  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
  await expect(page.getByText('Booked at the server')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Next customer' })).toBeFocused();
  await page.waitForTimeout(750);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox')).toBeFocused();
  await expect(page.getByRole('combobox')).toHaveValue('');
});

test('the code on the phone follows the PIN, by keyboard alone', async ({ page }) => {
  await open(page, 'sign_in_asks_code');
  await page.getByRole('radio', { name: /Dewi/ }).click();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /Type the code on your WhatsApp/ })).toBeVisible();
  await expect(page.getByText('Sent to +62•••••••3333')).toBeVisible();
  await page.keyboard.type('999999');
  await expect(page.getByRole('alert').filter({ hasText: 'Wrong code' })).toBeVisible();
  await expect(page.getByText('Tries left: 4', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(screen(page, 'sign_in').getByLabel(/PIN of/)).toBeVisible();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  await page.getByRole('switch', { name: 'Remember this till for 30 days' }).press('Space');
  await page.getByLabel('Digit 1 of 6').focus();
  await page.keyboard.type(DEV_CODE);
  await expect(screen(page, 'redeem')).toBeVisible();
});

test('a whole redemption by touch alone, with the drawer', async ({ page }) => {
  const tap = (digits: string) =>
    [...digits].reduce(
      (before, digit) => before.then(() => page.getByRole('button', { name: `Digit ${digit}` }).click()),
      Promise.resolve(),
    );
  await open(page, 'sign_in');
  await page.getByRole('radio', { name: /Ayu/ }).click();
  await tap(DEV_PIN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await tap('7890');
  await page.getByRole('option', { name: /Siti/ }).click();
  await page.getByRole('button', { name: '25 %' }).click();
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('312,500');
  // A digit after a part of the balance begins a new amount.
  await tap('50000');
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('50,000');
  await page.getByRole('switch', { name: 'Money goes back' }).click();
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(typed(page).first()).toBeVisible();
  await tap(DEV_CODE);
  await expect(page.locator('[data-step="drawer"]')).toContainText('Open');
  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
});

test('a scanner: its number and Enter, faster than the search rests', async ({ page }) => {
  await open(page, 'redeem');
  await page.getByRole('combobox').fill('M-1177');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /Sitti Nurhaliza/ })).toBeVisible();
});

test('arrow keys choose among the customers', async ({ page }) => {
  await open(page, 'redeem_results');
  await expect(page.getByRole('option')).toHaveCount(4);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { selected: true })).toContainText('Sitompul');
  await page.keyboard.press('Enter');
  // Only points are there to spend, so points are what it begins with.
  await expect(page.getByLabel('Amount in points')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toBeFocused();
});

test('only whole amounts within the balance can be sent', async ({ page }) => {
  await open(page, 'amount_empty');
  const amount = page.getByLabel('Amount in Rp');
  const send = page.getByRole('button', { name: 'Send code' });
  await expect(send).toBeDisabled();
  await amount.pressSequentially('12.5');
  await expect(amount).toHaveValue('125');
  await amount.press('.');
  await expect(page.getByText('Whole amounts only')).toBeVisible();
  await amount.pressSequentially('0000000');
  await expect(page.getByText('More than the balance of Rp 1,250,000')).toBeVisible();
  await expect(send).toBeDisabled();
  await page.keyboard.press('Enter');
  await expect(screen(page, 'redeem')).toBeVisible();
  await page.keyboard.press('F6');
  await expect(page.getByLabel('Amount in points')).toHaveValue('');
});

test('a pasted code submits itself', async ({ page }) => {
  await open(page, 'code_delivered');
  await typed(page)
    .first()
    .evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, '123 456');
  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
});

test('the code is one-time-code for the browser, digit by digit for a reader', async ({ page }) => {
  await open(page, 'code_delivered');
  await expect(typed(page)).toHaveCount(6);
  await expect(typed(page).first()).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(page.getByRole('group', { name: 'Code, 6 digits' })).toBeVisible();
});

test('Esc asks before it cancels; Esc again goes on; yes cancels', async ({ page }) => {
  await open(page, 'code_delivered');
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toContainText('Rp 350,000 goes back');
  await expect(page.getByRole('button', { name: 'No, go on' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'No, go on' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Yes, cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
});

test('sending again waits for its countdown, then F8 sends', async ({ page }) => {
  await open(page, 'code_accepted');
  await expect(page.getByRole('button', { name: /Send again · 0:5\d/ })).toBeDisabled();
  await expect(page.getByText('not delivered yet')).toBeVisible();
  await open(page, 'code_failed');
  await expect(page.getByRole('alert')).toContainText('could not be delivered');
  await page.keyboard.press('F8');
  await expect(page.getByText('Sends left: 1')).toBeVisible();
});

test('the countdown goes down', async ({ page }) => {
  await page.clock.install();
  await open(page, 'code_delivered');
  // It runs on while a slow machine draws: what it shows is read, not foretold.
  const left = async () => {
    const [minutes, seconds] = ((await page.getByText(/^\d:\d\d$/).textContent()) ?? '').split(':');
    return Number(minutes) * 60 + Number(seconds);
  };
  const before = await left();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(4 * 60 + 47);
  await page.clock.runFor(10_000);
  await expect.poll(left).toBeLessThanOrEqual(before - 10);
});

test('the fifth wrong code ends it; try again brings back what was typed', async ({ page }) => {
  await open(page, 'code_wrong');
  await expect(typed(page).first()).toBeFocused();
  await page.keyboard.type('000000');
  await expect(page.getByRole('heading', { name: 'Not redeemed' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('Too many wrong codes');
  await page.waitForTimeout(750);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('350,000');
});

test('an Enter meant for the code does not sweep the result away', async ({ page }) => {
  await open(page, 'code_delivered');
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.keyboard.type(DEV_CODE);
  await page.clock.runFor(1_000);
  await expect(page.getByRole('button', { name: 'Next customer' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.clock.runFor(500);
  await expect(page.getByRole('button', { name: 'Next customer' })).toBeVisible();
  await page.clock.runFor(500);
  await page.keyboard.press('Enter');
  await page.clock.runFor(500);
  await expect(screen(page, 'redeem')).toBeVisible();
});

test('printer trouble: what to do, and F8 prints', async ({ page }) => {
  await open(page, 'done_printer_trouble');
  await expect(page.getByRole('alert')).toContainText('out of paper');
  await page.keyboard.press('F8');
  await expect(page.locator('[data-step="slip"]')).toContainText('Printed');
});

test('pages and signing out by key; no way out of an open redemption', async ({ page }) => {
  await open(page, 'recent');
  await page.keyboard.press('F4');
  await expect(screen(page, 'settings')).toBeVisible();
  await page.keyboard.press('F3');
  await expect(screen(page, 'recent')).toBeVisible();
  await page.keyboard.press('F2');
  await expect(screen(page, 'redeem')).toBeVisible();
  await page.keyboard.press('F9');
  await expect(screen(page, 'sign_in')).toBeVisible();
  await open(page, 'code_delivered');
  for (const key of ['F2', 'F3', 'F4', 'F9']) await page.keyboard.press(key);
  await expect(screen(page, 'code')).toBeVisible();
});

test('the language and the look change at once', async ({ page }) => {
  await open(page, 'settings');
  await page.getByRole('radio', { name: 'Bahasa Indonesia' }).click();
  await expect(page.getByRole('heading', { name: 'Pengaturan' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'id');
  await page.getByRole('radio', { name: 'Gelap' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('the status bar says more on a tap, and Esc there does not touch the screen', async ({ page }) => {
  await open(page, 'devices_trouble');
  await page.getByRole('combobox').fill('sit');
  const printer = page.getByRole('button', { name: /Printer/ });
  await printer.press('Enter');
  await expect(page.getByText('Close the cover of the printer.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Close the cover of the printer.')).toBeHidden();
  await expect(page.getByRole('combobox')).toHaveValue('sit');
});

test('with the host lost nothing behind can be reached', async ({ page }) => {
  await open(page, 'host_lost');
  await expect(page.getByRole('alertdialog')).toContainText('Saksi is not answering');
  for (const key of ['Tab', 'Tab', 'Tab', 's', 'F4']) await page.keyboard.press(key);
  await expect(page.locator('[role="combobox"]')).toHaveValue('');
  await expect(screen(page, 'redeem')).toBeAttached();
});

test('pairing: what is wrong is said at the field; a right code pairs', async ({ page }) => {
  await open(page, 'first_run');
  await expect(page.getByLabel('Server address')).toBeFocused();
  await page.keyboard.type('saksi.example.id');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This is not a web address')).toBeVisible();
  await expect(page.getByText('this one does not')).toBeVisible();
  await page.getByLabel('Server address').fill('https://saksi.example.id');
  await page.getByLabel('Pairing code').fill('abcde fghjk 01234 56789');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Pairing code')).toHaveValue('ABCDE-FGHJK-01234-56789');
  await page.getByRole('button', { name: 'Pair' }).click();
  await expect(screen(page, 'sign_in').or(screen(page, 'redeem'))).toBeVisible();
});

test('a copy of which the reason is asked, by keyboard: F8, an arrow, Enter', async ({ page }) => {
  await open(page, 'done_slip_cut_off');
  await page.keyboard.press('F8');
  const reasons = page.getByRole('menuitem');
  await expect(reasons.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-step="slip"]')).toContainText('Printed');
  // Enter chose the reason, and did not take the redemption off the screen.
  await expect(page.getByRole('button', { name: 'Next customer' })).toBeVisible();
});
