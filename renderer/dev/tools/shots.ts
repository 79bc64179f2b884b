/**
 * Pictures of the screens: `node renderer/dev/tools/shots.ts <folder> [state …]` writes one PNG for each state, size,
 * theme and language. For looking at, not for comparing.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findBrowser } from '../../../test/fixtures/find-browser.ts';
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
/** Focus, fonts and the search of the state come to rest. */
const SETTLE_MS = 600;

const [folder = 'shots', ...wanted] = process.argv.slice(2);
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
    for (const state of wanted.length > 0 ? wanted : DEV_STATE_NAMES) {
      await page.goto('about:blank');
      await page.goto(`${site.url}#state=${state}&lang=${lang}&theme=${theme}`);
      await page.waitForTimeout(SETTLE_MS);
      await page.screenshot({ path: join(folder, `${state}-${viewport.width}-${theme}-${lang}.png`) });
    }
  }
  await page.close();
}
await browser.close();
await site.close();
