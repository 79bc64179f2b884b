import { AxeBuilder } from '@axe-core/playwright';
import { test as base, type ConsoleMessage, type Page } from '@playwright/test';
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

interface OnePage {
  /** One page for all tests of a worker: loading it takes longer than looking at a state. */
  readonly look: Page;
}

interface Watched {
  /** What the page complained of in this test: errors and warnings on its console, and what it threw. */
  readonly complaints: readonly string[];
}

export const testOnOnePage = base.extend<Watched, OnePage>({
  look: [
    async ({ browser }, use) => {
      const page = await browser.newPage({ reducedMotion: 'reduce' });
      await use(page);
      await page.close();
    },
    { scope: 'worker' },
  ],
  complaints: async ({ look }, use) => {
    const complaints: string[] = [];
    const onConsole = (message: ConsoleMessage) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    };
    const onError = (error: Error) => complaints.push(error.message);
    look.on('console', onConsole);
    look.on('pageerror', onError);
    await use(complaints);
    look.off('console', onConsole);
    look.off('pageerror', onError);
  },
});

/** Another state on the page of `testOnOnePage`; all of the state before it is taken off first. */
export async function turnToState(page: Page, state: DevStateName, look: Look = {}): Promise<void> {
  // Before the first view a page still has the language and the look of the state before.
  if (state === 'connecting' || page.url() === 'about:blank') return openState(page, state, look);
  await page.evaluate((next) => window.location.replace(next), devAddress(state, look));
  await page.locator(`body[data-state="${state}"] main`).waitFor();
}

/** axe on the page of `testOnOnePage`: it is read into the page once. */
export async function axeOnOnePage(page: Page): Promise<AxeBuilder> {
  const there = await page.evaluate(() => 'axe' in window);
  return new AxeBuilder(there ? { page, axeSource: ';' } : { page }).setLegacyMode(true);
}

/** In the page itself: there are no frames in it for which axe would need a second page. */
export const axe = (page: Page) => new AxeBuilder({ page }).setLegacyMode(true);
