import { expect, type Page } from '@playwright/test';
import { type E2eShop, test } from './shop-fixture.ts';
import { word } from './till-steps.ts';

/** A manager without a till, in a browser with an authenticator of its own. */
test.use({ shopName: 'a manager signs in at the office' });

const PASSWORD = 'kopi tubruk di beranda 7';

/** Answers with the person checked, as a phone does after a finger (WebDriver extension of WebAuthn, section 11). */
async function giveAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

/** A passkey is bound to a name, so that the page is asked for by one. */
const named = (url: string) => url.replace('127.0.0.1', 'localhost');

async function typeCode(page: Page, shop: E2eShop, phone: string, before?: string): Promise<string> {
  await expect(
    page.getByText(word('code.label', { digits: 6 })).or(page.getByRole('textbox').first()),
  ).toBeVisible();
  const code = await shop.codeOf(phone, before);
  await page.getByRole('textbox').first().click();
  await page.keyboard.type(code);
  return code;
}

test('a link, a password, a passkey; each but the link with a code of its own', async ({ shop, page }) => {
  const manager = shop.demo.staff.find(({ role }) => role === 'manager');
  if (manager?.phone === undefined) throw new Error('no manager with a number');
  await giveAuthenticator(page);
  const { link } = (await shop.admin('web', 'link', '--staff', manager.id)) as { link: string };
  await page.goto(`${named(shop.gatewayUrl)}${link.slice(link.indexOf('/web/'))}`);
  const pages = page.getByRole('navigation', { name: word('web.pages') });
  const out = () => page.getByRole('button', { name: word('nav.signOut') }).click();
  const form = page.getByRole('heading', { name: word('web.signIn.title'), exact: true });

  await page.getByRole('button', { name: word('web.account.choose') }).click();
  await page.getByLabel(word('web.signIn.name')).fill('Hendra@Toko.example');
  await page.getByLabel(word('web.account.newPassword')).fill('password1234');
  await page.getByRole('button', { name: word('web.account.save') }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel(word('web.account.newPassword')).fill(PASSWORD);
  await page.getByRole('button', { name: word('web.account.save') }).click();
  await expect(page.getByText('hendra@toko.example')).toBeVisible();

  const passkeys = page.getByRole('region', { name: word('web.account.passkeys') });
  await passkeys.getByLabel(word('web.account.passkeyLabel')).fill('Laptop kantor');
  await passkeys.getByRole('button', { name: word('web.account.addPasskey') }).click();
  await expect(passkeys.getByText('Laptop kantor')).toBeVisible();
  await out();
  await expect(form).toBeVisible();

  await page.getByLabel(word('web.signIn.name')).fill('hendra@toko.example');
  await page.getByLabel(word('web.signIn.password')).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const first = await typeCode(page, shop, manager.phone);
  await expect(pages).toBeVisible();
  // The cookie is all that is kept: the page comes back signed in, and shows no code and no password.
  await page.reload();
  await expect(pages).toBeVisible();
  await expect(page.getByRole('button', { name: word('web.account.choose') })).toBeHidden();
  await out();

  await expect(form).toBeVisible();
  await page.getByRole('button', { name: word('web.signIn.passkey') }).click();
  await typeCode(page, shop, manager.phone, first);
  await expect(pages).toBeVisible();
  await pages.getByRole('button', { name: word('web.account.title') }).click();
  await expect(
    page.getByText(word('web.account.thisOne', { by: word('web.account.by.passkey') })),
  ).toBeVisible();
  await passkeys.getByRole('button', { name: `${word('web.account.remove')}: Laptop kantor` }).click();
  await passkeys.getByRole('button', { name: `${word('web.sure')}: Laptop kantor` }).click();
  await expect(passkeys.getByText('Laptop kantor')).toBeHidden();
  await out();

  // The device has it still; the gateway does not know it any more, and asks for no code.
  await page.getByRole('button', { name: word('web.signIn.passkey') }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(form).toBeVisible();
});
