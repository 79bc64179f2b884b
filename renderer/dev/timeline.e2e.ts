import { expect, type Page, test } from '@playwright/test';
import { DEV_PIN } from './fake-bridge.ts';
import { misfits, rulesOf, SMALLEST } from './tools/checks.ts';
import { axe, openState as open } from './tools/dev-test.ts';

const rows = (page: Page) => page.getByRole('option');
const detail = (page: Page) => page.getByRole('region', { name: 'The chosen event' });

test('from any page by F10: the PIN once, then the record, by keyboard', async ({ page }) => {
  await open(page, 'timeline_locked');
  await page.keyboard.press('F2');
  await page.keyboard.press('F10');
  await page.getByLabel('Your PIN').fill('9999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('PIN');
  await page.getByLabel('Your PIN').fill(DEV_PIN);
  await page.keyboard.press('Enter');
  await expect(rows(page).first()).toContainText('Drawer opened without a reason');
  await page.getByRole('listbox').focus();
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowDown');
  await expect(detail(page)).toContainText('Approved: Void');
  await expect(detail(page)).toContainText('Took8.4 sec');
  await expect(detail(page)).toContainText('Waytap on the phone');
  await expect(detail(page)).toContainText(
    /Entry 12,995 of the server’s chain|Entry 12,995 of the server's chain/,
  );
  await expect(detail(page)).toContainText(/[0-9a-f]{64}/);
  await page.keyboard.press('Escape');
  await expect(page.locator('main[data-screen="settings"]')).toBeVisible();
  // It stays open.
  await page.keyboard.press('F10');
  await expect(rows(page).first()).toBeVisible();
});

test('as long as it is: only rows in the window are drawn, older ones come while one goes down', async ({
  page,
}) => {
  await open(page, 'timeline');
  await expect(page.getByRole('status').filter({ hasText: '50 events shown, more' })).toHaveCount(1);
  expect(await rows(page).count()).toBeLessThan(40);
  await page.getByRole('listbox').focus();
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(page.getByRole('status').filter({ hasText: /^140 events shown$/ })).toHaveCount(1, {
      timeout: 500,
    });
  }).toPass();
  await page.keyboard.press('End');
  await expect(rows(page).last()).toHaveAttribute('aria-posinset', '140');
  expect(await rows(page).count()).toBeLessThan(40);
});

