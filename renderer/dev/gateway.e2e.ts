import { expect, type Page } from '@playwright/test';
import { GATEWAY_STATE_NAMES, type GatewayStateName } from './gateway/states.ts';
import { misfits, rulesOf, SMALLEST, THEMES } from './tools/checks.ts';
import { axeOnOnePage, DEV_SITE_URL, testOnOnePage } from './tools/dev-test.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;

async function turn(page: Page, state: GatewayStateName, lang: string, theme: string): Promise<void> {
  const site = process.env[DEV_SITE_URL]?.replace('dev.html', 'dev-gateway.html');
  if (site === undefined)
    throw new Error(`${DEV_SITE_URL} is not set: run the tests by Playwright's configuration`);
  const next = `${site}#state=${state}&lang=${lang}&theme=${theme}`;
  if (page.url().startsWith(site)) await page.evaluate((url) => window.location.replace(url), next);
  else await page.goto(next);
  await page.locator(`html[lang="${lang}"][data-mantine-color-scheme="${theme}"]`).waitFor();
  await page.locator(`body[data-state="${state}"] main`).waitFor();
  if (!state.endsWith('starting')) await page.locator('main h1').waitFor();
}

testOnOnePage.describe("each state of the gateway's pages", () => {
  for (const state of GATEWAY_STATE_NAMES) {
    testOnOnePage(state, async ({ look: page, complaints }) => {
      await page.setViewportSize(SMALLEST);
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
      expect(complaints).toEqual([]);
    });
  }
});
