import { expect, type Page, test } from '@playwright/test';
import { SILENT_SALE, USED_SALE } from './cash-sale-states.ts';
import { DEV_PIN } from './fake-bridge.ts';
import { openState as open } from './tools/dev-test.ts';

const sale = (page: Page) => page.getByLabel('Sale number');
const amount = (page: Page) => page.getByLabel(/^Amount in/);
const submit = (page: Page) => page.getByRole('button', { name: /Open drawer/ });

test('a cashier opens the drawer for a cash sale with the keyboard alone', async ({ page }) => {
  await open(page, 'cash_sale_button');
  await page.keyboard.press('F6');
  await expect(sale(page)).toBeFocused();
  await page.keyboard.type('INV-77');
  // Enter goes on to what is missing, then opens.
  await page.keyboard.press('Enter');
  await expect(amount(page)).toBeFocused();
  await page.keyboard.type('187500');
  await expect(amount(page)).toHaveValue('187,500');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Drawer opened: INV-77, .*187,500/)).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // And the next one: what was said of the last is gone, the openings are one fewer.
  await page.keyboard.press('F6');
  await expect(page.getByText('Openings left: 95.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toBeFocused();
});

test('says what is wrong before anything is asked, and what the till refuses', async ({ page }) => {
  await open(page, 'cash_sale_over');
  await expect(amount(page)).toHaveAccessibleDescription(/A cash sale may come to .*100,000 at most/);
  await submit(page).click();
  await expect(amount(page)).toBeFocused();
  await amount(page).fill('90000');
  await sale(page).fill('<b>');
  await expect(sale(page)).toHaveAccessibleDescription(/Letters, digits/);
  await sale(page).fill(USED_SALE);
  await submit(page).click();
  await expect(page.getByRole('alert')).toContainText('already opened for this sale');
  await sale(page).fill(SILENT_SALE);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await submit(page).click();
  await expect(page.getByRole('alert')).toContainText('did not report that it opened');
});

test('with no opening left it says so, and what to do', async ({ page }) => {
  await open(page, 'cash_sale_none');
  await expect(page.getByRole('alert')).toContainText('No openings for cash sales are left here');
  await expect(submit(page)).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /Cash sales.*None left/ }).click();
  await expect(page.getByText('New ones come by themselves with the connection')).toBeVisible();
});

test('the status says nothing of it while there are enough; the button is there only where policy has it', async ({
  page,
}) => {
  await open(page, 'redeem');
  await expect(page.getByRole('button', { name: 'Cash sale' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Cash sales/ })).toHaveCount(0);
  await page.keyboard.press('F6');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a manager sets how many openings there are, and is told what is wrong', async ({ page }) => {
  await open(page, 'rules_cash');
  const openings = page.getByLabel('Openings per person');
  await openings.fill('5');
  await expect(openings).toHaveAccessibleDescription(/10/);
  await openings.fill('60');
  await page.getByText('The cashier may open it').click();
  await page.keyboard.press('F10');
  await expect(page.getByLabel('Your PIN', { exact: true })).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Saved as version 2')).toBeVisible();
  await expect(openings).toHaveValue('60');
});
