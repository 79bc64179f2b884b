import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWebhook } from './webhook.ts';

const metadata = { display_phone_number: '15550783881', phone_number_id: '106540352242922' };
const body = (value: object, field = 'messages'): object => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '102290129340398', changes: [{ value, field }] }],
});
const messages = (fields: object): object => body({ messaging_product: 'whatsapp', metadata, ...fields });
const status = {
  id: 'wamid.A',
  status: 'delivered',
  timestamp: '1750263773',
  recipient_id: '6281234567890',
  recipient_user_id: 'ID.13491208655302741918',
  biz_opaque_callback_data: 'msg-1',
  pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' },
};

test('a status, with all that we use', () => {
  expect(parseWebhook(messages({ statuses: [status] }))).toEqual({
    events: [
      {
        type: 'status',
        wamid: 'wamid.A',
        status: 'delivered',
        timestampMs: 1_750_263_773_000,
        phoneNumberId: '106540352242922',
        recipientId: '6281234567890',
        userId: 'ID.13491208655302741918',
        bizOpaque: 'msg-1',
        errors: [],
        pricing: { billable: true, model: 'PMP', type: 'regular', category: 'authentication' },
      },
    ],
    ignored: [],
  });
});

test('a failed status keeps code and details, and has neither contact nor user id', () => {
  const failed = {
    id: 'wamid.A',
    status: 'failed',
    timestamp: '1',
    recipient_id: '6281234567890',
    errors: [{ code: 131026, title: 'x', message: 'x', error_data: { details: 'Message Undeliverable.' } }],
  };
  expect(parseWebhook(messages({ statuses: [failed] })).events).toEqual([
    {
      type: 'status',
      wamid: 'wamid.A',
      status: 'failed',
      timestampMs: 1000,
      phoneNumberId: '106540352242922',
      recipientId: '6281234567890',
      errors: [{ code: 131026, details: 'Message Undeliverable.' }],
    },
  ]);
});

test('a tap from somebody whose number Meta keeps to itself', () => {
  const tap = messages({
    contacts: [{ profile: { name: 'Budi', username: 'budi' }, user_id: 'ID.1' }],
    messages: [
      {
        from_user_id: 'ID.1',
        id: 'wamid.B',
        timestamp: '10',
        type: 'button',
        button: { payload: 'approve:1', text: 'Approve' },
        context: { from: '15550783881', id: 'wamid.A' },
      },
    ],
  });
  expect(parseWebhook(tap).events).toEqual([
    {
      type: 'message',
      wamid: 'wamid.B',
      timestampMs: 10_000,
      phoneNumberId: '106540352242922',
      userId: 'ID.1',
      username: 'budi',
      replyTo: 'wamid.A',
      content: { kind: 'button', payload: 'approve:1', text: 'Approve' },
    },
  ]);
});

test('a user id is taken from the contact with that number, never from another one in the same body', () => {
  const text = { from: '6281', id: 'wamid.C', timestamp: '10', type: 'text', text: { body: 'halo' } };
  const withContact = (waId: string) =>
    parseWebhook(
      messages({
        contacts: [{ wa_id: waId, user_id: 'ID.9' }],
        messages: [{ ...text, from: '6281234567890' }],
      }),
    ).events[0];
  expect(withContact('6281234567890')).toMatchObject({ userId: 'ID.9', from: '6281234567890' });
  expect(withContact('6289999999999')).not.toHaveProperty('userId');
});

test('interactive taps, texts and what we do not know', () => {
  const of = (fields: object) =>
    parseWebhook(messages({ messages: [{ id: 'w', timestamp: 5, from: '6281234567890', ...fields }] }))
      .events[0];
  const reply = { type: 'button_reply', button_reply: { id: 'a', title: 'Ya' } };
  expect(of({ type: 'interactive', interactive: reply })).toMatchObject({
    content: { kind: 'button_reply', id: 'a', title: 'Ya' },
  });
  expect(of({ type: 'text', text: { body: 'ok' } })).toMatchObject({ content: { kind: 'text', text: 'ok' } });
  expect(of({ type: 'sticker', sticker: {} })).toMatchObject({
    content: { kind: 'unsupported', messageType: 'sticker' },
  });
});

