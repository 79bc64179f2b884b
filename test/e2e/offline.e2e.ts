import { expect, type Page } from '@playwright/test';
import { systemClock } from '../../shared/effects.ts';
import { startTcpProxy, type TcpProxy } from '../fixtures/tcp-proxy.ts';
import { type E2eShop, test } from './shop-fixture.ts';
import { ledgerSum, pair, screen, signIn, word } from './till-steps.ts';

/** The line between the till and the gateway is cut in the middle of each screen, and comes back. */
test.use({ shopName: 'a line that fails' });
test.describe.configure({ mode: 'serial' });

let line: TcpProxy;
test.beforeAll(async ({ shop }) => {
  line = await startTcpProxy({ port: Number(new URL(shop.gatewayUrl).port) }, systemClock);
});
test.afterAll(() => line.close());

test('at sign-in: the PIN is checked here, and the line says what it is', async ({
  shop,
  till: { page },
}) => {
  await pair(page, { ...shop, gatewayUrl: `http://127.0.0.1:${line.port}` });
  await expect(status(page, 'gateway')).toContainText(word('statusBar.gateway.online'));
  await expect(status(page, 'sealed')).toContainText(/\d/);
  await cut(page);
  await signIn(page, person(shop, 'Dewi'));
  await expect(page.getByRole('combobox')).toBeFocused();
  await back(page);
});

test('while a customer is looked for: what the till remembers, with its age', async ({
  shop,
  till: { page },
}) => {
  const ayu = customer(shop, 0);
  await page.getByRole('combobox').fill(ayu.memberNo);
  await expect(page.getByRole('option')).toHaveCount(1);
  await cut(page);
  await page.getByRole('combobox').fill('');
  await page.getByRole('combobox').fill(ayu.name.slice(0, 5));
  await expect(page.getByRole('option').first()).toContainText(ayu.name);
  await expect(page.getByRole('option').first()).toContainText(/yang lalu|lalu|baru saja/);
  await expect(page.locator('main')).toContainText(/Saldo dari ingatan kasir ini/);
  await back(page);
});

test('at the amount: what was typed stays, and the code is sent when the line is back', async ({
  shop,
  till: { page },
}) => {
  await findCustomer(page, customer(shop, 0).memberNo);
  await page.keyboard.type('20000');
  await cut(page);
  await expect(
    screen(page, 'redeem').getByRole('button', { name: word('redeem.startSealed') }),
  ).toBeEnabled();
  await back(page);
  await expect(page.getByRole('textbox', { name: /Rp/ })).toHaveValue('20.000');
  await screen(page, 'redeem')
    .getByRole('button', { name: word('redeem.start') })
    .click();
  await expect(screen(page, 'code')).toBeVisible();
});

test('before the code went: it is typed again, and taken once', async ({ shop, till: { page } }) => {
  const ayu = customer(shop, 0);
  const code = await shop.codeOf(ayu.phone);
  await cut(page);
  await page.keyboard.type(code);
  await expect(page.getByRole('alert').last()).toBeVisible();
  await expect(screen(page, 'code')).toBeVisible();
  await back(page);
  await page.keyboard.type(code);
  await expectBooked(page);
  expect(await shop.balance(ayu.id, 'deposit')).toEqual({ available: ayu.deposit - 20_000, reserved: 0 });
  await nextCustomer(page);
});

test('after the code went, its answer lost: it counts once', async ({ shop, till: { page } }) => {
  const rizky = customer(shop, 1);
  await startRedemption(page, rizky.memberNo, 15_000);
  const code = await shop.codeOf(rizky.phone);
  line.mode('half_close');
  await page.keyboard.type(code);
  await expect(status(page, 'gateway')).toContainText(word('statusBar.gateway.offline'));
  await back(page);
  // Either the till asked again by itself, or the same code is typed once more.
  await expect(async () => {
    if (await screen(page, 'code').isVisible()) await page.keyboard.type(code);
    await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible({
      timeout: 3_000,
    });
  }).toPass();
  await expectBooked(page);
  expect(await shop.balance(rizky.id, 'deposit')).toEqual({ available: rizky.deposit - 15_000, reserved: 0 });
  await nextCustomer(page);
});

