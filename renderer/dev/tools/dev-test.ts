import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { DevStateName } from '../states.ts';

/** The project of the development page's tests. */
export const SCREENS_PROJECT = 'screens';
/** Where the workers read the address of the development page. */
export const DEV_SITE_URL = 'SAKSI_DEV_SITE_URL';

interface Look {
  readonly lang?: string;
  readonly theme?: string;
}

export function devAddress(state: DevStateName, { lang = 'en', theme = 'light' }: Look = {}): string {
  const url = process.env[DEV_SITE_URL];
  if (url === undefined)
    throw new Error(`${DEV_SITE_URL} is not set: run the tests by Playwright's configuration`);
  return `${url}#state=${state}&lang=${lang}&theme=${theme}`;
}

/** Loads one state of one screen, afresh, and waits until it is drawn. */
export async function openState(page: Page, state: DevStateName, look: Look = {}): Promise<void> {
  // A change of the hash alone would be a second load on top of the first.
  await page.goto('about:blank');
  await page.goto(devAddress(state, look));
  await page.locator('main').waitFor();
}

/** In the page itself: there are no frames in it for which axe would need a second page. */
export const axe = (page: Page) => new AxeBuilder({ page }).setLegacyMode(true);
