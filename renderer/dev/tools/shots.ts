/**
 * Pictures of the screens: `node renderer/dev/tools/shots.ts <folder> [state …]` writes one PNG for each state, size,
 * theme and language; a state of the gateway's pages is named `gateway-…`. For looking at, not for comparing.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findBrowser } from '../../../test/fixtures/find-browser.ts';
import { GATEWAY_STATE_NAMES } from '../gateway/states.ts';
import { DEV_STATE_NAMES } from '../states.ts';
import { openDevSite } from './dev-site.ts';

const SIZES = [
  { width: 1366, height: 768 },
  { width: 1024, height: 600 },
] as const;
const LOOKS = [
  { theme: 'light', lang: 'id' },
  { theme: 'dark', lang: 'en' },
] as const;
/** Before the names of the states of the gateway's pages. */
const GATEWAY = 'gateway-';
/** Focus, fonts and what the state searches or reads come to rest. */
const SETTLE_MS = 1_200;

const [folder = 'shots', ...wanted] = process.argv.slice(2);
const names =
  wanted.length > 0
    ? wanted
    : [...DEV_STATE_NAMES, ...GATEWAY_STATE_NAMES.map((name) => `${GATEWAY}${name}`)];
await mkdir(folder, { recursive: true });
const site = await openDevSite();
const executablePath = findBrowser();
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: ['--no-sandbox'],
});
for (const viewport of SIZES) {
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' });
  for (const { theme, lang } of LOOKS) {
    for (const state of names) {
      await page.goto('about:blank');
      const url = state.startsWith(GATEWAY) ? site.url.replace('dev.html', 'dev-gateway.html') : site.url;
      await page.goto(`${url}#state=${state.replace(GATEWAY, '')}&lang=${lang}&theme=${theme}`);
      await page.waitForTimeout(SETTLE_MS);
      await page.screenshot({ path: join(folder, `${state}-${viewport.width}-${theme}-${lang}.png`) });
    }
  }
  await page.close();
}
await browser.close();
await site.close();
