import { expect, type Page, test } from '@playwright/test';
import { DEV_STATE_NAMES, type DevStateName } from './states.ts';
import { misfits, rulesOf, SMALLEST, THEMES } from './tools/checks.ts';
import { axeOnOnePage, devAddress, openState, testOnOnePage, turnToState } from './tools/dev-test.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;

async function open(page: Page, state: DevStateName) {
  await turnToState(page, state, { lang: 'id' });
  // The search of the states that begin with one.
  if (state === 'redeem_results' || state === 'redeem_offline')
    await page.getByRole('option').first().waitFor();
  // What a page reads first.
  if (state === 'timeline' || state === 'timeline_live' || state === 'timeline_set')
    await page.getByRole('option').first().waitFor();
  if (state === 'timeline_locked') await page.getByRole('textbox').waitFor();
  if (state === 'pictures') await page.getByRole('figure').first().waitFor();
}

/** Another language or look of the state that is shown; before the first view there is only the one. */
async function turn(page: Page, state: DevStateName, lang: string, theme: string) {
  if (state === 'connecting') return;
  await page.evaluate((next) => window.location.replace(next), devAddress(state, { lang, theme }));
  await page.locator(`html[lang="${lang}"][data-mantine-color-scheme="${theme}"]`).waitFor();
}

testOnOnePage.describe('each state', () => {
  for (const state of DEV_STATE_NAMES) {
    testOnOnePage(state, async ({ look: page, complaints }) => {
      await page.setViewportSize(SMALLEST);

      await open(page, state);
      for (const theme of THEMES) {
        await turn(page, state, 'id', theme);
        const { violations } = await rulesOf(await axeOnOnePage(page), theme).analyze();
        const found = violations.map(({ id, impact, nodes }) => [id, impact, nodes.map(({ html }) => html)]);
        expect(found, `${theme}: accessibility`).toEqual([]);
      }
      for (const lang of LANGUAGES) {
        await turn(page, state, lang, 'light');
        expect(await misfits(page), `${lang}: layout at 1024×600`).toEqual([]);
      }
      // The page's policy allows no inline style or script: a violation is an error on the console.
      expect(complaints).toEqual([]);
    });
  }
});

test('less motion: another theme is there at once, nothing fades into it', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openState(page, 'trouble_sign_in', { lang: 'id' });
  const moving = await page.evaluate(
    (dark) =>
      new Promise<number>((resolve) => {
        new MutationObserver(() => {
          getComputedStyle(document.body).getPropertyValue('color');
          resolve(document.getAnimations().length);
        }).observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
        window.location.replace(dark);
      }),
    devAddress('trouble_sign_in', { lang: 'id', theme: 'dark' }),
  );
  expect(moving).toBe(0);
});
