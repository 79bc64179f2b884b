/**
 * From a webhook body to typed events. Lenient towards fields that we do not know, strict in those that we
 * use; one bad item never takes another one with it; nothing throws, whatever the body holds.
 *
 * Source: Meta, webhook references "messages", "status messages", and "Business-scoped user IDs" (since 2026 the phone number may be missing, the user id is not).
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ACCOUNT_FIELDS, type AccountFacts, type AccountField, isAccountField } from './account-webhooks.ts';
import {
  buttonBody,
  buttonReplyBody,
  type Contact,
  change,
  contact,
  entry,
  envelope,
  error,
  list,
  message,
  messagesValue,
  status,
  systemBody,
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
  /** WhatsApp itself: the sender's number or account is another one from now on. Number in digits. */
  | { kind: 'changed'; phone?: string; userId?: string }
  | { kind: 'unsupported'; messageType: string };

export type MessageEvent = {
  type: 'message';
  wamid: string;
  timestampMs: number;
  phoneNumberId?: string;
  /** Whose number it is, of the gateway's accounts: added where the webhook is taken. */
  account?: string;
  /** Phone number in digits, without the plus. */
  from?: string;
  userId?: string;
  username?: string;
  /** wamid of the message that this one answers. */
  replyTo?: string;
  content: MessageContent;
};

/** News about the account, its number or its templates. */
export type AccountEvent = {
  [F in AccountField]: {
    type: 'account';
    /** The same for the same news, however often it comes. */
    key: string;
    wabaId?: string;
    field: F;
    /** By Meta's clock, whole seconds. */
    timestampMs?: number;
    facts: AccountFacts<F>;
  };
}[AccountField];

/** A fault of the account or the app, not of one message. */
export type AccountErrorEvent = { type: 'account_error'; errors: WebhookError[] };
export type OtherEvent = { type: 'other'; field: string };
export type WebhookEvent = StatusEvent | MessageEvent | AccountEvent | AccountErrorEvent | OtherEvent;

type Entry = z.infer<typeof entry>;

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
    const found = read(entry, rawEntry, path);
    found?.changes.forEach((rawChange, c) => {
      const changePath = `${path}.changes[${c}]`;
      const one = read(change, rawChange, changePath);
      if (one !== undefined) readChange(found, one, changePath, out, read);
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

function readChange(
  from: Entry,
  found: z.infer<typeof change>,
  path: string,
  out: ParsedWebhook,
  read: Read,
): void {
  if (isAccountField(found.field)) {
    const facts = read<AccountFacts<AccountField>>(ACCOUNT_FIELDS[found.field], found.value, path);
    if (facts !== undefined) out.events.push(toAccountEvent(from, found.field, facts));
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
  if (type === 'system') {
    const found = read(systemBody, raw, path);
    return found && readChanged(found.system);
  }
  return { kind: 'unsupported', messageType: type };
}

/** Other news of the system are none for us. */
function readChanged(system: z.infer<typeof systemBody>['system']): MessageContent {
  const { type, wa_id: waId, new_wa_id: newWaId, user_id: userId } = system;
  if (!/^(user|customer)_changed_/.test(type)) return { kind: 'unsupported', messageType: 'system' };
  return { kind: 'changed', ...optional({ phone: waId ?? newWaId, userId }) };
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

function toAccountEvent(
  { id: wabaId, time }: Entry,
  field: AccountField,
  facts: AccountFacts<AccountField>,
): AccountEvent {
  const key = createHash('sha256')
    .update(JSON.stringify([wabaId, time, field, facts]))
    .digest('hex');
  const fields = optional({ wabaId, timestampMs: time === undefined ? undefined : time * 1000 });
  return { type: 'account', key, field, facts, ...fields } as AccountEvent;
}

function toWebhookError(it: z.infer<typeof error>): WebhookError {
  return { code: it.code, details: it.error_data?.details ?? '' };
}

function toPricing(it: NonNullable<z.infer<typeof status>['pricing']>): StatusPricing {
  return optional({ billable: it.billable, category: it.category, model: it.pricing_model, type: it.type });
}

/** Leaves out what is undefined: an absent field and an undefined one are not the same to the callers. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) present[key] = fields[key];
  return present as { [K in keyof T]?: Exclude<T[K], undefined> };
}