test('narrowed, word by word, and each of it taken off again', async ({ page }) => {
  await open(page, 'timeline');
  await expect(rows(page).first()).toBeVisible();
  await page.getByRole('button', { name: 'Filter' }).click();
  const panel = page.getByRole('region', { name: 'Filter' });
  await panel.getByText('Approvals', { exact: true }).click();
  await expect(rows(page).first()).toContainText('Approved: Void');
  await panel.getByText('refused', { exact: true }).click();
  await expect(rows(page).first()).toContainText('Rejected: Discount');
  await panel.getByLabel('Cashier').selectOption({ label: 'Budi Santoso' });
  await expect(page.getByText('No event fits')).toBeVisible();
  await page.getByRole('button', { name: 'Remove: Budi Santoso' }).click();
  await expect(rows(page).first()).toContainText('Rejected: Discount');
  await panel.getByLabel('Amount from').fill('95.001');
  await expect(page.getByText('No event fits')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await panel.getByRole('searchbox', { name: 'Customer' }).fill('siti');
  await panel.getByRole('button', { name: 'Siti Rahmawati' }).click();
  await expect(page.getByRole('list', { name: 'What is set' })).toContainText('Siti Rahmawati');
  await expect(rows(page).first()).toContainText('Siti Rahmawati');
  await panel.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('POS-2026-001179');
  await expect(rows(page).first()).toContainText('Approved: Void');
});

test('one event leads to all of its sale, its cashier and its customer', async ({ page }) => {
  await open(page, 'timeline');
  await rows(page).nth(1).click();
  await detail(page).getByRole('button', { name: 'All of this matter' }).click();
  await expect(page.getByRole('button', { name: 'Remove: One matter' })).toBeVisible();
  await expect(rows(page).nth(3)).toContainText('Code refused');
  await detail(page).getByRole('button', { name: 'All of sale POS-2026-001182' }).click();
  await expect(page.getByRole('button', { name: 'Remove: “POS-2026-001182”' })).toBeVisible();
  await detail(page).getByRole('button', { name: 'All of customer Siti Rahmawati' }).click();
  await expect(page.getByRole('button', { name: 'Remove: Siti Rahmawati' })).toBeVisible();
  await detail(page).getByRole('button', { name: 'All of Ayu Lestari' }).click();
  await expect(page.getByRole('button', { name: 'Remove: Ayu Lestari' })).toBeVisible();
});

test('a view is kept, chosen and taken away', async ({ page }) => {
  await open(page, 'timeline');
  const views = page.getByRole('button', { name: 'Views', exact: true });
  await views.click();
  await page.getByRole('button', { name: 'Laci tanpa penjelasan', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Remove: Drawer opened without a reason' })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search' }).fill('budi');
  await views.click();
  await page.getByLabel('Name of the view').fill('Budi');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Budi', exact: true })).toBeVisible();
  // It closes the views and leaves the page.
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Name of the view')).toHaveCount(0);
  await page.getByRole('button', { name: 'Show all' }).click();
  await views.click();
  await page.getByRole('button', { name: 'Budi', exact: true }).click();
  await expect(page.getByRole('searchbox', { name: 'Search' })).toHaveValue('budi');
  await views.click();
  await page.getByRole('button', { name: 'Remove the view Budi' }).click();
  await page.getByRole('button', { name: 'Remove the view Budi' }).click();
  await expect(page.getByRole('button', { name: 'Budi', exact: true })).toHaveCount(0);
});

test('what happens meanwhile appears by itself, and not while the switch is off', async ({ page }) => {
  await open(page, 'timeline_live');
  const live = page.getByRole('switch', { name: 'Live' });
  await expect(live).toBeChecked();
  await expect(rows(page).first()).toContainText('Approval asked for: Void');
  await expect(rows(page).nth(1)).toContainText('Drawer opened without a reason');

  await open(page, 'timeline_live');
  await live.click();
  await expect(live).not.toBeChecked();
  await expect(rows(page).first()).toContainText('Drawer opened without a reason');
});

test('a point and a number of the pictures open their events', async ({ page }) => {
  await open(page, 'timeline');
  await page.getByRole('button', { name: 'Charts' }).click();
  await page.getByText('Voids', { exact: true }).first().click();
  const picture = page.locator('[data-picture="By hour of the day"]');
  await picture.locator('.recharts-bar-rectangle path').nth(5).click();
  await expect(page.locator('main[data-screen="timeline"]')).toBeVisible();
  const set = page.getByRole('list', { name: 'What is set' });
  await expect(set).toContainText('“void”');
  await expect(set).toContainText('Approved');
  await expect(set).toContainText(/\d\d:00–\d\d:00/);

  await page.getByRole('button', { name: 'Charts' }).click();
  await page.getByRole('button', { name: /Events, Budi Santoso, 09:00: show in the record/ }).click();
  await expect(set).toContainText('Budi Santoso');
  await expect(set).toContainText('09:00–10:00');

  await page.getByRole('button', { name: 'Charts' }).click();
  await page.getByText('The numbers: By day').click();
  await page
    .getByRole('button', { name: /^\d+ Events, .*: show in the record$/ })
    .first()
    .press('Enter');
  await expect(page.locator('main[data-screen="timeline"]')).toBeVisible();
});

test('what opens beside the list is for everybody, and fits the smallest window', async ({ page }) => {
  await page.setViewportSize(SMALLEST);
  const isFine = async () => {
    const { violations } = await rulesOf(axe(page), 'light').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await misfits(page)).toEqual([]);
  };
  for (const lang of ['id', 'tr']) {
    await open(page, 'timeline', { lang });
    await rows(page).nth(5).click();
    await page.locator('summary').click();
    await isFine();
    await page.locator('button[aria-expanded]').first().click();
    await expect(page.locator('input[type="datetime-local"]')).toHaveCount(2);
    await isFine();
    await open(page, 'pictures', { lang });
    for (const numbers of await page.locator('summary').all()) await numbers.click();
    await isFine();
  }
});
