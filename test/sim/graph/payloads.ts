/**
 * The bodies of webhooks. Source: Meta, webhook references "messages", "status messages",
 * "message_template_status_update", and "Business-scoped user IDs" for what is left out when.
 */
import { errorTitle } from './graph-error.ts';
import type { SimTemplate } from './templates.ts';

export type Account = {
  wabaId: string;
  phoneNumberId: string;
  displayPhoneNumber: string;
  businessName: string;
};
/**
 * Per-message pricing: templates are billed by their category; a utility template inside the person's window, and whatever is
 * not a template, are free.
 */
export type Pricing = {
  billable: boolean;
  pricing_model: 'PMP';
  type: 'regular' | 'free_customer_service';
  category: string;
};

export function pricingOf(category: string | undefined, windowOpen: boolean): Pricing {
  const free = category === undefined || (category === 'utility' && windowOpen);
  return {
    billable: !free,
    pricing_model: 'PMP',
    type: free ? 'free_customer_service' : 'regular',
    category: category ?? 'service',
  };
}

export type Person = {
  number: string;
  name: string;
  userId: string;
  username?: string;
  hidesNumber: boolean;
};

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

function envelope(account: Account, field: string, value: object, time?: number): object {
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: account.wabaId, ...(time === undefined ? {} : { time }), changes: [{ value, field }] }],
  };
}

function messagesValue(account: Account, fields: object): object {
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: account.displayPhoneNumber, phone_number_id: account.phoneNumberId },
    ...fields,
  };
}

export function statusPayload(
  account: Account,
  it: {
    wamid: string;
    status: 'sent' | 'delivered' | 'read' | 'failed';
    atMs: number;
    to: string;
    /** Absent when no such person is on WhatsApp. */
    person: Person | undefined;
    pricing: Pricing | undefined;
    bizOpaque: string | undefined;
    errorCode: number | undefined;
    errorDetails: string | undefined;
  },
): object {
  const failed = it.status === 'failed';
  const person = failed ? undefined : it.person;
  const status = {
    id: it.wamid,
    status: it.status,
    timestamp: seconds(it.atMs),
    recipient_id: it.to,
    ...(person === undefined ? {} : { recipient_user_id: person.userId }),
    ...(it.bizOpaque === undefined ? {} : { biz_opaque_callback_data: it.bizOpaque }),
    ...(failed || it.pricing === undefined ? {} : { pricing: it.pricing }),
    ...(it.errorCode === undefined ? {} : { errors: [toError(it.errorCode, it.errorDetails)] }),
  };
  // A sent status never tells the username; a failed one carries no contact at all.
  const contacts = person && [contactOf(person, it.to, it.status !== 'sent')];
  return envelope(
    account,
    'messages',
    messagesValue(account, { ...(contacts && { contacts }), statuses: [status] }),
  );
}

function toError(code: number, details: string | undefined): object {
  const title = errorTitle(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? `${title}.` },
    href: 'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes',
  };
}

function contactOf(person: Person, waId: string | undefined, withUsername: boolean): object {
  return {
    profile: {
      name: person.name,
      ...(withUsername && person.username !== undefined ? { username: person.username } : {}),
    },
    ...(waId === undefined ? {} : { wa_id: waId }),
    user_id: person.userId,
  };
}

/** @param content the part that depends on the type: `{type, text|button|interactive}` */
export function messagePayload(
  account: Account,
  it: { wamid: string; atMs: number; person: Person; replyTo: string | undefined; content: object },
): object {
  const waId = it.person.hidesNumber ? undefined : it.person.number;
  const message = {
    ...(it.replyTo === undefined ? {} : { context: { from: account.displayPhoneNumber, id: it.replyTo } }),
    ...(waId === undefined ? {} : { from: waId }),
    from_user_id: it.person.userId,
    id: it.wamid,
    timestamp: seconds(it.atMs),
    ...it.content,
  };
  const contacts = [contactOf(it.person, waId, true)];
  return envelope(account, 'messages', messagesValue(account, { contacts, messages: [message] }));
}

export function templateStatusPayload(account: Account, template: SimTemplate, atMs: number): object {
  const value = {
    event: template.status,
    message_template_id: Number(template.id),
    message_template_name: template.name,
    message_template_language: template.language,
    message_template_category: template.category,
    reason: template.status === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE',
  };
  return envelope(account, 'message_template_status_update', value, Math.floor(atMs / 1000));
}

/** News about the account, its number or a template: `value` as Meta's reference of that field shows it. */
export function accountPayload(account: Account, field: string, value: object, atMs: number): object {
  return envelope(account, field, value, Math.floor(atMs / 1000));
}

/** What the business may send was changed: people a day outside their windows, null for unlimited. */
export function capabilityOf(dailyPeople: number | null): object {
  const limit = tierOf(dailyPeople);
  return { max_daily_conversations_per_business: limit, max_phone_numbers_per_business: 2 };
}

/** 2000 → 'TIER_2K'; null: unlimited. */
export function tierOf(people: number | null): string {
  if (people === null) return 'TIER_UNLIMITED';
  return people % 1000 === 0 ? `TIER_${people / 1000}K` : `TIER_${people}`;
}
