/** Names, versions and marks of our templates. */
import { createHash } from 'node:crypto';
import type { AuthenticationTemplate } from '../whatsapp/templates.ts';
import { buttonTexts, placeholdersOf, type UtilityTemplate } from '../whatsapp/utility-templates.ts';

export type AnyTemplate = AuthenticationTemplate | UtilityTemplate;

/** 'saksi_x', 1 → 'saksi_x'; 2 → 'saksi_x_v2'. */
export function versionName(base: string, version: number): string {
  return version === 1 ? base : `${base}_v${version}`;
}

/** The other way; null: of none of these bases. */
export function readVersionName(
  name: string,
  bases: ReadonlySet<string>,
): { base: string; version: number } | null {
  if (bases.has(name)) return { base: name, version: 1 };
  const [, base, digits] = /^(.+)_v([1-9]\d{0,5})$/.exec(name) ?? [];
  if (base === undefined || !bases.has(base) || Number(digits) < 2) return null;
  return { base, version: Number(digits) };
}

/** Changes with everything that Meta would look at anew: all but the name. */
export function wordsHash({ name: _, ...rest }: AnyTemplate): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** What a message of it must bring: one of the same shape fits. */
export function shapeOf(template: AnyTemplate): string {
  const { category } = template;
  if (category === 'authentication') return category;
  return shapeAtMeta(category, template.components[0].text, buttonTexts(template).length);
}

/** The same of one that Meta listed. A category that Meta changed needs the same words as before. */
export function shapeAtMeta(category: string, bodyText: string, buttonCount: number): string {
  if (category === 'authentication') return category;
  return `text/${placeholdersOf(bodyText).length}/${buttonCount}`;
}