test('template statuses, account errors and other fields', () => {
  const value = {
    event: 'PAUSED',
    message_template_id: 1689556908129832,
    message_template_name: 'saksi_redemption_code',
    message_template_language: 'id',
    reason: null,
  };
  expect(parseWebhook(body(value, 'message_template_status_update')).events).toMatchObject([
    {
      type: 'account',
      field: 'message_template_status_update',
      facts: {
        event: 'PAUSED',
        message_template_name: 'saksi_redemption_code',
        message_template_id: '1689556908129832',
      },
    },
  ]);
  const errors = [{ code: 130429, title: 'Rate limit hit', error_data: { details: 'too many' } }];
  expect(parseWebhook(messages({ errors })).events).toEqual([
    { type: 'account_error', errors: [{ code: 130429, details: 'too many' }] },
  ]);
  expect(parseWebhook(body({ anything: 1 }, 'flows')).events).toEqual([{ type: 'other', field: 'flows' }]);
});

test('several entries and changes in one body are all read, in order', () => {
  const one = (id: string) => ({
    id: 'e',
    changes: [{ field: 'messages', value: { statuses: [{ ...status, id }] } }],
  });
  const found = parseWebhook({ object: 'whatsapp_business_account', entry: [one('1'), one('2')] });
  expect(found.events.map((it) => it.type === 'status' && it.wamid)).toEqual(['1', '2']);
});

test('one bad item is left out and named by its place, without any value of it', () => {
  const found = parseWebhook(
    messages({ statuses: [{ ...status, id: 'good' }, { ...status, status: 'secret-thing' }, 'no object'] }),
  );
  expect(found.events).toHaveLength(1);
  expect(found.ignored.map((it) => it.path)).toEqual([
    'entry[0].changes[0].statuses[1]',
    'entry[0].changes[0].statuses[2]',
  ]);
  expect(JSON.stringify(found.ignored)).not.toMatch(/secret-thing|no object/);
});

test('a strange identifier loses the identifier, not the status', () => {
  const found = parseWebhook(
    messages({ statuses: [{ ...status, recipient_id: 'group', recipient_user_id: 7 }] }),
  );
  expect(found.events).toHaveLength(1);
  expect(found.events[0]).not.toHaveProperty('recipientId');
  expect(found.events[0]).not.toHaveProperty('userId');
});

test('foreign objects give no event and a reason', () => {
  for (const foreign of [null, 1, 'x', [], {}, { object: 'page', entry: [] }]) {
    const found = parseWebhook(foreign);
    expect(found.events).toEqual([]);
    expect(found.ignored).toHaveLength(1);
  }
});

test('nothing throws: anything at all', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (json) => {
      parseWebhook(json);
    }),
    { numRuns: 2_000 },
  );
});

test('nothing throws and nothing is lost silently: a real body with one place replaced by anything', () => {
  const whole = messages({
    contacts: [{ profile: { name: 'Budi' }, wa_id: '6281234567890', user_id: 'ID.1' }],
    statuses: [status],
    messages: [
      { id: 'wamid.B', timestamp: '10', from: '6281234567890', type: 'text', text: { body: 'halo' } },
    ],
  });
  expect(parseWebhook(whole).events).toHaveLength(2);
  const places = paths(whole);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
      const found = parseWebhook(replaced(whole, path, value));
      const count = found.events.length + found.ignored.length;
      // Up to the change's value a replacement may take everything; a whole list may legally be empty.
      const inside = path.length > VALUE_DEPTH && !Array.isArray(value);
      if (inside) expect(count).toBeGreaterThanOrEqual(2);
    }),
    { numRuns: 2_000 },
  );
});

/** entry, 0, changes, 0, value */
const VALUE_DEPTH = 5;

type Path = (string | number)[];

function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const keys: Path = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    at,
    ...keys.flatMap((key) => paths((value as Record<string | number, unknown>)[key], [...at, key])),
  ];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
