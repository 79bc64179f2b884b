/** The form of one provider's HTTP interface, as data: what is asked, what an answer means, what a report says. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deliveryReasonSchema } from '../../../shared/delivery.ts';

/** Text with `{{name}}` in it; see `variablesOf` for the names there are, beside the store's own values. */
const template = z.string().max(2000);
/** Where in an answer: `messages.0.status`. */
const path = z.string().regex(/^[\w-]+(\.[\w-]+)*$/);

const requestSchema = z.strictObject({
  method: z.enum(['POST', 'GET']),
  url: template,
  headers: z.record(z.string(), template).default({}),
  basicAuth: z.strictObject({ user: template, password: template }).optional(),
  /** One of them; of a GET the query. A field that comes out empty is left out. */
  form: z.record(z.string(), template).optional(),
  /** Every text in it is a template. */
  json: z.json().optional(),
});

const answerSchema = z.strictObject({
  /** All of these, beside a status of 2xx. Without `equals`: the field is there and not empty. */
  success: z.array(z.strictObject({ path, equals: z.string().optional() })).default([]),
  providerId: path.optional(),
  /** The field that says why it was refused. */
  code: path.optional(),
  refusals: z
    .record(z.string(), z.strictObject({ reason: deliveryReasonSchema, retry: z.boolean() }))
    .default({}),
});

const reportSchema = z.strictObject({
  /** `hmac_sha1_url_form`: base64 of HMAC-SHA1 over the URL and the sorted form fields, name and value after each other. */
  signature: z
    .strictObject({ kind: z.literal('hmac_sha1_url_form'), header: z.string(), key: z.string() })
    .optional(),
  state: path,
  states: z.record(z.string(), z.enum(['sent', 'delivered', 'failed'])),
  code: path.optional(),
  reasons: z.record(z.string(), deliveryReasonSchema).default({}),
});

export const smsFormSchema = z.strictObject({
  note: z.string().optional(),
  /** The store's own values that the templates name. */
  values: z.array(z.string()),
  request: requestSchema,
  answer: answerSchema,
  report: reportSchema.optional(),
});
export type SmsForm = z.infer<typeof smsFormSchema>;

export const presetSchema = z.enum(['twilio', 'vonage']);
export type Preset = z.infer<typeof presetSchema>;

export function loadPreset(name: Preset): SmsForm {
  const file = new URL(`../../../resources/sms/${name}.json`, import.meta.url);
  return smsFormSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export type Variables = Readonly<Record<string, string>>;

/** @throws TypeError for a name that has no value: a fault of the form, found when it is set up */
export function fill(text: string, variables: Variables): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new TypeError(`no value for {{${name}}}`);
    return value;
  });
}

/** As `fill`, of every text within. */
export function fillDeep(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return fill(value, variables);
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, variables)]));
}

/** What is found at `path`, as text; null when there is nothing, or something that is no text and no number. */
export function at(value: unknown, where: string | undefined): string | null {
  if (where === undefined) return null;
  let found: unknown = value;
  for (const key of where.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return null;
    found = (found as Record<string, unknown>)[key];
  }
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : null;
}
