import { expect, type Locator, type Page, test } from '@playwright/test';
import { PNG } from 'pngjs';
import { DEV_PIN } from './fake-bridge.ts';
import { openState as open } from './tools/dev-test.ts';
import { secondAgrees } from './tools/second-agrees.ts';

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
async function saveWithPin(page: Page) {
  await page.keyboard.press('F10');
  await expect(page.getByLabel('Your PIN', { exact: true })).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
}

test('a manager changes a limit with the keyboard, is told what is wrong, and saves with the PIN', async ({
  page,
}) => {
  await open(page, 'settings_manager');
  await page.getByRole('button', { name: 'Store rules' }).press('Enter');
  await expect(save(page)).toBeDisabled();
  const expiry = page.getByLabel('Lapses after');
  await expiry.fill('100');
  await expect(page.getByText('Every step must come before the request lapses')).toBeVisible();
  await expect(page.getByText('To be put right: 1')).toBeVisible();
  await expect(page.getByRole('button', { name: /Void.*something is wrong here/ })).toBeVisible();
  await expect(save(page)).toBeDisabled();
  await expiry.fill('900');
  await expect(expiry).toHaveAccessibleDescription('= 15 min');
  await expect(page.getByText('Changed, not saved yet')).toBeVisible();

  await page.keyboard.press('F10');
  await expect(page.getByLabel('Your PIN', { exact: true })).toBeFocused();
  await page.keyboard.type('9999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Tries left: 4');
  await expect(page.getByLabel('Your PIN', { exact: true })).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  const second = page.getByRole('dialog', { name: 'Somebody else agrees' });
  await expect(second).toContainText('what needs whose approval');
  // The only one who could is chosen already.
  await expect(second.getByRole('radio')).toBeChecked();
  await expect(second.getByLabel('Their PIN')).toBeFocused();
  await page.keyboard.type('9999');
  await page.keyboard.press('Enter');
  await expect(second.getByRole('alert')).toContainText('Tries left: 4');
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Saved as version 2')).toBeVisible();
  await expect(expiry).toHaveValue('900');
});

test('a kind of the store’s own, with a tier and a reason', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Add a kind' }).click();
  await page.getByLabel('Bahasa Indonesia').fill('Titip barang');
  await page.getByLabel('English').fill('Keep goods');
  await page.getByLabel('Türkçe').fill('Emanet');
  await page.getByLabel('Key for programs').fill('Keep goods');
  await expect(page.getByText('This does not fit here')).toBeVisible();
  await page.getByLabel('Key for programs').fill('void');
  await expect(page.getByText('Another kind has this key')).toBeVisible();
  await page.getByLabel('Key for programs').fill('keep_goods');
  await page.getByRole('button', { name: 'Add a line' }).click();
  const second = page.getByRole('group', { name: 'Line 2' });
  await expect(second.getByLabel('From the amount')).toHaveAccessibleDescription('To be filled in');
  await second.getByLabel('From the amount').fill('1000000');
  await expect(second.getByLabel('From the amount')).toHaveValue('1,000,000');
  await second.getByLabel('How many must say yes').fill('2');
  await saveWithPin(page);
  await secondAgrees(page);
  await expect(page.getByText('Saved as version 2')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Keep goods' })).toBeVisible();
});

test('unsaved changes: every way out asks; staying keeps them, leaving drops them', async ({ page }) => {
  await open(page, 'rules');
  await page.getByLabel('Lapses after').fill('900');
  for (const key of ['F2', 'F9', 'Escape']) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'No, stay' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(page.getByLabel('Lapses after')).toHaveValue('900');
  }
  await page.keyboard.press('F3');
  await page.getByRole('button', { name: 'Yes, leave' }).click();
  await expect(page.locator('main[data-screen="recent"]')).toBeVisible();
});

test('discarding brings back what was saved, in the fields as well', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Discount', exact: true }).click();
  await page.getByLabel('Nobody is asked below').last().fill('5');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await expect(page.getByText('Version 1')).toBeVisible();
  await page.getByRole('button', { name: 'Discount', exact: true }).click();
  await expect(page.getByLabel('Nobody is asked below').last()).toHaveValue('');
});

