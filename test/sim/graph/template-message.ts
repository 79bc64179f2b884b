/** Fits the parameters of a message into its template, or refuses as Meta does. */
import { GraphError } from './graph-error.ts';
import type { TemplatePart } from './send-request.ts';
import type { SimTemplate } from './templates.ts';

/** What a phone shows of a message. */
export type Rendered = {
  body: string;
  footer?: string;
  buttons: RenderedButton[];
  /** The one-time code, when there is one. */
  code?: string;
};
export type RenderedButton =
  | { kind: 'copy_code'; label: string; code: string }
  | { kind: 'quick_reply'; label: string; payload: string }
  | { kind: 'reply'; label: string; id: string };

const CODE_LENGTH_MAX = 15;
const BODY_LENGTH_MAX = 1024;

/** @throws GraphError 132001, 132015, 132016 */
export function findSendable(templates: Iterable<SimTemplate>, name: string, language: string): SimTemplate {
  const found = [...templates].find((it) => it.name === name && it.language === language);
  if (found?.status === 'PAUSED') throw new GraphError(132015, { details: `template ${name} is paused` });
  if (found?.status === 'DISABLED') throw new GraphError(132016, { details: `template ${name} is disabled` });
  if (found?.status === 'APPROVED') return found;
  throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
}

/** @throws GraphError 100, 131008, 132000, 132018 */
export function renderTemplate(template: SimTemplate, sent: TemplatePart): Rendered {
  const bodies = sent.components.filter((it) => it.type === 'body');
  if (bodies.length > 1)
    throw new GraphError(100, { message: '(#100) Component body appears more than once.' });
  const values = bodies[0]?.parameters.map((it) => it.text) ?? [];
  if (values.length !== template.bodyParameters) {
    throw new GraphError(132000, {
      details: `body: number of localizable_params (${values.length}) does not match the expected number of params (${template.bodyParameters})`,
    });
  }
  for (const value of values) assertParameterText(value);
  const length = fillText(template, values).length;
  if (length > BODY_LENGTH_MAX) throw new GraphError(132005, { details: `body: ${length} characters` });
  const buttons = renderButtons(template, sent);
  const copied = buttons.find((it) => it.kind === 'copy_code');
  if (copied !== undefined && copied.code !== values[0]) {
    throw new GraphError(132018, { details: 'the code in the body and the code on the button differ' });
  }
  return {
    body: fillText(template, values),
    ...(template.footerText === undefined ? {} : { footer: template.footerText }),
    buttons,
    ...(copied === undefined ? {} : { code: copied.code }),
  };
}

function fillText(template: SimTemplate, values: readonly string[]): string {
  return template.bodyText.replace(/\{\{(\d+)\}\}/g, (_, number: string) => values[Number(number) - 1] ?? '');
}

function renderButtons(template: SimTemplate, sent: TemplatePart): RenderedButton[] {
  const parts = sent.components.filter((it) => it.type === 'button');
  const indexes = new Set(parts.map((it) => it.index));
  if (indexes.size !== parts.length || parts.some((it) => template.buttons[it.index] === undefined)) {
    throw new GraphError(132018, { details: 'buttons: a button component has no button in the template' });
  }
  return template.buttons.map((button, index) => {
    const part = parts.find((it) => it.index === index);
    if (button.kind === 'copy_code') return renderCopyCode(button.label, index, part);
    if (part !== undefined && part.sub_type !== 'quick_reply') throw wrongSubType(index);
    // Without a payload of ours, a tap brings back the button's text.
    const payload = part?.parameters[0]?.payload ?? button.label;
    return { kind: 'quick_reply', label: button.label, payload };
  });
}

type ButtonPart = Extract<TemplatePart['components'][number], { type: 'button' }>;

function renderCopyCode(label: string, index: number, part: ButtonPart | undefined): RenderedButton {
  if (part === undefined) {
    throw new GraphError(131008, {
      details: `buttons: Button at index ${index} of type Url requires a parameter`,
    });
  }
  if (part.sub_type !== 'url') throw wrongSubType(index);
  if (part.parameters.length !== 1) {
    throw new GraphError(132000, {
      details: `buttons: number of localizable_params (${part.parameters.length}) does not match the expected number of params (1)`,
    });
  }
  const code = part.parameters[0]!.text;
  assertParameterText(code);
  if (code.length > CODE_LENGTH_MAX) {
    throw new GraphError(132018, { details: `buttons: code is longer than ${CODE_LENGTH_MAX} characters` });
  }
  return { kind: 'copy_code', label, code };
}

const wrongSubType = (index: number): GraphError =>
  new GraphError(132018, {
    details: `buttons: Button at index ${index} has another sub_type in the template`,
  });

function assertParameterText(text: string): void {
  if (!/[\n\t]| {5,}/.test(text)) return;
  throw new GraphError(132018, {
    details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
  });
}
