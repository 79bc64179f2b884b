import { expect, type Page, test } from '@playwright/test';
import { DEV_PIN } from './fake-bridge.ts';
import { DEV_SEALED } from './offline-fixtures.ts';
import { misfits, SMALLEST } from './tools/checks.ts';
import { axe, openState as open } from './tools/dev-test.ts';
import { secondAgrees } from './tools/second-agrees.ts';

const screen = (page: Page, name: string) => page.locator(`main[data-screen="${name}"]`);
const code = (page: Page) => page.locator('#sealed-code');
const list = (page: Page) => page.getByRole('listbox', { name: 'What needs attention or waits' });

test('a redemption without a line with the keyboard alone: two keys and a code more than with one', async ({
  page,
}) => {
  await open(page, 'redeem_offline');
  await expect(page.getByRole('option').first()).toContainText('2 hours ago');
  await page.keyboard.press('Enter');
  await page.keyboard.type('150000');
  await expect(page.getByText('No connection: a supervisor')).toBeVisible();
  await page.keyboard.press('Enter');

  await expect(screen(page, 'sealed')).toBeVisible();
  await expect(page.getByRole('radio', { name: /Dewi/ })).toBeFocused();
  await expect(page.getByText('Balance known here: Rp 1,250,000 (2 hours ago)')).toBeVisible();
  await page.keyboard.press('1');
  await expect(code(page)).toBeFocused();
  await page.keyboard.type('0000 0000');
  await expect(page.getByRole('alert').last()).toContainText('Tries left: 4');
  await expect(code(page)).toBeFocused();
  await expect(code(page)).toHaveValue('');
  // Small letters, and what is no letter of a code is said while it is typed.
  await page.keyboard.type('k7qmu');
  await expect(page.getByText('There is no “U” in these codes')).toBeVisible();
  await expect(code(page)).toHaveValue('K7QM');
  await page.keyboard.type('-3xw9');

  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
  await expect(page.getByText('Without a connection.')).toBeVisible();
  await expect(page.locator('[data-step="slip"]')).toContainText('Marked “offline”');
  await expect(page.locator('[data-step="settlement"]')).toContainText('Saved here, waiting for the server');
});

test('a sealed code by touch alone, and the last try locks', async ({ page }) => {
  await open(page, 'sealed');
  const key = (letter: string) => page.getByRole('button', { name: letter, exact: true });
  await page.getByRole('radio', { name: /Hendra/ }).click();
  for (let tries = 0; tries < 5; tries += 1) {
    for (const letter of 'ZZZZZZZZ') await key(letter).click();
    await expect(code(page)).toHaveValue('');
  }
  await expect(page.getByText(/Locked after wrong codes. You can try again in/)).toBeVisible();
  await expect(code(page)).toBeDisabled();

  await open(page, 'sealed');
  // The code first, then who said it.
  for (const letter of DEV_SEALED) await key(letter).click();
  await page.getByRole('radio', { name: /Hendra/ }).click();
  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
});

