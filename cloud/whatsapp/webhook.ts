/**
 * From a webhook body to typed events. Lenient towards fields that we do not know, strict in those that we
 * use; one bad item never takes another one with it; nothing throws, whatever the body holds.
 *
 * Source: Meta, webhook references "messages", "status messages", "message_template_status_update", and
 * "Business-scoped user IDs" (since 2026 the phone number may be missing, the user id is not).
 */
import type { z } from 'zod';
import {
  buttonBody,
  buttonReplyBody,
  type Contact,
  change,
  contact,
  entry,
  envelope,
  error,
  limitsUpdate,
  list,
  message,
  messagesValue,
  status,
  templateStatus,
  textBody,
} from './webhook-schemas.ts';

export { applyStatus, DELIVERY_CHAIN } from './delivery-state.ts';
export { verifyChallenge, verifySignature } from './signature.ts';

export type WebhookError = { code: number; details: string };

/** What Meta says it bills for a message. */
export type StatusPricing = { billable?: boolean; category?: string; model?: string; type?: string };

export type StatusEvent = {
  type: 'status';
  wamid: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  timestampMs: number;
  phoneNumberId?: string;
  /** Phone number in digits, without the plus. */
  recipientId?: string;
  /** Business-scoped user id. */
  userId?: string;
  errors: WebhookError[];
  bizOpaque?: string;
  pricing?: StatusPricing;
};

export type MessageContent =
  | { kind: 'text'; text: string }
  /** A tap on a template's quick reply. */
  | { kind: 'button'; payload: string; text: string }
  /** A tap on a button of an interactive message. */
  | { kind: 'button_reply'; id: string; title: string }
  | { kind: 'unsupported'; messageType: string };

export type MessageEvent = {
  type: 'message';
  wamid: string;
  timestampMs: number;
  phoneNumberId?: string;
  /** Phone number in digits, without the plus. */
  from?: string;
  userId?: string;
  username?: string;
  /** wamid of the message that this one answers. */
  replyTo?: string;
  content: MessageContent;
};

export type TemplateStatusEvent = {
  type: 'template_status';
  event: string;
  name: string;
  language: string;
  reason?: string;
};

/** What a number, or its business portfolio, may send was changed. */
export type LimitsEvent = {
  type: 'limits';
  /** Digits, without the plus; absent when it is of the whole portfolio. */
  displayPhoneNumber?: string;
  /** People a day outside their windows; null: unlimited. */
  dailyPeople?: number | null;
  /** For instance GREEN, YELLOW, RED. */
  quality?: string;
  perSecond?: number;
};

/** A fault of the account or the app, not of one message. */
export type AccountErrorEvent = { type: 'account_error'; errors: WebhookError[] };
export type OtherEvent = { type: 'other'; field: string };
export type WebhookEvent =
  | StatusEvent
  | MessageEvent
  | TemplateStatusEvent
  | LimitsEvent
  | AccountErrorEvent
  | OtherEvent;

/** Where in the body, and which rule it broke. Holds no value of the body: it may be logged. */
export type Ignored = { path: string; reason: string };
export type ParsedWebhook = { events: WebhookEvent[]; ignored: Ignored[] };

/** @param json the parsed body, after its signature was checked */
export function parseWebhook(json: unknown): ParsedWebhook {
  const out: ParsedWebhook = { events: [], ignored: [] };
  const read = reader(out.ignored);
  const root = read(envelope, json, 'body');
  root?.entry.forEach((rawEntry, e) => {
    const path = `entry[${e}]`;
    read(entry, rawEntry, path)?.changes.forEach((rawChange, c) => {
      const changePath = `${path}.changes[${c}]`;
      const found = read(change, rawChange, changePath);
      if (found !== undefined) readChange(found, changePath, out, read);
    });
  });
  return out;
}

type Read = <T>(schema: z.ZodType<T>, value: unknown, path: string) => T | undefined;

function reader(ignored: Ignored[]): Read {
  return (schema, value, path) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    ignored.push({
      path,
      reason: `${issue?.code ?? 'invalid'} at ${issue?.path.map(String).join('.') || 'itself'}`,
    });
    return undefined;
  };
}

function readChange(found: z.infer<typeof change>, path: string, out: ParsedWebhook, read: Read): void {
  if (found.field === 'message_template_status_update') {
    const value = read(templateStatus, found.value, path);
    if (value !== undefined) out.events.push(toTemplateStatusEvent(value));
    return;
  }
  if (found.field === 'phone_number_quality_update' || found.field === 'business_capability_update') {
    const value = read(limitsUpdate, found.value, path);
    if (value !== undefined) out.events.push(toLimitsEvent(value));
    return;
  }
  if (found.field !== 'messages') {
    out.events.push({ type: 'other', field: found.field });
    return;
  }
  const value = read(messagesValue, found.value, path);
  if (value === undefined) return;
  const common = optional({ phoneNumberId: value.metadata?.phone_number_id });
  const contacts = readAll(contact, value.contacts, `${path}.contacts`, read);
  for (const it of readAll(status, value.statuses, `${path}.statuses`, read)) {
    out.events.push({ ...toStatusEvent(it, contacts), ...common });
  }
  read(list, value.messages, `${path}.messages`)?.forEach((raw, m) => {
    const at = `${path}.messages[${m}]`;
    const found = read(message, raw, at);
    const content = found && readContent(found.type, raw, at, read);
    if (found && content) out.events.push({ ...toMessageEvent(found, content, contacts), ...common });
  });
  const errors = readAll(error, value.errors, `${path}.errors`, read);
  if (errors.length > 0) out.events.push({ type: 'account_error', errors: errors.map(toWebhookError) });
}

