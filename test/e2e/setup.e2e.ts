import { expect, type Page } from '@playwright/test';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { type E2eShop, test } from './shop-fixture.ts';
import { nextCustomer, pair, screen, signIn, word } from './till-steps.ts';

const { wabaId, phoneNumberId, accessToken, appId, appSecret } = SIM_DEFAULTS;
const PIN = '271828';
const AMOUNT = 25_000;

test.use({ shopName: 'setting WhatsApp up', account: false });
test.describe.configure({ mode: 'serial' });

/** The gateway's own pages, in a browser of the operator's. */
async function openSetup(page: Page, shop: E2eShop): Promise<void> {
  const { link } = (await shop.admin('web', 'link')) as { link: string };
  await page.goto(`${shop.gatewayUrl}${link.slice(link.indexOf('/setup/'))}`);
  await expect(page.getByRole('navigation')).toBeVisible();
}

const step = (page: Page, name: string) =>
  page.getByRole('button', { name: new RegExp(`\\d+\\. ${word(`setup.step.${name}.title`)}`) });
const isDone = (page: Page, name: string) => expect(step(page, name)).toContainText(word('setup.state.done'));
/** A window that closes itself at the press may be gone before the press is reported. */
async function pressAndClose(dialog: Page, name: string): Promise<void> {
  const closed = dialog.waitForEvent('close');
  const pressed = dialog.getByRole('button', { name }).click();
  pressed.catch(() => {});
  await Promise.race([closed, pressed]);
  await closed;
}
const press = (page: Page, key: string) => page.getByRole('button', { name: word(key), exact: true }).click();
const fill = (page: Page, field: string, text: string) =>
  page.getByRole('textbox', { name: word(`setup.field.${field}`) }).fill(text);

/** A code for the demo's customer `index`, from the till's first screen. */
async function ask(shop: E2eShop, page: Page, index: number): Promise<E2eShop['demo']['customers'][number]> {
  const customer = shop.demo.customers[index];
  if (customer === undefined) throw new Error('no demo');
  await page.getByRole('combobox').fill(customer.memberNo);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await page.keyboard.type(String(AMOUNT));
  await page.keyboard.press('Enter');
  await expect(screen(page, 'code')).toBeVisible();
  return customer;
}

test('a shop without an account sends no code', async ({ shop, till: { page } }) => {
  await pair(page, shop);
  const [dewi] = shop.demo.staff;
  if (dewi === undefined) throw new Error('no demo');
  await signIn(page, dewi);
  await ask(shop, page, 0);
  await expect(page.getByText(word('delivery.reason.not_connected'))).toBeVisible();
  await press(page, 'code.cancel');
  await press(page, 'code.cancelYes');
  await nextCustomer(page);
});

