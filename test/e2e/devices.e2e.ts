import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { test } from './shop-fixture.ts';
import { pair, screen, signIn, word } from './till-steps.ts';

test.use({ shopName: 'devices' });
test.describe.configure({ mode: 'serial' });

interface TillFile {
  devices: { printer: { transport: { kind: string; path?: string } } };
}
const readTillFile = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as TillFile;

test('from no printer to a printed page, before the pairing', async ({ shop, till }) => {
  const { page } = till;
  const { configFile } = shop.ready.tillOptions;
  const before = readTillFile(configFile);
  const { path } = before.devices.printer.transport;
  if (path === undefined) throw new Error('the shop has no printer on a terminal');
  writeFileSync(
    configFile,
    JSON.stringify({ ...before, devices: { printer: { transport: { kind: 'none' } } } }),
  );
  await till.restart('SIGTERM');

  await page.getByRole('button', { name: word('devices.title') }).click();
  const printer = page.locator('[data-device="printer"]');
  await expect(printer).toContainText(word('statusBar.printer.none'));
  await page.getByRole('button', { name: word('devices.testPrint') }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect((await shop.printer()).slipCount).toBe(0);

  await page.getByLabel(word('devices.address')).fill(path);
  await page.getByRole('button', { name: word('devices.choose'), exact: true }).click();
  await expect(page.getByRole('button', { name: word('devices.testPrint') })).toBeDisabled();
  await page.getByRole('button', { name: word('devices.save') }).click();
  await expect(printer).toContainText(word('statusBar.printer.ready'));

  await page.getByRole('button', { name: word('devices.testPrint') }).click();
  await expect(page.getByText(word('devices.printed'))).toBeVisible();
  const { slips, errors } = await shop.printer();
  expect(errors).toEqual([]);
  expect(slips[0]?.text.join('\n')).toContain('HALAMAN UJI');

  await page.getByRole('button', { name: word('devices.testDrawer') }).click();
  await expect(page.getByText(word('devices.opened'))).toBeVisible();
  expect(await shop.printer()).toMatchObject({ drawerPulses: 1, drawerOpen: true });
  await shop.printerDo('close-drawer');

  // The rest of the file is as it was, and the next start has the printer.
  expect(readTillFile(configFile)).toMatchObject({
    ...before,
    devices: { printer: { transport: { kind: 'serial', path } } },
  });
  await till.restart('SIGTERM');
  await page.getByRole('button', { name: word('devices.title') }).click();
  await expect(printer).toContainText(word('statusBar.printer.ready'));
  await page.keyboard.press('Escape');
  await expect(screen(page, 'first_run')).toBeVisible();
});

test('in a shop: a manager sets up, nobody opens the drawer from there', async ({ shop, till: { page } }) => {
  await pair(page, shop);
  const staff = (role: string) => {
    const found = shop.demo.staff.find((member) => member.role === role);
    if (found === undefined) throw new Error(`no ${role}`);
    return found;
  };
  await signIn(page, staff('cashier'));
  await page.keyboard.press('F4');
  await expect(page.getByRole('button', { name: word('devices.title') })).toBeHidden();
  await page.keyboard.press('F9');

  await signIn(page, staff('manager'));
  await page.keyboard.press('F4');
  await page.getByRole('button', { name: word('devices.title') }).click();
  await expect(page.getByText(word('devices.drawerNeeds'))).toBeVisible();
  await expect(page.getByRole('button', { name: word('devices.testDrawer') })).toBeHidden();
  await page.getByRole('button', { name: word('devices.testPrint') }).click();
  await expect(page.getByText(word('devices.printed'))).toBeVisible();
  expect((await shop.printer()).drawerPulses).toBe(1);
});
