/** Messages beside codes, as Meta takes them, each checked against Meta's limits before it costs a call. */
import { countryOfPhone } from '../../shared/phone.ts';
import type { OutgoingMessage } from './templates.ts';
import type { UtilityMessage } from './utility-templates.ts';

/** Meta's limits, each named once. */
const BODY_LENGTH_MAX = 1024;
const TEXT_LENGTH_MAX = 4096;
const TITLE_LENGTH_MAX = 20;
const ID_LENGTH_MAX = 256;
const BUTTONS_MAX = 3;
const CALLBACK_DATA_LENGTH_MAX = 512;

/** Who a message goes to. A code goes to a phone number only. */
export type Address = { readonly phone: string } | { readonly userId: string };
/** `to`: E.164 digits without the plus; `recipient`: business-scoped user id. */
export type AddressFields = { to: string } | { recipient: string };

type Envelope = AddressFields & {
  messaging_product: 'whatsapp';
  recipient_type: 'individual';
  biz_opaque_callback_data?: string;
};

/** Only within 24 hours after the person wrote. */
export type InteractiveMessage = Envelope & {
  type: 'interactive';
  interactive: {
    type: 'button';
    body: { text: string };
    action: { buttons: { type: 'reply'; reply: { id: string; title: string } }[] };
  };
};

/** Only within 24 hours after the person wrote. */
export type TextMessage = Envelope & { type: 'text'; text: { body: string } };

export type AnyMessage = OutgoingMessage | UtilityMessage | InteractiveMessage | TextMessage;

/** @throws RangeError when it is neither a number nor a user id */
export function addressFields(address: Address): AddressFields {
  if ('phone' in address) {
    const to = address.phone.replace(/^\+/, '');
    if (!/^[1-9]\d{6,14}$/.test(to)) throw new RangeError('recipient_malformed');
    return { to };
  }
  if (!/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(address.userId))
    throw new RangeError('recipient_malformed');
  return { recipient: address.userId };
}

/** ISO 3166; a user id begins with its country. Null where it is not known. */
export function countryOf(address: Address): string | null {
  return 'phone' in address ? countryOfPhone(address.phone) : address.userId.slice(0, 2);
}

/** What `Address` is kept as: a number begins with '+', a user id with its country. */
export function addressText(address: Address): string {
  return 'phone' in address ? address.phone : address.userId;
}

export function parseAddress(text: string): Address {
  return text.startsWith('+') ? { phone: text } : { userId: text };
}

/** @throws RangeError for what Meta would refuse */
export function envelopeOf(address: Address, correlationId: string | undefined): Envelope {
  if ((correlationId?.length ?? 0) > CALLBACK_DATA_LENGTH_MAX) throw new RangeError('callback_data_too_long');
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...addressFields(address),
    ...(correlationId === undefined ? {} : { biz_opaque_callback_data: correlationId }),
  };
}

/** @throws RangeError for what Meta would refuse */
export function interactiveMessage(fields: {
  address: Address;
  text: string;
  buttons: readonly { readonly id: string; readonly title: string }[];
  correlationId?: string;
}): InteractiveMessage {
  const { address, text, buttons, correlationId } = fields;
  const titles = new Set(buttons.map(({ title }) => title));
  const ids = new Set(buttons.map(({ id }) => id));
  const checks: [string, boolean][] = [
    ['text_length', text.length < 1 || text.length > BODY_LENGTH_MAX],
    ['button_count', buttons.length < 1 || buttons.length > BUTTONS_MAX],
    ['buttons_alike', titles.size !== buttons.length || ids.size !== buttons.length],
    ['title_length', buttons.some(({ title }) => title.length < 1 || title.length > TITLE_LENGTH_MAX)],
    ['id_length', buttons.some(({ id }) => id.length < 1 || id.length > ID_LENGTH_MAX)],
  ];
  refuse(checks);
  return {
    ...envelopeOf(address, correlationId),
    type: 'interactive',
    interactive: {
      type: 'button',
      body: { text },
      action: { buttons: buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })) },
    },
  };
}

/** @throws RangeError for what Meta would refuse */
export function textMessage(fields: { address: Address; text: string; correlationId?: string }): TextMessage {
  const { address, text, correlationId } = fields;
  refuse([['text_length', text.trim().length < 1 || text.length > TEXT_LENGTH_MAX]]);
  return { ...envelopeOf(address, correlationId), type: 'text', text: { body: text } };
}

function refuse(checks: readonly [string, boolean][]): void {
  const faults = checks.filter(([, wrong]) => wrong).map(([fault]) => fault);
  if (faults.length > 0) throw new RangeError(`WhatsApp would refuse the message: ${faults.join(', ')}`);
}
