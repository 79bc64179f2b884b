/** What every state of every page is held to. */
import type { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

export const THEMES = ['light', 'dark'] as const;
/** The smallest window that the main flow must fit without scrolling. */
export const SMALLEST = { width: 1024, height: 600 };
const TOUCH_MIN_PX = 44;

/** Only colours differ between the two looks. */
export function rulesOf(builder: AxeBuilder, theme: (typeof THEMES)[number]): AxeBuilder {
  if (theme === 'dark') return builder.withRules(['color-contrast', 'link-in-text-block']);
  return builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
}

/** What does not fit: scrolling of the main part, cut button texts, overlapping parts, targets too small to touch. */
export function misfits(page: Page): Promise<string[]> {
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