test('somebody else saved meanwhile: said, and theirs are loaded', async ({ page }) => {
  await open(page, 'rules_conflict');
  await page.getByLabel('Lapses after').fill('900');
  await saveWithPin(page);
  await expect(page.getByRole('alert')).toContainText('Somebody saved other rules');
  await expect(save(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Load theirs, drop my changes' }).click();
  await expect(page.getByText('Version 2')).toBeVisible();
  await expect(page.getByLabel('Lapses after')).toHaveValue('600');
  await page.getByLabel('Lapses after').fill('900');
  await saveWithPin(page);
  await secondAgrees(page);
  await expect(page.getByText('Saved as version 3')).toBeVisible();
});

test('working hours, and how supervisors answer', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Working hours' }).click();
  await page.getByRole('button', { name: 'Set working hours' }).click();
  await page.getByRole('group', { name: 'Monday' }).getByLabel('To').fill('07:00');
  await expect(page.getByText('The end comes after the beginning')).toBeVisible();
  await page.getByRole('group', { name: 'Monday' }).getByLabel('To').fill('24:00');
  await page.getByText('Managers only').click();
  await page.getByRole('button', { name: 'Answers and limits' }).click();
  await page.getByText('Code said at the till').click();
  await page.getByLabel('Digits of a code').fill('9');
  await expect(page.getByText('At most 8')).toBeVisible();
  await page.getByLabel('Digits of a code').fill('8');
  await saveWithPin(page);
  await secondAgrees(page);
  await expect(page.getByText('Saved as version 2')).toBeVisible();
});

test('codes may go by SMS, customers are told of redemptions, and what is kept goes sooner', async ({
  page,
}) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Channels and notices' }).click();
  await expect(page.getByLabel('Not on the phone after')).toBeHidden();
  await page.getByText('On', { exact: true }).click();
  await page.getByText('SMS', { exact: true }).click();
  await page.getByLabel('Not on the phone after').fill('10');
  await expect(page.getByText('At least 15')).toBeVisible();
  await expect(page.getByRole('button', { name: /Channels and notices.*something is wrong/ })).toBeVisible();
  await page.getByLabel('Not on the phone after').fill('90');
  await page.getByRole('switch', { name: /^Tell the customer what was redeemed/ }).press('Space');
  await page.getByLabel('Tell managers of a redemption from').fill('500000');

  await page.getByRole('button', { name: 'Message credit' }).click();
  await page.getByText('Stop sending').click();
  await page.getByLabel('Messages on debt, at most').fill('5');
  await page.getByText('Code at sign-in', { exact: true }).click();
  await page.getByRole('button', { name: 'Add a warning' }).click();
  const warning = page.getByRole('group', { name: 'Warning 4' }).first();
  await expect(page.getByText('To be filled in')).toBeVisible();
  await warning.getByText('Messages left').click();
  await warning.getByLabel('Warn at').fill('100');

  await page.getByRole('button', { name: 'What is kept' }).click();
  await page.getByLabel('Words and numbers of messages').fill('10');
  await expect(page.getByText('At least 30')).toBeVisible();
  await page.getByLabel('Words and numbers of messages').fill('365');
  await saveWithPin(page);
  await secondAgrees(page);
  await expect(page.getByText('Saved as version 2')).toBeVisible();

  await page.getByRole('button', { name: 'Message credit' }).click();
  await expect(page.getByRole('checkbox', { name: 'Code at sign-in' })).not.toBeChecked();
  await expect(page.getByRole('group', { name: 'Warning 4' }).getByLabel('Warn at').first()).toHaveValue(
    '100',
  );
  await page.getByRole('button', { name: 'Channels and notices' }).click();
  await expect(page.getByRole('radio', { name: 'SMS', exact: true })).toBeChecked();
  await expect(page.getByLabel('Tell managers of a redemption from')).toHaveValue('500,000');
});

test('a wrong number of the code at sign-in is marked in the list', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Drawer, slips and PIN' }).click();
  await page.getByText('Everybody', { exact: true }).click();
  await page.getByLabel('Remember a till for (0: never)').fill('999');
  await expect(page.getByRole('button', { name: /Drawer, slips and PIN.*something is wrong/ })).toBeVisible();
});

test('rules that cannot be loaded say why, and can be tried again', async ({ page }) => {
  await open(page, 'rules_error');
  await expect(page.getByRole('alert')).toContainText('The rules could not be loaded');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeFocused();
});

test('only managers find the rules', async ({ page }) => {
  await open(page, 'settings');
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Store rules' })).toBeHidden();
});

test('a manager gives the slips a logo, leaves a line out and saves', async ({ page }) => {
  await open(page, 'rules');
  await page.getByRole('button', { name: 'Slips', exact: true }).click();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByText('Toko Maju Jaya')).toBeVisible();
  await expect(preview.getByRole('img', { name: 'Logo' })).toBeHidden();

  const chooser = page.getByLabel('Choose a picture').and(page.locator('input'));
  await chooser.setInputFiles({
    name: 'broken.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  });
  await expect(page.getByRole('alert')).toContainText('This picture cannot be read');
  // Wider and higher than the paper takes: it is made to fit.
  const large = PNG.sync.write(new PNG({ width: 800, height: 300, fill: true }));
  await chooser.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: large });
  await expect(page.getByRole('alert')).toBeHidden();
  const logo = preview.getByRole('img', { name: 'Logo' });
  await expect(logo).toBeVisible();
  expect(await inkOf(logo)).toBeGreaterThan(0.2);
  expect(await inkOf(preview.getByRole('img', { name: /^QR code: / }))).toBeGreaterThan(0.2);

  await page.getByRole('textbox', { name: 'At the end' }).fill('x'.repeat(81));
  await expect(page.getByText('At most 80 characters')).toBeVisible();
  await expect(preview.getByText('The preview follows')).toBeVisible();
  await expect(save(page)).toBeDisabled();
  await page.getByRole('textbox', { name: 'At the end' }).fill('See you soon');
  const cashier = page.getByRole('switch', { name: 'Cashier', exact: true });
  await cashier.press('Space');
  await expect(cashier).not.toBeChecked();
  await expect(page.getByRole('switch', { name: 'Amount' })).toBeHidden();
  await preview.getByLabel('Kind of slip').selectOption('Shift report');
  await expect(page.getByRole('switch', { name: 'Supervisor’s signature' })).toBeChecked();
  await saveWithPin(page);
  await expect(page.getByText('Saved as version 2')).toBeVisible();
});

/** The share of a canvas that is black. */
function inkOf(canvas: Locator): Promise<number> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data;
    let black = 0;
    for (let at = 0; at < width * height; at += 1) if (pixels?.[at * 4] === 0) black += 1;
    return black / (width * height);
  });
}
