import type { AxeBuilder } from '@axe-core/playwright';
import { type ConsoleMessage, expect, type Page, test } from '@playwright/test';
import { DEV_STATE_NAMES, type DevStateName } from './states.ts';
import { axeOnOnePage, devAddress, openState, testOnOnePage, turnToState } from './tools/dev-test.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;
const THEMES = ['light', 'dark'] as const;
/** The smallest window that the main flow must fit without scrolling. */
const SMALLEST = { width: 1024, height: 600 };
const TOUCH_MIN_PX = 44;

async function open(page: Page, state: DevStateName) {
  await turnToState(page, state, { lang: 'id' });
  // The search of the states that begin with one.
  if (state === 'redeem_results' || state === 'redeem_offline')
    await page.getByRole('option').first().waitFor();
}

/** Only colours differ between the two looks. */
function rulesOf(builder: AxeBuilder, theme: (typeof THEMES)[number]): AxeBuilder {
  if (theme === 'dark') return builder.withRules(['color-contrast', 'link-in-text-block']);
  return builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
}

/** Another language or look of the state that is shown; before the first view there is only the one. */
async function turn(page: Page, state: DevStateName, lang: string, theme: string) {
  if (state === 'connecting') return;
  await page.evaluate((next) => window.location.replace(next), devAddress(state, { lang, theme }));
  await page.locator(`html[lang="${lang}"][data-mantine-color-scheme="${theme}"]`).waitFor();
}

testOnOnePage.describe('each state', () => {
  const complaints: string[] = [];
  const onConsole = (message: ConsoleMessage) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  };
  const onError = (error: Error) => complaints.push(error.message);
  testOnOnePage.beforeEach(({ look }) => {
    complaints.length = 0;
    look.on('console', onConsole);
    look.on('pageerror', onError);
  });
  testOnOnePage.afterEach(({ look }) => {
    look.off('console', onConsole);
    look.off('pageerror', onError);
  });

  for (const state of DEV_STATE_NAMES) {
    testOnOnePage(state, async ({ look: page }) => {
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

/** What does not fit: scrolling of the main part, cut button texts, overlapping parts, targets too small to touch. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate((touchMin) => {
    const found: string[] = [];
    const main = document.querySelector('main');
    if (main !== null && main.scrollHeight > main.clientHeight + 1) {
      found.push(`main scrolls by ${main.scrollHeight - main.clientHeight}`);
    }
    const name = (element: Element) =>
      (element.textContent ?? '').trim().slice(0, 40) || element.outerHTML.slice(0, 80);
    for (const element of document.querySelectorAll(
      'main :is(button, label, p, h1, span):not(.mantine-Switch-track)',
    )) {
      const { overflowX, textOverflow } = getComputedStyle(element);
      const cut = element.scrollWidth > element.clientWidth + 1;
      if (cut && overflowX === 'hidden' && textOverflow !== 'ellipsis' && element.clientWidth > 1) {
        found.push(`cut: ${name(element)}`);
      }
    }
    for (const column of document.querySelectorAll('main section:not([aria-label])')) {
      const parts = [...column.children].filter(
        (child) =>
          getComputedStyle(child).position !== 'absolute' && child.getBoundingClientRect().height > 0,
      );
      for (const [index, part] of parts.entries()) {
        const next = parts[index + 1];
        const inner =
          part.scrollHeight > part.clientHeight + 1 && getComputedStyle(part).overflowY === 'visible';
        if (inner && part.clientHeight > 0) found.push(`overflows its part: ${name(part)}`);
        if (next && part.getBoundingClientRect().bottom > next.getBoundingClientRect().top + 1) {
          found.push(`overlaps: ${name(part)} / ${name(next)}`);
        }
      }
      const last = parts.at(-1);
      if (main && last && last.getBoundingClientRect().bottom > main.getBoundingClientRect().bottom) {
        found.push(`below the edge: ${name(last)}`);
      }
    }
    for (const target of document.querySelectorAll(
      'button, label:has(input[type="radio"]), input:not([type="radio"], [type="hidden"], [type="checkbox"])',
    )) {
      const { height, width } = target.getBoundingClientRect();
      if (width > 0 && (height < touchMin - 0.5 || width < touchMin - 0.5)) {
        found.push(`small target ${Math.round(width)}×${Math.round(height)}: ${name(target)}`);
      }
    }
    return found;
  }, TOUCH_MIN_PX);
}