test('a code is pasted with what stands around it; something else is refused in words', async ({ page }) => {
  await open(page, 'sealed_one');
  await expect(code(page)).toBeFocused();
  const paste = (text: string) =>
    code(page).evaluate((field, data) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', data);
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  await paste('hello');
  await expect(page.getByText('What was pasted is no offline code')).toBeVisible();
  await paste('Kode luring: k7qm-3xw9');
  await expect(page.getByRole('heading', { name: 'Redemption done' })).toBeVisible();
});

test('nobody uses a code of their own, and one with no codes left cannot be chosen', async ({ page }) => {
  await open(page, 'sealed_supervisor');
  await expect(page.getByRole('radio', { name: /Dewi.*Not your own code/ })).toBeDisabled();
  await expect(page.getByRole('radio', { name: /Rina/ })).toBeDisabled();
});

test('the line is back while a sealed code is asked for: the customer can be asked, with the amount kept', async ({
  page,
}) => {
  await open(page, 'sealed_line_back');
  await page.getByRole('button', { name: 'Ask the customer instead' }).click();
  await expect(page.getByLabel('Amount in Rp')).toHaveValue('150,000');
  await page.keyboard.press('Enter');
  await expect(screen(page, 'code')).toBeVisible();
});

test('what was refused: tried again, another customer named, handed over', async ({ page }) => {
  await open(page, 'attention');
  await expect(list(page).getByRole('option')).toHaveCount(5);
  await expect(list(page).getByRole('option').first()).toBeFocused();
  await page.getByRole('button', { name: 'Name another customer' }).click();
  await expect(page.getByLabel('Phone, member number or name')).toBeFocused();
  await page.keyboard.type('sita');
  await page.getByRole('option', { name: /Sita Dewi/ }).waitFor();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Name Sita Dewi' })).toBeEnabled();
  await page.keyboard.press('Enter');
  await expect(page.getByText('The other customer is named')).toBeVisible();
  await expect(list(page).getByRole('option')).toHaveCount(4);

  // By keyboard alone: who, what is to be done, the PIN; Enter goes on to what is missing.
  await page.getByRole('button', { name: 'Hand over to a manager' }).first().click();
  await expect(page.getByLabel('Choose the manager first')).toBeDisabled();
  await expect(page.getByRole('radio', { name: 'Hendra' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /Rina/ })).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('What is to be done with it')).toBeFocused();
  await page.keyboard.type('Telepon pelanggan');
  await page.keyboard.press('Enter');
  const pin = page.getByLabel('PIN of Rina');
  await expect(pin).toBeFocused();
  await page.keyboard.type('9999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').last()).toContainText('Tries left: 4');
  await expect(pin).toHaveValue('');
  await expect(pin).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  await expect(page.getByText('A manager has taken it on.')).toBeVisible();
  await expect(list(page).getByRole('option')).toHaveCount(3);
});

test('wrong PINs lock out the manager they were tried for, and nobody else; touch alone', async ({
  page,
}) => {
  await open(page, 'attention');
  await page.getByRole('button', { name: 'Hand over to a manager' }).first().click();
  await page.getByLabel('What is to be done with it').fill('Telepon pelanggan');
  await page.getByText('Hendra', { exact: true }).click();
  const pin = page.getByLabel(/^PIN of/);
  const key = (digit: string) => page.getByRole('button', { name: `Digit ${digit}`, exact: true });
  const send = page.getByRole('button', { name: 'Hand over', exact: true });
  for (const left of [4, 3, 2, 1]) {
    for (const digit of '9999') await key(digit).click();
    await send.click();
    await expect(page.getByRole('alert').last()).toContainText(`Tries left: ${left}`);
    await expect(pin).toHaveValue('');
  }
  for (const digit of '9999') await key(digit).click();
  await send.click();
  await expect(page.getByText(/Too many wrong PINs. You can try again in/)).toBeVisible();
  await expect(page.getByRole('radio', { name: /Hendra · Locked/ })).toBeChecked();
  await expect(send).toBeDisabled();

  await page.getByText('Rina Marlina Simanjuntak', { exact: true }).click();
  await expect(page.getByText(/Too many wrong PINs/)).toBeHidden();
  for (const digit of DEV_PIN) await key(digit).click();
  await send.click();
  await expect(page.getByText('A manager has taken it on.')).toBeVisible();
});

test('the dialogs of the list: they fit the smallest window, and anybody can read them', async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 600 });
  for (const lang of ['id', 'en', 'tr']) {
    const theme = lang === 'en' ? 'dark' : 'light';
    await open(page, 'attention', { lang, theme });
    for (const action of ['editCustomer', 'handOver']) {
      await page.locator(`[data-action="${action}"]`).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toBeVisible();
      const beyond = await dialog.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
      expect(beyond, `${lang}, ${action}: scrolls`).toBeLessThanOrEqual(0);
      const { violations } = await axe(page).include('[role="dialog"]').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    }
  }
});

