import { expect, type Page } from '@playwright/test';
import { test } from './shop-fixture.ts';
import { ledgerSum, nextCustomer, pair, screen, signIn, word } from './till-steps.ts';

const AMOUNT = 50_000;

test.use({ shopName: 'redemptions' });
test.describe.configure({ mode: 'serial' });

test('a new till is paired with the code that the operator gave', async ({ shop, till: { page } }) => {
  await expect(page.getByRole('heading', { name: word('firstRun.title') })).toBeVisible();
  await page.getByLabel(word('firstRun.address')).fill(shop.gatewayUrl);
  await page.getByLabel(word('firstRun.code')).fill('AAAAA-AAAAA-AAAAA-AAAAA');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await pair(page, shop);
});

test('a redemption from end to end, by keyboard alone', async ({ shop, till: { page } }) => {
  const [dewi] = shop.demo.staff;
  const [ayu] = shop.demo.customers;
  if (dewi === undefined || ayu === undefined) throw new Error('no demo');
  await signIn(page, dewi);

  // Three interactions from the customer to the code: name them, say how much, send.
  await findCustomer(page, ayu.memberNo);
  await page.keyboard.type(String(AMOUNT));
  await page.getByRole('switch', { name: word('redeem.drawer') }).press('Space');
  await page.getByRole('button', { name: word('redeem.start') }).focus();
  await page.keyboard.press('Enter');

  await expect(screen(page, 'code')).toBeVisible();
  await expect(
    page.getByText(new RegExp(`${word('delivery.state.delivered')}|${word('delivery.state.read')}`)),
  ).toBeVisible();
  expect(await shop.balance(ayu.id, 'deposit')).toEqual({
    available: ayu.deposit - AMOUNT,
    reserved: AMOUNT,
  });
  expect((await shop.printer()).drawerPulses).toBe(0);

  const code = await shop.codeOf(ayu.phone);
  await page.keyboard.type(code === '111111' ? '222222' : '111111');
  await expect(page.getByRole('alert')).toBeVisible();
  expect((await shop.printer()).drawerPulses).toBe(0);
  await page.keyboard.type(code);

  await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
  await expect(page.getByText(word('result.settlement.confirmed'))).toBeVisible();
  expect(await shop.balance(ayu.id, 'deposit')).toEqual({ available: ayu.deposit - AMOUNT, reserved: 0 });
  const printer = await shop.printer();
  expect(printer).toMatchObject({ drawerPulses: 1, drawerOpen: true, slipCount: 1, errors: [] });
  const text = printer.slips[0]?.text ?? [];
  expect(text.join('\n')).toContain(shop.demo.storeName);
  expect(text.join('\n')).toMatch(/50\.000/);
  expect(text.join('\n')).toMatch(/450\.000/);
  expect(text.join('\n')).not.toContain(ayu.phone.slice(3));
  expect(text.join('\n')).not.toContain(code);
  expect(await ledgerSum(shop)).toBe(0);
  await shop.printerDo('close-drawer');
});

test('five wrong codes end it: nothing is charged, no device moves', async ({ shop, till: { page } }) => {
  const [, rizky] = shop.demo.customers;
  if (rizky === undefined) throw new Error('no demo');
  await nextCustomer(page);
  await startRedemption(page, rizky.memberNo, 30_000);
  const code = await shop.codeOf(rizky.phone);
  const wrong = code === '123456' ? '654321' : '123456';
  const firstDigit = page.locator('input[data-autofocus]').first();
  for (let left = 4; left >= 1; left -= 1) {
    await expect(firstDigit).toBeFocused();
    await expect(firstDigit).toBeEditable();
    await page.keyboard.type(wrong);
    await expect(page.getByRole('alert')).toContainText(String(left));
  }
  await expect(firstDigit).toBeFocused();
  await expect(firstDigit).toBeEditable();
  await page.keyboard.type(wrong);
  await expect(page.getByRole('heading', { name: word('result.stage.failed') })).toBeVisible();
  expect(await shop.balance(rizky.id, 'deposit')).toEqual({ available: rizky.deposit, reserved: 0 });
  expect(await shop.printer()).toMatchObject({ drawerPulses: 1, slipCount: 1 });
});

