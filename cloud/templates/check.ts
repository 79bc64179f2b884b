/**
 * What Meta would reject, found before it is submitted: a rejected name is blocked for some time. The definitions' own
 * schemas hold lengths and shapes; here is what is in the words.
 *
 * Source: Meta, "Template components", "Template review", "Authentication templates"; docs/whatsapp.md.
 */
import { placeholdersOf, type UtilityTemplate } from '../whatsapp/utility-templates.ts';
import type { AnyTemplate } from './names.ts';

export type TemplateFault =
  | 'link'
  | 'emoji'
  | 'disclaimer_missing'
  | 'expiry_missing'
  | 'placeholder_at_end'
  | 'placeholders_adjacent'
  | 'too_many_placeholders'
  | 'blank_lines'
  | 'spaces'
  | 'button_text'
  | 'buttons_alike'
  | 'name_too_long';

const LINK = /https?:\/\/|www\.|\b[a-z0-9-]+\.(?:com|net|org|id|tr|co|io|me|link)\b/iu;
/** Digits, # and * are emoji by property and text to people. */
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
/** Words for one placeholder that Meta wants at the least: a text of little else is rejected. Ours, not Meta's figure. */
const WORDS_PER_PLACEHOLDER = 1;
/** For the version in the name. */
const NAME_LENGTH_MAX = 512 - '_v999999'.length;

/** @returns each fault once; empty: it may be submitted */
export function checkTemplate(template: AnyTemplate): TemplateFault[] {
  const faults = template.category === 'authentication' ? checkCode(template) : checkUtility(template);
  if (template.name.length > NAME_LENGTH_MAX) faults.push('name_too_long');
  return [...new Set(faults)];
}

/** Meta writes the text of codes itself: what is ours is the button's. */
function checkCode({
  components: [body, footer, { buttons }],
}: Extract<AnyTemplate, { category: 'authentication' }>) {
  const faults: TemplateFault[] = [];
  if (body.add_security_recommendation !== true) faults.push('disclaimer_missing');
  if (footer.code_expiration_minutes === undefined) faults.push('expiry_missing');
  for (const { text = 'x' } of buttons) faults.push(...checkButton(text));
  return faults;
}

function checkUtility({ components: [{ text }, buttons] }: UtilityTemplate): TemplateFault[] {
  const titles = buttons?.buttons.map((button) => button.text) ?? [];
  const placeholders = placeholdersOf(text).length;
  const words = text.replace(/\{\{\d+\}\}/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
  const checks: [TemplateFault, boolean][] = [
    ['link', LINK.test(text)],
    ['emoji', EMOJI.test(text)],
    ['placeholder_at_end', /^[\s*_~.,:;!?-]*\{\{|\}\}[\s*_~.,:;!?-]*$/.test(text)],
    ['placeholders_adjacent', /\}\}[\s*_~]*\{\{/.test(text)],
    ['too_many_placeholders', words.length <= placeholders * WORDS_PER_PLACEHOLDER],
    ['blank_lines', /\n\s*\n\s*\n/.test(text)],
    ['spaces', / {4,}|\t/.test(text)],
    ['buttons_alike', new Set(titles).size !== titles.length],
  ];
  return [...checks.filter(([, wrong]) => wrong).map(([fault]) => fault), ...titles.flatMap(checkButton)];
}

function checkButton(text: string): TemplateFault[] {
  const wrong = text.trim() === '' || /\{\{|[\n\r\t]/.test(text) || EMOJI.test(text) || LINK.test(text);
  return wrong ? ['button_text'] : [];
}