function readAll<T>(schema: z.ZodType<T>, raw: unknown, path: string, read: Read): T[] {
  return (read(list, raw, path) ?? [])
    .map((it, i) => read(schema, it, `${path}[${i}]`))
    .filter((it) => it !== undefined);
}

function readContent(type: string, raw: unknown, path: string, read: Read): MessageContent | undefined {
  if (type === 'text') {
    const found = read(textBody, raw, path);
    return found && { kind: 'text', text: found.text.body };
  }
  if (type === 'button') {
    const found = read(buttonBody, raw, path);
    return found && { kind: 'button', ...found.button };
  }
  if (type === 'interactive') {
    const found = read(buttonReplyBody, raw, path);
    return found && { kind: 'button_reply', ...found.interactive.button_reply };
  }
  return { kind: 'unsupported', messageType: type };
}

function toStatusEvent(it: z.infer<typeof status>, contacts: Contact[]): StatusEvent {
  const known = contactOf(contacts, it.recipient_id, it.recipient_user_id);
  return {
    type: 'status',
    wamid: it.id,
    status: it.status,
    timestampMs: it.timestamp * 1000,
    errors: (it.errors ?? []).map(toWebhookError),
    ...optional({
      recipientId: it.recipient_id,
      userId: it.recipient_user_id ?? known?.user_id,
      bizOpaque: it.biz_opaque_callback_data,
      pricing: it.pricing && toPricing(it.pricing),
    }),
  };
}

function toMessageEvent(
  it: z.infer<typeof message>,
  content: MessageContent,
  contacts: Contact[],
): MessageEvent {
  const known = contactOf(contacts, it.from, it.from_user_id);
  return {
    type: 'message',
    wamid: it.id,
    timestampMs: it.timestamp * 1000,
    content,
    ...optional({
      from: it.from,
      userId: it.from_user_id ?? known?.user_id,
      username: known?.profile?.username,
      replyTo: it.context?.id,
    }),
  };
}

/** The contact that shares an identifier with the item: never one that merely stands in the same body. */
function contactOf(
  contacts: Contact[],
  waId: string | undefined,
  user: string | undefined,
): Contact | undefined {
  return contacts.find(
    (it) => (waId !== undefined && it.wa_id === waId) || (user !== undefined && it.user_id === user),
  );
}

function toTemplateStatusEvent(value: z.infer<typeof templateStatus>): TemplateStatusEvent {
  return {
    type: 'template_status',
    event: value.event,
    name: value.message_template_name,
    language: value.message_template_language,
    ...optional({ reason: value.reason ?? undefined }),
  };
}

/** Meta raises a number from 80 to 1,000 messages a second in one step. */
const UPGRADED_PER_SECOND = 1000;

function toLimitsEvent(value: z.infer<typeof limitsUpdate>): LimitsEvent {
  const limit =
    value.max_daily_conversations_per_business ??
    value.max_daily_conversation_per_phone ??
    value.current_limit;
  return {
    type: 'limits',
    ...optional({
      displayPhoneNumber: value.display_phone_number?.replace(/\D/g, ''),
      dailyPeople: limit === undefined ? undefined : peopleOf(limit),
      quality: value.quality_rating,
      perSecond: value.event === 'THROUGHPUT_UPGRADE' ? UPGRADED_PER_SECOND : undefined,
    }),
  };
}

/** 'TIER_2K', 2000 → 2000; null: unlimited; undefined for what says nothing (a number that was never limited, say). */
export function peopleOf(limit: string | number): number | null | undefined {
  if (typeof limit === 'number') return limit > 0 ? limit : null;
  if (/UNLIMITED$/i.test(limit)) return null;
  const parts = /^(?:TIER_)?(\d{1,6})(K?)$/i.exec(limit);
  if (parts === null) return undefined;
  return Number(parts[1]) * (parts[2] === '' ? 1 : 1000);
}

function toWebhookError(it: z.infer<typeof error>): WebhookError {
  return { code: it.code, details: it.error_data?.details ?? '' };
}

function toPricing(it: NonNullable<z.infer<typeof status>['pricing']>): StatusPricing {
  return optional({ billable: it.billable, category: it.category, model: it.pricing_model, type: it.type });
}

/** Leaves out what is undefined: an absent field and an undefined one are not the same to the callers. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
