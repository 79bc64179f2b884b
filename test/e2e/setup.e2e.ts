import { expect, type Page } from '@playwright/test';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { type E2eShop, test } from './shop-fixture.ts';
import { pair, screen, signIn, word } from './till-steps.ts';

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
const press = (page: Page, key: string) => page.getByRole('button', { name: word(key), exact: true }).click();
const fill = (page: Page, field: string, text: string) =>
  page.getByLabel(word(`setup.field.${field}`)).fill(text);

async function code(shop: E2eShop, page: Page, index: number): Promise<void> {
  const customer = shop.demo.customers[index];
  if (customer === undefined) throw new Error('no demo');
  await page.getByRole('combobox').fill(customer.memberNo);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await page.keyboard.type(String(AMOUNT));
  await page.keyboard.press('Enter');
  await expect(screen(page, 'code')).toBeVisible();
}

test('a shop without an account sends no code', async ({ shop, till: { page } }) => {
  await pair(page, shop);
  const [dewi] = shop.demo.staff;
  if (dewi === undefined) throw new Error('no demo');
  await signIn(page, dewi);
  await code(shop, page, 0);
  await expect(page.getByText(word('delivery.reason.not_connected'))).toBeVisible();
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
  await expect(page.getByRole('main')).toContainText('App'); // stays on the step
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
  await page.getByLabel(word('setup.to')).fill(customer.phone);
  await press(page, 'setup.send');
  await isDone(page, 'message');
  await expect(page.getByText(word('setup.doneOf', { done: 10, total: 10 }))).toBeVisible();

  // What was left of it works on by itself when the page is opened again.
  await page.reload();
  await expect(page.getByText(word('setup.doneOf', { done: 10, total: 10 }))).toBeVisible();

  const ayu = shop.demo.customers[0];
  if (ayu === undefined) throw new Error('no demo');
  await expect(async () => {
    await till.page.getByRole('button', { name: new RegExp(word('code.resend')) }).click({ timeout: 3_000 });
  }).toPass({ timeout: 90_000 });
  await till.page.keyboard.type(await shop.codeOf(ayu.phone));
  await expect(till.page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
});