test('while the devices act: the slip is printed, the booking follows with the line', async ({
  shop,
  till: { page },
}) => {
  const putri = customer(shop, 2);
  await shop.printerDo('remove-paper');
  await expect(status(page, 'printer')).toContainText(word('statusBar.printer.paper_out'));
  await startRedemption(page, putri.memberNo, 10_000);
  await page.keyboard.type(await shop.codeOf(putri.phone));
  await expect(screen(page, 'result')).toBeVisible();
  line.mode('cut');
  await expect(page.getByRole('alert')).toContainText(word('result.slip.goesOn'), { timeout: 30_000 });
  const { slipCount } = await shop.printer();
  await shop.printerDo('refill');
  await expect(page.getByText(word('result.slip.printed'), { exact: true })).toBeVisible();
  expect((await shop.printer()).slipCount).toBe(slipCount + 1);
  await back(page);
  await expectBooked(page);
  expect(await shop.balance(putri.id, 'deposit')).toEqual({ available: putri.deposit - 10_000, reserved: 0 });
  await nextCustomer(page);
});

test('while an approval waits: the answer that came meanwhile is there with the line', async ({
  shop,
  till: { page },
}) => {
  await page.keyboard.press('F7');
  await page.getByRole('button', { name: 'Batal transaksi' }).click();
  await expect(page.locator('input:focus')).toBeVisible();
  await page.keyboard.type('35000');
  await page.getByRole('dialog').getByRole('radio').first().press('Space');
  await page.getByRole('button', { name: word('ask.send') }).click();
  await expect(page.getByRole('dialog').getByText(word('approvals.stage.pending')).first()).toBeVisible();
  await cut(page);
  await expect(page.getByRole('dialog').getByText(word('approvals.stage.pending')).first()).toBeVisible();
  const siti = person(shop, 'Siti');
  await expect.poll(async () => (await shop.messagesTo(siti.phone ?? '')).some(isRequest)).toBe(true);
  // Taken by WhatsApp is not yet on the phone.
  await expect(() => shop.phones(`phones/${siti.phone?.slice(1)}/reply`, 'POST', { button: 0 })).toPass();
  await back(page);
  await expect(page.getByText(word('approvals.told.approved', { names: siti.name })).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await shop.printerDo('close-drawer');
});

test('without a line: a supervisor’s sealed code, and the till goes on', async ({ shop, till: { page } }) => {
  const emily = customer(shop, 4);
  const siti = person(shop, 'Siti');
  const code = await sealedCodeOf(shop, siti.phone ?? '');
  await cut(page);
  await findCustomer(page, emily.memberNo);
  await page.keyboard.type('12000');
  await page.keyboard.press('Enter');
  await expect(screen(page, 'sealed')).toBeVisible();
  await page.getByRole('radio', { name: new RegExp(siti.name) }).click();
  await page.keyboard.type('00000000');
  await expect(page.getByRole('alert').last()).toContainText('4');
  await page.keyboard.type(code.toLowerCase());
  await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
  await expect(page.locator('[data-step="settlement"]')).toContainText(word('result.settlement.queued'));
  await expect(page.getByText(word('sealed.willSend'))).toBeVisible();
  expect(await shop.balance(emily.id, 'deposit')).toEqual({ available: emily.deposit, reserved: 0 });
  const slips = (await shop.printer()).slips.map(({ text }) => text.join('\n'));
  const slip = slips.find((text) => text.includes(emily.memberNo)) ?? '';
  // The customer's language is English.
  expect(slip).toContain('OFFLINE');
  expect(slip).toContain(siti.name);
  expect(slip).not.toContain(code);
  await nextCustomer(page);
  await expect(status(page, 'outbox')).toContainText(/1/);

  // The same code once more: used up.
  await findCustomer(page, emily.memberNo);
  await page.keyboard.type('5000');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: new RegExp(siti.name) }).click();
  await page.keyboard.type(code);
  await expect(page.getByRole('alert').last()).toBeVisible();
  await expect(screen(page, 'sealed')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: word('code.cancelYes') }).click();
  // Nothing had begun: back to what was typed, with what is left of the remembered balance.
  await expect(page.getByRole('textbox', { name: /Rp/ })).toHaveValue('5.000');
  await expect(page.getByRole('radio', { name: /Deposit/ })).toBeChecked();
  await expect(screen(page, 'redeem')).toContainText('308.000');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toBeVisible();

  await page.keyboard.press('F9');
  await expect(page.getByRole('dialog')).toContainText(word('signOut.title'));
  await page.keyboard.press('Escape');
  await back(page);
  await expect(status(page, 'outbox')).toContainText(word('statusBar.outbox.clear'));
  await expect
    .poll(() => shop.balance(emily.id, 'deposit'))
    .toEqual({ available: emily.deposit - 12_000, reserved: 0 });
  expect(await ledgerSum(shop)).toBe(0);
});

