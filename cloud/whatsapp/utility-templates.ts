/**
 * Utility templates: their definitions (the very JSON submitted to Meta), the messages made from them, and a check of a
 * message against its definition before it costs a call.
 *
 * Source: Meta, "Utility templates", "Template components", "Quick-reply buttons".
 */
import { z } from 'zod';
import { type Address, type AddressFields, envelopeOf } from './outgoing.ts';

/** Meta's limits, each named once. */
const BODY_LENGTH_MAX = 1024;
const BUTTON_TEXT_LENGTH_MAX = 25;
const PAYLOAD_LENGTH_MAX = 128;
const TTL_SECONDS = { min: 30, max: 43_200 } as const;
/** Ours: the same words are the title of an interactive button, which Meta allows less. */
const TITLE_LENGTH_MAX = 20;

const body = z.strictObject({
  type: z.literal('body'),
  text: z.string().min(1).max(BODY_LENGTH_MAX),
  example: z.strictObject({ body_text: z.tuple([z.array(z.string().min(1))]) }),
});
const quickReply = z.strictObject({
  type: z.literal('quick_reply'),
  text: z.string().min(1).max(Math.min(BUTTON_TEXT_LENGTH_MAX, TITLE_LENGTH_MAX)),
});
const buttons = z.strictObject({ type: z.literal('buttons'), buttons: z.array(quickReply).min(1).max(3) });

const definition = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/),
    language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/),
    category: z.literal('utility'),
    message_send_ttl_seconds: z.int().min(TTL_SECONDS.min).max(TTL_SECONDS.max),
    components: z.union([z.tuple([body]), z.tuple([body, buttons])]),
  })
  .check((context) => {
    const { text, example } = context.value.components[0];
    const fault = (message: string) =>
      context.issues.push({ code: 'custom', message, path: ['components', 0], input: text });
    const numbers = placeholdersOf(text);
    if (numbers.some((number, index) => number !== index + 1))
      fault('variables run {{1}}, {{2}}, … once each');
    if (example.body_text[0].length !== numbers.length) fault('each variable needs an example');
    if (/^\s*\{\{|\}\}\s*$/.test(text)) fault('a variable may not begin or end the text');
    const shown = example.body_text[0];
    if (fill(text, shown).length > BODY_LENGTH_MAX) fault('the example makes the text too long');
  });

/** The body of `POST /{waba-id}/message_templates`. */
export type UtilityTemplate = z.infer<typeof definition>;

type TextParameter = { type: 'text'; text: string };
export type UtilityComponent =
  | { type: 'body'; parameters: TextParameter[] }
  | {
      type: 'button';
      sub_type: 'quick_reply';
      index: string;
      parameters: [{ type: 'payload'; payload: string }];
    };

export type UtilityMessage = AddressFields & {
  messaging_product: 'whatsapp';
  recipient_type: 'individual';
  biz_opaque_callback_data?: string;
  type: 'template';
  template: { name: string; language: { code: string }; components: UtilityComponent[] };
};

/** @throws z.ZodError when it is not what Meta would take */
export function parseUtilityTemplate(json: unknown): UtilityTemplate {
  return definition.parse(json);
}

export function safeParseUtilityTemplate(json: unknown) {
  return definition.safeParse(json);
}

/** The numbers of `{{1}}`, `{{2}}`… in the order in which they stand. */
export function placeholdersOf(text: string): number[] {
  return [...text.matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]));
}

/** What the phone shows. */
export function renderUtility(template: UtilityTemplate, words: readonly string[]): string {
  return fill(template.components[0].text, words);
}

export function buttonTexts(template: UtilityTemplate): string[] {
  return template.components[1]?.buttons.map(({ text }) => text) ?? [];
}

function fill(text: string, words: readonly string[]): string {
  return text.replace(/\{\{(\d+)\}\}/g, (_, number: string) => words[Number(number) - 1] ?? '');
}

/**
 * Text as Meta takes it for a parameter: on one line, no runs of spaces, never empty, not longer than `max`.
 */
export function parameterText(text: string, max: number): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  if (line === '') return '-';
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** @throws RangeError for what Meta would refuse; the text holds no word of the message */
export function utilityMessage(fields: {
  template: UtilityTemplate;
  address: Address;
  words: readonly string[];
  payloads: readonly string[];
  correlationId?: string;
}): UtilityMessage {
  const { template, address, words, payloads, correlationId } = fields;
  const message: UtilityMessage = {
    ...envelopeOf(address, correlationId),
    type: 'template',
    template: {
      name: template.name,
      language: { code: template.language },
      components: [
        { type: 'body', parameters: words.map((text) => ({ type: 'text', text })) },
        ...payloads.map(
          (payload, index): UtilityComponent => ({
            type: 'button',
            sub_type: 'quick_reply',
            index: String(index),
            parameters: [{ type: 'payload', payload }],
          }),
        ),
      ],
    },
  };
  const faults = checkUtilityMessage(message, template);
  if (faults.length > 0) throw new RangeError(`message does not fit its template: ${faults.join(', ')}`);
  return message;
}

export type UtilityFault =
  | 'template_differs'
  | 'language_differs'
  | 'body_parameter_count'
  | 'parameter_empty'
  | 'parameter_whitespace'
  | 'body_too_long'
  | 'button_count'
  | 'payload_length'
  | 'payloads_alike';

/** Everything that Meta would refuse a message of this template for; empty when it may be sent. */
export function checkUtilityMessage(
  { template: sent }: UtilityMessage,
  template: UtilityTemplate,
): UtilityFault[] {
  const bodies = sent.components.filter((it) => it.type === 'body');
  const words = bodies.flatMap((it) => it.parameters.map(({ text }) => text));
  const taps = sent.components.filter((it) => it.type === 'button');
  const payloads = taps.map((it) => it.parameters[0].payload);
  const indexes = taps.map((it) => it.index).join();
  const wanted = buttonTexts(template).map((_, index) => index);
  const checks: [UtilityFault, boolean][] = [
    ['template_differs', sent.name !== template.name],
    ['language_differs', sent.language.code !== template.language],
    ['body_parameter_count', bodies.length !== 1 || words.length !== countPlaceholders(template)],
    ['parameter_empty', words.some((text) => text.trim() === '')],
    ['parameter_whitespace', words.some((text) => /[\n\r\t]| {4,}/.test(text))],
    ['body_too_long', renderUtility(template, words).length > BODY_LENGTH_MAX],
    ['button_count', indexes !== wanted.join()],
    ['payload_length', payloads.some(({ length }) => length < 1 || length > PAYLOAD_LENGTH_MAX)],
    ['payloads_alike', new Set(payloads).size !== payloads.length],
  ];
  return checks.filter(([, wrong]) => wrong).map(([fault]) => fault);
}

function countPlaceholders(template: UtilityTemplate): number {
  return placeholdersOf(template.components[0].text).length;
}
