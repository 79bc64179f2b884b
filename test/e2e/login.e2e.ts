import { expect, type Page } from '@playwright/test';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { test } from './shop-fixture.ts';
import { pair, screen, signIn, word } from './till-steps.ts';

test.use({ shopName: 'a code at sign-in' });

const REMEMBER_DAYS = 30;

/** The tile and the PIN; what comes after is for the test. */
async function typePin(page: Page, { name, pin }: { name: string; pin: string }): Promise<void> {
  await page.getByRole('radio', { name: new RegExp(name) }).click();
  await page.keyboard.type(pin);
  await page.keyboard.press('Enter');
}

test('a supervisor types the code of their own phone; the till that remembers them asks for none', async ({
  shop,
  till,
}) => {
  const { page } = till;
  const login = { ...DEFAULT_POLICY.login, who: 'supervisors', rememberDays: REMEMBER_DAYS };
  await shop.setPolicy({ ...DEFAULT_POLICY, login });
  const dewi = shop.demo.staff.find(({ role }) => role === 'cashier');
  const supervisor = shop.demo.staff.find(({ role, phone }) => role === 'supervisor' && phone !== undefined);
  if (dewi === undefined || supervisor?.phone === undefined) throw new Error('no demo');
  const asked = page.getByRole('heading', { name: word('loginCode.title', { name: supervisor.name }) });

  await pair(page, shop);
  // The policy does not ask cashiers.
  await signIn(page, dewi);
  await expect(page.getByRole('combobox')).toBeVisible();
  await page.keyboard.press('F9');

  await typePin(page, supervisor);
  await expect(asked).toBeVisible();
  const code = await shop.codeOf(supervisor.phone);
  expect(await page.content()).not.toContain(code);
  const wrong = code === '000000' ? '000001' : '000000';
  await page.keyboard.type(wrong);
  await expect(page.getByRole('alert')).toContainText(String(DEFAULT_POLICY.codes.tries - 1));
  await expect(asked).toBeVisible();

  await page.getByRole('switch', { name: word('loginCode.remember', { days: REMEMBER_DAYS }) }).click();
  await page.getByRole('textbox').first().click();
  await page.keyboard.type(code);
  await expect(screen(page, 'redeem')).toBeVisible();
  await expect(asked).toBeHidden();
  const events = () =>
    shop.query<{ kind: string }>('select * from login_events order by 1').then((rows) => rows.length);
  const written = await events();

  await page.keyboard.press('F9');
  await signIn(page, supervisor);
  await expect(page.getByRole('combobox')).toBeVisible();
  await expect(asked).toBeHidden();

  // What it remembers is on its disk.
  await till.restart('SIGKILL');
  await signIn(page, supervisor);
  await expect(page.getByRole('combobox')).toBeVisible();
  expect(await events()).toBe(written);
  expect(await shop.codeOf(supervisor.phone)).toBe(code);
});
