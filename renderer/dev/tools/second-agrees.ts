import { expect, type Page } from '@playwright/test';
import { DEV_PIN } from '../fake-bridge.ts';

/** What weakens the rules, or may, needs somebody else's PIN after the manager's: of the only one who is there. */
export async function secondAgrees(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Somebody else agrees' });
  await expect(dialog.getByLabel('Their PIN')).toBeFocused();
  await page.keyboard.type(DEV_PIN);
  await page.keyboard.press('Enter');
}