test('from nothing, by the gateway’s own pages, to the first code on a customer’s phone', async ({
  shop,
  till,
  page,
}) => {
  await openSetup(page, shop);
  // The link works once, and is not on the address any more.
  expect(new URL(page.url()).hash).toBe('');

  await fill(page, 'wabaId', wabaId);
  await press(page, 'setup.saveAndCheck');
  await step(page, 'number').click();
  await fill(page, 'phoneNumberId', phoneNumberId);
  await press(page, 'setup.saveAndCheck');
  await step(page, 'token').click();
  await fill(page, 'accessToken', accessToken);
  await press(page, 'setup.saveAndCheck');
  await isDone(page, 'account');
  await isDone(page, 'number');

  await step(page, 'app').click();
  await fill(page, 'appId', appId);
  await fill(page, 'appSecret', 'not-this-one');
  await press(page, 'setup.makeUp');
  await press(page, 'setup.saveAndCheck');
  await expect(step(page, 'app')).toContainText(word('setup.state.failed'));
  await fill(page, 'appSecret', appSecret);
  await press(page, 'setup.saveAndCheck');
  await isDone(page, 'app');
  await isDone(page, 'token');

  await step(page, 'webhook').click();
  await fill(page, 'publicUrl', shop.gatewayUrl);
  await press(page, 'setup.saveAndCheck');
  await isDone(page, 'webhook');
  await press(page, 'setup.connect');
  // Before Meta knows the address it sends nothing there.
  await expect(page.getByText(word('setup.connected'))).toBeVisible();
  await expect(page.getByText(word('setup.notHeard'))).toBeVisible();
  const customer = shop.demo.customers[1];
  if (customer === undefined) throw new Error('no demo');
  await shop.phones(`phones/${customer.phone.slice(1)}/reply`, 'POST', { text: 'halo' });
  await expect(page.getByText(word('setup.notHeard'))).toBeHidden();

  await step(page, 'subscription').click();
  await press(page, 'setup.subscribe');
  await isDone(page, 'subscription');

  await step(page, 'registration').click();
  await page.getByLabel(word('setup.pin')).fill(PIN);
  await press(page, 'setup.register');
  await isDone(page, 'registration');

  await step(page, 'status').click();
  await expect(page.getByText('+622150000001')).toBeVisible();
  await expect(page.getByText(word('setup.kind.own'))).toBeVisible();

  await step(page, 'templates').click();
  await press(page, 'setup.submit');
  await expect(page.getByText(word('setup.template.pending')).first()).toBeVisible();
  for (const language of ['id', 'en', 'tr']) {
    await shop.phones(`templates/saksi_redemption_code/${language}`, 'PATCH', { status: 'APPROVED' });
  }
  await isDone(page, 'templates');

  await step(page, 'message').click();
  await page.getByRole('textbox', { name: word('setup.to') }).fill(customer.phone);
  await press(page, 'setup.send');
  await isDone(page, 'message');
  await expect(page.getByText(word('setup.doneOf', { done: 10, total: 10 }))).toBeVisible();

  // The gateway keeps how far it came.
  await page.reload();
  await expect(page.getByText(word('setup.doneOf', { done: 10, total: 10 }))).toBeVisible();

  // Another shop's account has the app, and all the rest before it.
  await press(page, 'setup.accounts.title');
  await page.getByRole('textbox', { name: word('setup.accounts.name') }).fill('Kopi Senja');
  await press(page, 'setup.accounts.add');
  const shown = page.getByRole('combobox', { name: word('setup.accounts.of'), exact: true });
  await expect(shown.locator('option:checked')).toHaveText('Kopi Senja');
  await expect(page.getByText(word('setup.accounts.none'))).toBeVisible();
  await isDone(page, 'app');
  await expect(step(page, 'token')).toContainText(word('setup.state.todo'));
  await page.getByRole('link', { name: word('setup.signup.link') }).click();
  await expect(page.getByText('Kopi Senja')).toBeVisible();
  await page.getByRole('link', { name: word('setup.signup.back') }).click();
  await expect(shown.locator('option:checked')).toHaveText('Kopi Senja');
  await shown.selectOption({ label: word('setup.accounts.first') });
  await expect(page.getByText(word('setup.doneOf', { done: 10, total: 10 }))).toBeVisible();

  const ayu = await ask(shop, till.page, 0);
  await expect(
    till.page.getByText(new RegExp(`${word('delivery.state.delivered')}|${word('delivery.state.read')}`)),
  ).toBeVisible();
  await till.page.keyboard.type(await shop.codeOf(ayu.phone));
  await expect(till.page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
});

test('another token in its place, by Embedded Signup, and codes go on', async ({
  shop,
  till,
  page,
  context,
}) => {
  await openSetup(page, shop);
  await step(page, 'token').click();
  await press(page, 'setup.forget');
  await press(page, 'setup.forgetSure');
  await expect(step(page, 'token')).toContainText(word('setup.state.todo'));

  await page.getByRole('link', { name: word('setup.signup.link') }).click();
  await expect(page.getByText(word('setup.signup.notRun'))).toBeVisible();
  await fill(page, 'configId', '400000000000001');
  await press(page, 'setup.signup.config');
  const dialog = context.waitForEvent('page');
  await press(page, 'setup.signup.start');
  await pressAndClose(await dialog, 'Cancel');
  await expect(page.getByText(word('setup.signup.cancelled'))).toBeVisible();
  const again = context.waitForEvent('page');
  await press(page, 'setup.signup.start');
  await pressAndClose(await again, 'Share the account');
  await expect(page.getByText(word('setup.signup.done'))).toBeVisible();

  await page.getByRole('link', { name: word('setup.signup.back') }).click();
  await isDone(page, 'token');
  await step(page, 'subscription').click();
  await press(page, 'setup.subscribe');
  await isDone(page, 'subscription');

  await nextCustomer(till.page);
  const customer = await ask(shop, till.page, 2);
  await till.page.keyboard.type(await shop.codeOf(customer.phone));
  await expect(till.page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();

  await press(page, 'nav.signOut');
  await page.reload();
  await expect(page.getByRole('heading', { name: word('setup.signIn.title') })).toBeVisible();
});