test('no paper: the money is safe, the screen says what to do, the slip prints by itself once there is some', async ({
  shop,
  till: { page },
}) => {
  const [, , putri] = shop.demo.customers;
  if (putri === undefined) throw new Error('no demo');
  await nextCustomer(page);
  await shop.printerDo('remove-paper');
  await expect(page.getByText(word('statusBar.printer.paper_out'))).toBeVisible();
  await startRedemption(page, putri.memberNo, 25_000);
  await page.keyboard.type(await shop.codeOf(putri.phone));
  await expect(page.getByRole('alert')).toContainText(word('result.slip.goesOn'), { timeout: 30_000 });
  await expect(page.getByText(word('result.settlement.confirmed'))).toBeVisible();
  expect(await shop.balance(putri.id, 'deposit')).toEqual({ available: putri.deposit - 25_000, reserved: 0 });
  const before = (await shop.printer()).slipCount;
  await shop.printerDo('refill');
  await expect(page.getByText(word('result.slip.printed'), { exact: true })).toBeVisible();
  expect((await shop.printer()).slipCount).toBe(before + 1);
  // From here on, what is asked for is a copy.
  await page.getByRole('button', { name: word('result.copy') }).click();
  await expect.poll(async () => (await shop.printer()).slipCount).toBe(before + 2);
});

test('a message that cannot arrive is never shown as arrived, and says why', async ({
  shop,
  till: { page },
}) => {
  const [, , , hendra] = shop.demo.customers;
  if (hendra === undefined) throw new Error('no demo');
  await nextCustomer(page);
  await shop.phones(`phones/${hendra.phone.slice(1)}`, 'PATCH', { onWhatsApp: false });
  await startRedemption(page, hendra.memberNo, 10_000);
  await expect(page.getByText(word('delivery.reason.not_on_whatsapp'))).toBeVisible();
  await expect(page.getByText(word('delivery.state.delivered'))).toBeHidden();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: word('code.cancelYes') }).click();
  await expect(page.getByRole('heading', { name: word('result.stage.cancelled') })).toBeVisible();
  await expect
    .poll(() => shop.balance(hendra.id, 'deposit'))
    .toEqual({ available: hendra.deposit, reserved: 0 });
});

test('the power goes while the code is awaited: the same redemption goes on', async ({ shop, till }) => {
  const { page } = till;
  const [dewi] = shop.demo.staff;
  const emily = shop.demo.customers[4];
  if (dewi === undefined || emily === undefined) throw new Error('no demo');
  await nextCustomer(page);
  await startRedemption(page, emily.memberNo, 20_000);
  const code = await shop.codeOf(emily.phone);
  await till.restart('SIGKILL');
  await signIn(page, dewi);
  await expect(screen(page, 'code')).toBeVisible();
  await page.keyboard.type(code);
  await expect(page.getByText(word('result.settlement.confirmed'))).toBeVisible();
  expect(await shop.balance(emily.id, 'deposit')).toEqual({ available: emily.deposit - 20_000, reserved: 0 });
  expect(await ledgerSum(shop)).toBe(0);
});

test('a cashier terminal starts one over the POS link; the cashier only types the code', async ({
  shop,
  till: { page },
}) => {
  const mehmet = shop.demo.customers[5];
  if (mehmet === undefined) throw new Error('no demo');
  await nextCustomer(page);
  const { url, token } = shop.posLink();
  const start = () =>
    fetch(`${url}/v1/redemptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': 'terminal-sale-77',
      },
      body: JSON.stringify({
        customer: { phone: mehmet.phone },
        asset: 'points',
        amount: 500,
        saleRef: 'INV-77',
        drawer: false,
      }),
    });
  const first = (await (await start()).json()) as { id: string };
  await expect(page.getByText('INV-77')).toBeVisible();
  // The terminal lost the answer and asks again: the same redemption.
  expect(((await (await start()).json()) as { id: string }).id).toBe(first.id);
  await page.keyboard.type(await shop.codeOf(mehmet.phone));
  await expect(page.getByRole('heading', { name: word('result.stage.done') })).toBeVisible();
  await expect
    .poll(() => shop.balance(mehmet.id, 'points'))
    .toEqual({ available: mehmet.points - 500, reserved: 0 });
});

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
