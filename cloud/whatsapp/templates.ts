/**
 * All templates are read here. Authentication templates: their definitions (the very JSON submitted to Meta), the messages made from them,
 * and a check of a message against its definition before it costs a call.
 *
 * Source: Meta, "Copy code authentication templates", "Time-to-live".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { safeParseUtilityTemplate, type UtilityTemplate } from './utility-templates.ts';

/** Meta's limits, each named once. */
const CODE_LENGTH_MAX = 15;
const BUTTON_TEXT_LENGTH_MAX = 25;
const CALLBACK_DATA_LENGTH_MAX = 512;
const TTL_SECONDS = { min: 30, max: 900 } as const;
const EXPIRATION_MINUTES = { min: 1, max: 90 } as const;

const body = z.strictObject({ type: z.literal('body'), add_security_recommendation: z.boolean().optional() });
const footer = z.strictObject({
  type: z.literal('footer'),
  code_expiration_minutes: z.int().min(EXPIRATION_MINUTES.min).max(EXPIRATION_MINUTES.max),
});
const copyCodeButton = z.strictObject({
  type: z.literal('otp'),
  otp_type: z.literal('copy_code'),
  text: z.string().min(1).max(BUTTON_TEXT_LENGTH_MAX).optional(),
});
const buttons = z.strictObject({ type: z.literal('buttons'), buttons: z.tuple([copyCodeButton]) });

const definition = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/),
    language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/),
    category: z.literal('authentication'),
    message_send_ttl_seconds: z.int().min(TTL_SECONDS.min).max(TTL_SECONDS.max),
    components: z.tuple([body, footer, buttons]),
  })
  .refine((it) => it.message_send_ttl_seconds <= it.components[1].code_expiration_minutes * 60, {
    message: 'message_send_ttl_seconds outlives the code: a code could arrive that is no longer good',
  });

/** The body of `POST /{waba-id}/message_templates`. */
export type AuthenticationTemplate = z.infer<typeof definition>;

type TextParameter = { type: 'text'; text: string };
export type TemplateComponent =
  | { type: 'body'; parameters: TextParameter[] }
  | { type: 'button'; sub_type: 'url'; index: string; parameters: TextParameter[] };

/** The body of `POST /{phone-number-id}/messages` for a template. */
export type OutgoingMessage = {
  messaging_product: 'whatsapp';
  recipient_type: 'individual';
  /** E.164 digits without the plus. Authentication templates go to a phone number only, never to a user id. */
  to: string;
  type: 'template';
  template: { name: string; language: { code: string }; components: TemplateComponent[] };
  /** Comes back in each status of this message: our correlation id. At most 512 characters, no secret. */
  biz_opaque_callback_data?: string;
};

/** @throws z.ZodError when it is not what Meta would take */
export function parseTemplate(json: unknown): AuthenticationTemplate {
  return definition.parse(json);
}

const TEMPLATE_FOLDER = new URL('../../resources/templates/', import.meta.url);

export interface Templates {
  readonly authentication: readonly AuthenticationTemplate[];
  readonly utility: readonly UtilityTemplate[];
}

/**
 * Reads every `*.json` of a folder, in order of name. Once, at start.
 * @throws Error naming the file that is wrong, or two files that define the same name and language
 */
export function loadTemplates(folder: URL = TEMPLATE_FOLDER): Templates {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  const templates = files.map((file) => {
    const json: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const parsed = isUtility(json) ? safeParseUtilityTemplate(json) : definition.safeParse(json);
    if (!parsed.success) throw new Error(`template ${file}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  });
  const keys = new Set(templates.map((it) => `${it.name}/${it.language}`));
  if (keys.size !== templates.length) throw new Error('two template files define the same name and language');
  return {
    authentication: templates.filter((it) => it.category === 'authentication'),
    utility: templates.filter((it) => it.category === 'utility'),
  };
}

function isUtility(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'category' in json && json.category === 'utility';
}

/** @returns undefined when that template does not exist in that language; the caller picks the next language */
export function findTemplate<T extends { readonly name: string; readonly language: string }>(
  templates: readonly T[],
  name: string,
  language: string,
): T | undefined {
  return templates.find((it) => it.name === name && it.language === language);
}

/** How long the message tells the customer that the code holds. Must equal the policy's code life. */
export function codeLifeMinutes(template: AuthenticationTemplate): number {
  return template.components[1].code_expiration_minutes;
}

/**
 * The message that carries a code. The code stands twice in it: once to be read, once to be copied.
 * @param to E.164, with or without the plus
 * @throws RangeError for a number, code or correlation id that Meta would refuse. The text never holds the code.
 */
export function codeMessage(fields: {
  template: AuthenticationTemplate;
  to: string;
  code: string;
  correlationId?: string;
}): OutgoingMessage {
  const { template, code, correlationId } = fields;
  const message: OutgoingMessage = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: fields.to.replace(/^\+/, ''),
    type: 'template',
    template: {
      name: template.name,
      language: { code: template.language },
      components: [
        { type: 'body', parameters: [{ type: 'text', text: code }] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: code }] },
      ],
    },
    ...(correlationId === undefined ? {} : { biz_opaque_callback_data: correlationId }),
  };
  const faults = checkMessage(message, template);
  if (faults.length > 0) throw new RangeError(`message does not fit its template: ${faults.join(', ')}`);
  return message;
}

export type MessageFault =
  | 'recipient_malformed'
  | 'template_differs'
  | 'language_differs'
  | 'body_parameter_count'
  | 'button_missing'
  | 'button_parameter_count'
  | 'code_malformed'
  | 'code_differs'
  | 'callback_data_too_long';

/** Everything that Meta would refuse a message of this template for; empty when it may be sent. */
export function checkMessage(message: OutgoingMessage, template: AuthenticationTemplate): MessageFault[] {
  const bodies = message.template.components.filter((it) => it.type === 'body');
  const urlButtons = message.template.components.filter((it) => it.type === 'button');
  const bodyTexts = bodies.flatMap((it) => it.parameters.map((parameter) => parameter.text));
  const buttonTexts = urlButtons.flatMap((it) => it.parameters.map((parameter) => parameter.text));
  const texts = [...bodyTexts, ...buttonTexts];

  const checks: [MessageFault, boolean][] = [
    ['recipient_malformed', !/^[1-9]\d{6,14}$/.test(message.to)],
    ['template_differs', message.template.name !== template.name],
    ['language_differs', message.template.language.code !== template.language],
    ['body_parameter_count', bodies.length !== 1 || bodyTexts.length !== 1],
    ['button_missing', urlButtons.length !== 1 || urlButtons[0]?.index !== '0'],
    ['button_parameter_count', buttonTexts.length !== 1],
    ['code_malformed', texts.some((text) => !isCode(text))],
    ['code_differs', bodyTexts[0] !== buttonTexts[0]],
    ['callback_data_too_long', (message.biz_opaque_callback_data?.length ?? 0) > CALLBACK_DATA_LENGTH_MAX],
  ];
  return checks.filter(([, wrong]) => wrong).map(([fault]) => fault);
}

/** Letters, digits and the hyphen only: Meta allows neither URLs nor emoji, and nobody can read out the rest. */
function isCode(text: string): boolean {
  return text.length <= CODE_LENGTH_MAX && /^[A-Za-z0-9-]+$/.test(text);
}
