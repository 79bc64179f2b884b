/**
 * The templates of the simulated WhatsApp Business Account: created as Meta takes them, checked, and turned
 * into the text that a phone shows. Meta writes the text of authentication templates itself; the sentences
 * here stand for it.
 */
import { z } from 'zod';
import { GraphError } from './graph-error.ts';

export type TemplateStatus = 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED' | 'DISABLED';

export type SimButton = { kind: 'copy_code'; label: string } | { kind: 'quick_reply'; label: string };

export type SimTemplate = {
  id: string;
  name: string;
  language: string;
  category: 'AUTHENTICATION' | 'UTILITY' | 'MARKETING';
  status: TemplateStatus;
  ttlSeconds: number;
  /** With {{1}}… for the parameters. */
  bodyText: string;
  bodyParameters: number;
  footerText: string | undefined;
  buttons: SimButton[];
};

type Sentences = { body: string; security: string; expires(minutes: number): string; copy: string };

const SENTENCES: Readonly<Record<string, Sentences>> = {
  en: {
    body: '*{{1}}* is your verification code.',
    security: 'For your security, do not share this code.',
    expires: (minutes) => `This code expires in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    copy: 'Copy code',
  },
  id: {
    body: '*{{1}}* adalah kode verifikasi Anda.',
    security: 'Demi keamanan, jangan bagikan kode ini.',
    expires: (minutes) => `Kode ini kedaluwarsa dalam ${minutes} menit.`,
    copy: 'Salin kode',
  },
  tr: {
    body: 'Doğrulama kodunuz: *{{1}}*.',
    security: 'Güvenliğiniz için bu kodu paylaşmayın.',
    expires: (minutes) => `Bu kodun süresi ${minutes} dakika içinde dolar.`,
    copy: 'Kodu kopyala',
  },
};

/** Authentication: 10 minutes; utility and marketing: 30 days. */
const DEFAULT_TTL_SECONDS = { AUTHENTICATION: 600, UTILITY: 2_592_000, MARKETING: 2_592_000 } as const;

const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
const lowerLiteral = <const T extends string>(text: T) => z.preprocess(lower, z.literal(text));

const head = {
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  language: z.string().refine((it) => sentencesOf(it) !== undefined, 'language is not supported'),
};
const otpButton = z.strictObject({
  type: lowerLiteral('otp'),
  otp_type: lowerLiteral('copy_code'),
  text: z.string().min(1).max(25).optional(),
});
const authentication = z.strictObject({
  ...head,
  category: lowerLiteral('authentication'),
  message_send_ttl_seconds: z.union([z.int().min(30).max(900), z.literal(-1)]).optional(),
  components: z.array(
    z.union([
      z.strictObject({ type: lowerLiteral('body'), add_security_recommendation: z.boolean().optional() }),
      z.strictObject({ type: lowerLiteral('footer'), code_expiration_minutes: z.int().min(1).max(90) }),
      z.strictObject({ type: lowerLiteral('buttons'), buttons: z.array(otpButton).length(1) }),
    ]),
  ),
});
const ordinary = z.strictObject({
  ...head,
  category: z.preprocess(lower, z.enum(['utility', 'marketing'])),
  message_send_ttl_seconds: z.int().min(30).max(2_592_000).optional(),
  components: z.array(
    z.union([
      z.strictObject({
        type: lowerLiteral('body'),
        text: z.string().min(1).max(1024),
        example: z.strictObject({ body_text: z.array(z.array(z.string())).length(1) }).optional(),
      }),
      z.strictObject({ type: lowerLiteral('footer'), text: z.string().min(1).max(60) }),
      z.strictObject({
        type: lowerLiteral('buttons'),
        buttons: z
          .array(z.strictObject({ type: lowerLiteral('quick_reply'), text: z.string().min(1).max(25) }))
          .min(1)
          .max(10),
      }),
    ]),
  ),
});

function sentencesOf(language: string): Sentences | undefined {
  return /^[a-z]{2,3}(_[A-Z]{2})?$/.test(language) ? SENTENCES[language.split('_')[0]!] : undefined;
}

/** @throws GraphError 100 for what Meta would not take */
export function readTemplate(json: unknown, id: string, status: TemplateStatus): SimTemplate {
  const category = z.looseObject({ category: z.preprocess(lower, z.string()) }).safeParse(json)
    .data?.category;
  return category === 'authentication'
    ? fromAuthentication(parse(authentication, json), id, status)
    : fromOrdinary(parse(ordinary, json), id, status);
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function invalid(details: string): GraphError {
  return new GraphError(100, { message: 'Invalid parameter', details, subcode: 2388043 });
}

function fromAuthentication(
  it: z.infer<typeof authentication>,
  id: string,
  status: TemplateStatus,
): SimTemplate {
  const body = one(it.components, 'body');
  const footer = it.components.find((part) => part.type === 'footer');
  const button = one(it.components, 'buttons').buttons[0]!;
  const sentences = sentencesOf(it.language)!;
  const ttl = it.message_send_ttl_seconds ?? DEFAULT_TTL_SECONDS.AUTHENTICATION;
  return {
    id,
    name: it.name,
    language: it.language,
    category: 'AUTHENTICATION',
    status,
    ttlSeconds: ttl === -1 ? DEFAULT_TTL_SECONDS.UTILITY : ttl,
    bodyText: body.add_security_recommendation ? `${sentences.body} ${sentences.security}` : sentences.body,
    bodyParameters: 1,
    footerText: footer && sentences.expires(footer.code_expiration_minutes),
    buttons: [{ kind: 'copy_code', label: button.text ?? sentences.copy }],
  };
}

function fromOrdinary(it: z.infer<typeof ordinary>, id: string, status: TemplateStatus): SimTemplate {
  const body = one(it.components, 'body');
  const footer = it.components.find((part) => part.type === 'footer');
  const buttons = it.components.find((part) => part.type === 'buttons')?.buttons ?? [];
  const numbers = [...body.text.matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]));
  const count = new Set(numbers).size;
  if (numbers.some((number) => number < 1 || number > count))
    throw invalid('variables must run {{1}}, {{2}}, …');
  if ((body.example?.body_text[0]?.length ?? 0) !== count) throw invalid('each variable needs an example');
  if (/^\s*\{\{|\}\}\s*$/.test(body.text)) throw invalid('variables may not begin or end the text');
  if (new Set(buttons.map((button) => button.text)).size !== buttons.length)
    throw invalid('two buttons with the same text');
  const category = it.category === 'utility' ? 'UTILITY' : 'MARKETING';
  return {
    id,
    name: it.name,
    language: it.language,
    category,
    status,
    ttlSeconds: it.message_send_ttl_seconds ?? DEFAULT_TTL_SECONDS[category],
    bodyText: body.text,
    bodyParameters: count,
    footerText: footer?.text,
    buttons: buttons.map((button) => ({ kind: 'quick_reply', label: button.text })),
  };
}

function one<C extends { type: string }, T extends C['type']>(
  components: C[],
  type: T,
): Extract<C, { type: T }> {
  const found = components.filter((it): it is Extract<C, { type: T }> => it.type === type);
  if (found.length !== 1) throw invalid(`exactly one ${type} component is needed`);
  return found[0]!;
}

/** As `GET /{waba-id}/message_templates` lists it: after creation an OTP button reads as a URL button. */
export function listedTemplate(it: SimTemplate): object {
  const buttons = it.buttons.map((button) =>
    button.kind === 'copy_code'
      ? {
          type: 'URL',
          text: button.label,
          url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}',
        }
      : { type: 'QUICK_REPLY', text: button.label },
  );
  return {
    name: it.name,
    parameter_format: 'POSITIONAL',
    components: [
      { type: 'BODY', text: it.bodyText },
      ...(it.footerText === undefined ? [] : [{ type: 'FOOTER', text: it.footerText }]),
      ...(buttons.length === 0 ? [] : [{ type: 'BUTTONS', buttons }]),
    ],
    language: it.language,
    status: it.status,
    category: it.category,
    message_send_ttl_seconds: it.ttlSeconds,
    id: it.id,
  };
}