test('the list is behind F1 and the status bar, with a badge while something was refused', async ({
  page,
}) => {
  await open(page, 'devices_trouble');
  await expect(page.getByRole('button', { name: /Needs attention.*1 to look at/ })).toBeVisible();
  await page.keyboard.press('F1');
  await expect(screen(page, 'attention')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(screen(page, 'redeem')).toBeVisible();
  await page.locator('[data-status="outbox"]').click();
  await expect(screen(page, 'attention')).toBeVisible();
});

test('signing out asks while something is unsent; staying loses nothing', async ({ page }) => {
  await open(page, 'devices_trouble');
  await page.keyboard.type('siti');
  await page.keyboard.press('F9');
  await expect(page.getByText('Not sent yet: 4.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toHaveValue('siti');
  await page.keyboard.press('F9');
  await page.getByRole('button', { name: 'Yes, sign out' }).click();
  await expect(screen(page, 'sign_in')).toBeVisible();
});

test('closing asks while something is unsent; Esc stays', async ({ page }) => {
  await open(page, 'quit_asked');
  await expect(page.getByRole('dialog')).toContainText('Not sent yet: 8.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('trouble that stops money covers redeeming, not the list; what was read goes away', async ({ page }) => {
  await open(page, 'trouble_manager');
  await expect(page.getByRole('heading', { name: 'No money moves at this till' })).toBeFocused();
  await page.getByRole('button', { name: 'Till and server compared' }).click();
  await expect(page.getByText('Till and server agree')).toBeVisible();
  await page.keyboard.press('F1');
  await expect(screen(page, 'attention')).toBeVisible();
  await page.keyboard.press('F2');
  await expect(screen(page, 'stopped')).toBeVisible();

  await open(page, 'trouble_at_code');
  await page.getByRole('button', { name: 'Cancel the redemption' }).click();
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();

  await open(page, 'trouble_recovered');
  await page.getByRole('button', { name: 'I have read this' }).click();
  await expect(page.getByText('a copy of 42 min before')).toBeHidden();
});

test('the report of another day, and on paper without bars', async ({ page }) => {
  await open(page, 'report_differs');
  await expect(page.getByText('Till and server differ')).toBeVisible();
  await expect(page.locator('[data-row="captured.deposit"]')).toHaveAttribute('data-differs', 'true');
  await expect(page.getByText('Rp 65,000 of Rp 180,000')).toBeVisible();
  await expect(page.getByRole('button', { name: 'The day after' })).toBeDisabled();
  await page.getByRole('button', { name: 'The day before' }).click();
  await expect(page.getByRole('button', { name: 'The day after' })).toBeEnabled();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
  await expect(page.locator('[data-status="gateway"]')).toBeHidden();
  await expect(page.getByText('Record of this till')).toBeVisible();
});

test('the rules of spending without a line: limits, roles, codes; wrong ones are named', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Without a connection' }).click();
  await page.getByLabel('One code: deposit').fill('150000');
  await page.getByLabel('Unused codes for each person and till').fill('11');
  await expect(page.getByText('At most 10')).toBeVisible();
  await page.getByLabel('Unused codes for each person and till').fill('2');
  await page.getByText('Supervisor', { exact: true }).click();
  await page.getByText('Nothing is spent').click();
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const { violations } = await axe(page).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  }
  await page.keyboard.press('F10');
  await expect(page.getByLabel('Your PIN', { exact: true })).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  const second = page.getByRole('dialog', { name: 'Somebody else agrees' });
  await expect(second).toContainText('spending without a connection');
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const { violations } = await axe(page).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  }
  await page.setViewportSize(SMALLEST);
  expect(await misfits(page)).toEqual([]);
  await secondAgrees(page);
  await expect(page.getByText('Saved as version 2')).toBeVisible();
});