test('in the rules: what was changed stays, is refused in words, and is saved with the line', async ({
  shop,
  till: { page },
}) => {
  const manager = shop.demo.staff.find(({ role }) => role === 'manager');
  const supervisor = shop.demo.staff.find(({ role }) => role === 'supervisor');
  if (manager === undefined || supervisor === undefined) throw new Error('nobody who may change the rules');
  await page.keyboard.press('F9');
  await signIn(page, manager);
  await page.keyboard.press('F4');
  await page.getByRole('button', { name: word('rules.title') }).click();
  await page.getByRole('button', { name: word('rules.nav.offline') }).click();
  await page.getByLabel(word('rules.sealedEach')).fill('2');
  await cut(page);
  await page.keyboard.press('F10');
  const field = page.getByRole('dialog').locator('input:focus');
  await expect(field).toHaveValue('');
  await page.keyboard.type(manager.pin);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
  await back(page);
  await expect(field).toHaveValue('');
  await page.keyboard.type(manager.pin);
  await page.keyboard.press('Enter');
  // Rules of spending without a line are changed by two people.
  const second = page.getByRole('dialog', { name: word('rules.secondTitle') });
  await second.getByRole('radio', { name: supervisor.name }).press('Space');
  await expect(second.getByLabel(word('rules.secondPin'))).toBeFocused();
  await page.keyboard.type(supervisor.pin);
  await page.keyboard.press('Enter');
  await expect(page.getByText(word('rules.saved', { version: 2 }))).toBeVisible();
  await expect(page.getByLabel(word('rules.sealedEach'))).toHaveValue('2');
});

test('the report: without a line in words, with it both sides agree', async ({ till: { page } }) => {
  await page.keyboard.press('F4');
  await cut(page);
  await page.getByRole('button', { name: word('report.title') }).click();
  await expect(page.getByText(word('report.notLoaded'))).toBeVisible();
  await back(page);
  await page.getByRole('button', { name: word('report.retry') }).click();
  await expect(page.getByText(word('report.agrees'), { exact: true })).toBeVisible();
  await expect(page.locator('[data-row="captured.deposit"]')).toContainText('3 ×');
  await expect(page.locator('[data-row="offline.deposit"]')).toContainText('12.000');
  await expect(page.locator('[data-differs="true"]')).toHaveCount(0);
  await page.keyboard.press('F1');
  await expect(page.getByText(word('attention.empty'), { exact: true })).toBeVisible();
});

const status = (page: Page, id: string) => page.locator(`[data-status="${id}"]`);

/** Every connection is reset; the screen has said so when this returns. */
async function cut(page: Page): Promise<void> {
  line.mode('cut');
  await expect(status(page, 'gateway')).toContainText(word('statusBar.gateway.offline'));
}

async function back(page: Page): Promise<void> {
  line.mode('pass');
  line.drop();
  await expect(status(page, 'gateway')).toContainText(
    new RegExp(`${word('statusBar.gateway.online')}|${word('statusBar.gateway.degraded')}`),
    { timeout: 20_000 },
  );
}

function person(shop: E2eShop, name: string) {
  const found = shop.demo.staff.find((one) => one.name.startsWith(name));
  if (found === undefined) throw new Error(`no ${name} in the demo`);
  return found;
}

function customer(shop: E2eShop, index: number) {
  const found = shop.demo.customers[index];
  if (found === undefined) throw new Error('no demo');
  return found;
}

type Message = Awaited<ReturnType<E2eShop['messagesTo']>>[number];
const isRequest = ({ direction, rendered }: Message) =>
  direction === 'to_phone' && rendered.body.includes('35.000');

/** The first of the codes on a supervisor's phone, as the message writes it. */
async function sealedCodeOf(shop: E2eShop, phone: string): Promise<string> {
  const codes = async () =>
    (await shop.messagesTo(phone)).flatMap(
      ({ rendered }) => rendered.body.match(/\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/g) ?? [],
    );
  await expect.poll(async () => (await codes()).length).toBeGreaterThan(0);
  return (await codes())[0] ?? '';
}

async function findCustomer(page: Page, memberNo: string): Promise<void> {
  await page.getByRole('combobox').fill(memberNo);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: /Rp/ })).toBeFocused();
}

async function startRedemption(page: Page, memberNo: string, amount: number): Promise<void> {
  await findCustomer(page, memberNo);
  await page.keyboard.type(String(amount));
  await page.keyboard.press('Enter');
  await expect(screen(page, 'code')).toBeVisible();
}

async function expectBooked(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
  await expect(page.getByText(word('result.settlement.confirmed'))).toBeVisible({ timeout: 20_000 });
}

async function nextCustomer(page: Page): Promise<void> {
  await expect(async () => {
    await page.getByRole('button', { name: word('result.next') }).click({ timeout: 3_000 });
    await expect(page.getByRole('combobox')).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await page.getByRole('combobox').fill('');
}
