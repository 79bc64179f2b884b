import { expect, type Page, test } from '@playwright/test';
import type { GatewayStateName } from './gateway/states.ts';
import { DEV_CODE, DEV_PASSWORD } from './gateway/web-states.ts';
import { DEV_SITE_URL } from './tools/dev-test.ts';

async function open(page: Page, state: GatewayStateName): Promise<void> {
  const site = process.env[DEV_SITE_URL]?.replace('dev.html', 'dev-gateway.html');
  await page.goto(`${site}#state=${state}&lang=en&theme=light`);
  await page.locator('main').waitFor();
}

test('a password and a code sign in, by the keyboard alone', async ({ page }) => {
  await open(page, 'web_signed_out');
  const go = page.getByRole('button', { name: 'Sign in', exact: true });
  await expect(go).toBeDisabled();
  await page.getByLabel('Name or e-mail').fill('hendra');
  await page.keyboard.press('Tab');
  await page.keyboard.type('not this one');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Name or password is not right.');
  await expect(page.getByLabel('Password')).toHaveValue('');
  await page.getByLabel('Password').fill(DEV_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Type the code on your WhatsApp, Hendra' })).toBeVisible();
  await page.keyboard.type('000000');
  await expect(page.getByRole('alert')).toContainText('Tries left: 4');
  await page.keyboard.type(DEV_CODE);
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
});

test('one goes back from the code, and in by a passkey', async ({ page }) => {
  await open(page, 'web_code');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  for (const digit of DEV_CODE) await page.getByRole('button', { name: `Digit ${digit}` }).click();
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
});

test('whoever came by a link is asked for something to sign in with, until they have it', async ({
  page,
}) => {
  await open(page, 'web_needs_credential');
  await page.getByRole('button', { name: 'Choose' }).click();
  const save = page.getByRole('button', { name: 'Save password' });
  await page.getByLabel('Name or e-mail').fill('Hendra');
  await page.getByLabel('New password').fill('too short');
  await expect(save).toBeDisabled();
  await page.getByLabel('New password').fill(DEV_PASSWORD);
  await save.click();
  await expect(page.getByText('You sign in as hendra')).toBeVisible();
  await page.getByRole('button', { name: 'Day in figures' }).click();
  await expect(page.getByRole('heading', { name: 'Day in figures' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Choose' })).toBeHidden();
});

test('passkeys are added and taken away, and other sessions ended', async ({ page }) => {
  await open(page, 'web_account');
  const passkeys = page.getByRole('region', { name: 'Passkeys' });
  const add = passkeys.getByRole('button', { name: 'Add a passkey' });
  await expect(add).toBeDisabled();
  await passkeys.getByLabel('What is this device called?').fill('Tablet gudang');
  await page.keyboard.press('Enter');
  await expect(passkeys.getByText('Tablet gudang')).toBeVisible();
  await passkeys.getByRole('button', { name: 'Remove: HP Hendra' }).click();
  await expect(passkeys.getByText('HP Hendra')).toBeVisible();
  await passkeys.getByRole('button', { name: 'Really?: HP Hendra' }).click();
  await expect(passkeys.getByText('HP Hendra')).toBeHidden();
  const sessions = page.getByRole('region', { name: 'Signed in' });
  await expect(sessions.getByRole('listitem')).toHaveCount(3);
  await sessions.getByRole('listitem').filter({ hasText: 'Android' }).getByRole('button').click();
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
});

test('a supervisor of one outlet is a manager of another, and chooses which', async ({ page }) => {
  await open(page, 'web_supervisor');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await expect(pages.getByRole('button')).toHaveText(['Record', 'Charts', 'My sign-in']);
  await page.getByRole('combobox', { name: 'Store' }).selectOption({ label: 'Toko Saksi Menteng' });
  await expect(pages.getByRole('button', { name: 'Fraud signals' })).toBeVisible();
  await expect(pages.getByRole('link', { name: 'Customers' })).toBeVisible();
});

test('a manager adds a till and a cashier, and takes a till away', async ({ page }) => {
  await open(page, 'web_shop');
  const tills = page.getByRole('region', { name: 'Tills' });
  await tills.getByLabel('Name of a new till').fill('Kasir Garasi');
  await page.keyboard.press('Enter');
  await expect(tills.getByRole('alert')).toContainText('Type this at Kasir Garasi');
  await expect(tills.getByRole('alert').locator('code')).toHaveText(/^SAKSI1\./);
  await tills.getByRole('button', { name: 'Take away: Kasir 1' }).click();
  await tills.getByRole('button', { name: 'Really?: Kasir 1' }).click();
  await expect(tills.getByRole('listitem').filter({ hasText: 'Kasir 1' })).toContainText('taken away');
  await expect(tills.getByRole('alert')).toBeHidden();

  const people = page.getByRole('region', { name: 'People' });
  await expect(people.getByRole('button', { name: /^Has left: Dewi/ })).toBeHidden();
  await people.getByLabel('Name of a new cashier').fill('Putri');
  await people.getByLabel('Their PIN').fill('24a68');
  await expect(people.getByLabel('Their PIN')).toHaveValue('2468');
  await people.getByLabel(/^WhatsApp number/).fill('12345');
  await page.keyboard.press('Enter');
  await expect(people.getByRole('alert')).toBeVisible();
  await people.getByLabel(/^WhatsApp number/).fill('');
  await page.keyboard.press('Enter');
  await expect(people.getByText('Putri')).toBeVisible();
  await people.getByRole('button', { name: 'Verify: Putri' }).click();
  await expect(people.getByRole('alert')).toContainText('SAKSI-7Q4K-M2XD');
  await expect(page.getByRole('region', { name: 'How the rules changed' })).toContainText(
    'agreed: Dewi Anggraini Kusumawardhani',
  );
});
