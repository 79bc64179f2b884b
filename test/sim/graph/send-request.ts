/**
 * Checks the body of `POST /{phone-number-id}/messages` as strictly as Meta does, and a little more: what Meta
 * quietly tolerates (unknown keys, two different codes in one message) is refused too.
 */
import { z } from 'zod';
import { GraphError, missingParameter } from './graph-error.ts';

const textParameter = z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(1024) });
const bodyComponent = z.strictObject({ type: z.literal('body'), parameters: z.array(textParameter) });
const buttonIndex = z.union([z.string().regex(/^\d$/), z.int().min(0).max(9)]).transform(Number);
const urlButton = z.strictObject({
  type: z.literal('button'),
  sub_type: z.literal('url'),
  index: buttonIndex,
  parameters: z.array(textParameter),
});
const quickReplyButton = z.strictObject({
  type: z.literal('button'),
  sub_type: z.literal('quick_reply'),
  index: buttonIndex,
  parameters: z
    .array(z.strictObject({ type: z.literal('payload'), payload: z.string().min(1).max(128) }))
    .length(1),
});
const template = z.strictObject({
  name: z.string().min(1).max(512),
  language: z.strictObject({
    code: z.string().min(2).max(20),
    policy: z.literal('deterministic').optional(),
  }),
  components: z.array(z.union([bodyComponent, urlButton, quickReplyButton])).default([]),
});
const text = z.strictObject({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() });
const replyButton = z.strictObject({
  type: z.literal('reply'),
  reply: z.strictObject({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }),
});
const interactive = z.strictObject({
  type: z.literal('button'),
  body: z.strictObject({ text: z.string().min(1).max(1024) }),
  footer: z.strictObject({ text: z.string().min(1).max(60) }).optional(),
  action: z.strictObject({
    buttons: z
      .array(replyButton)
      .min(1)
      .max(3)
      .refine((all) => new Set(all.map((it) => it.reply.id)).size === all.length)
      .refine((all) => new Set(all.map((it) => it.reply.title)).size === all.length),
  }),
});

const envelope = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').optional(),
  to: z.string().optional(),
  recipient: z.string().optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
  context: z.strictObject({ message_id: z.string().min(1) }).optional(),
};
const KINDS = {
  template: z.strictObject({ ...envelope, type: z.literal('template'), template }),
  text: z.strictObject({ ...envelope, type: z.literal('text'), text }),
  interactive: z.strictObject({ ...envelope, type: z.literal('interactive'), interactive }),
};

export type SendRequest =
  | z.infer<typeof KINDS.template>
  | z.infer<typeof KINDS.text>
  | z.infer<typeof KINDS.interactive>;
export type TemplatePart = z.infer<typeof template>;

const isKind = (type: unknown): type is keyof typeof KINDS =>
  typeof type === 'string' && Object.hasOwn(KINDS, type);

/** @throws GraphError 100, 131008, 131009 or 131051 */
export function readSendRequest(json: unknown): SendRequest {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new GraphError(100, { message: '(#100) The request body must be a JSON object.' });
  }
  const fields = json as Record<string, unknown>;
  if (fields.messaging_product === undefined) throw missingParameter('messaging_product');
  if (fields.messaging_product !== 'whatsapp') {
    throw new GraphError(100, {
      message: '(#100) Param messaging_product must be one of {WHATSAPP} - got something else.',
    });
  }
  if (fields.to === undefined && fields.recipient === undefined) throw missingParameter('to');
  const type = fields.type ?? 'text';
  if (!isKind(type)) throw new GraphError(131051, { details: 'Message type is not supported.' });
  const parsed = KINDS[type].safeParse({ ...fields, type }, { reportInput: true });
  if (!parsed.success) throw toGraphError(parsed.error.issues[0]!);
  return parsed.data;
}

function toGraphError(issue: z.core.$ZodIssue): GraphError {
  const inner = deepest(issue);
  const path = inner.path.map((key, depth) => (depth === 0 ? String(key) : `['${String(key)}']`)).join('');
  if (inner.code === 'unrecognized_keys') {
    return new GraphError(100, { message: `(#100) Unexpected key "${inner.keys[0]}" on param "${path}".` });
  }
  const missing = inner.code === 'invalid_type' && inner.input === undefined;
  return new GraphError(missing ? 131008 : 131009, {
    details: missing ? `Parameter '${path}' is mandatory.` : `Parameter value is not valid: ${path}.`,
  });
}

/** Of a union, the branch that came nearest: the one that fails deepest, not on its own `type`. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.filter(
    (branch) => !branch.some((it) => it.path.at(-1) === 'type' || it.path.at(-1) === 'sub_type'),
  );
  const inner = branches[0]?.[0];
  if (inner === undefined) return issue;
  const found = deepest(inner);
  return { ...found, path: [...issue.path, ...found.path] };
}

/**
 * The recipient's number in digits, as Meta reads `to`: an optional plus and the usual separators.
 * @throws GraphError 131009
 */
export function readPhoneNumber(to: string): string {
  const digits = to.replace(/^\+/, '').replace(/[\s().-]/g, '');
  if (/^[1-9]\d{6,14}$/.test(digits)) return digits;
  throw new GraphError(131009, { details: "Parameter value is not valid: 'to' is not a phone number." });
}
