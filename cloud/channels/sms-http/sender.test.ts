import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/effects.ts';
import { FakeClock } from '../../../test/fixtures/fake-clock.ts';
import type { OutgoingText } from '../channel.ts';
import { at, loadPreset, type Preset, type SmsForm, smsFormSchema } from './form.ts';
import { isSigned, readReport } from './report.ts';
import { createHttpSms } from './sender.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A provider that answers as told; null: never. */
async function provider(answer: { status: number; body: string } | null) {
  const asked: Asked[] = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
    if (answer === null) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, base: `http://127.0.0.1:${port}` };
}

const VALUES = {
  twilio: { accountSid: 'AC1', authToken: 'secret-token', from: '+15550001111' },
  vonage: { apiKey: 'abcd1234', apiSecret: 'secret', from: 'TOKO' },
} as const;

const text: OutgoingText = {
  messageId: '0190a6e0-0000-7000-8000-00000000000a',
  to: '+6281234567890',
  subject: '',
  text: 'Kode 123456 & jangan + bagikan',
  validSeconds: 300,
};

/** The preset with the provider's host replaced, and nothing else. */
function formAt(preset: Preset, base: string): SmsForm {
  const form = loadPreset(preset);
  const url = form.request.url.replace(/^https:\/\/[^/]+/, base);
  return { ...form, request: { ...form.request, url } };
}

function channelOf(preset: Preset, base: string, callback: string | null = 'https://shop.example/v1/r/x') {
  return createHttpSms({
    form: formAt(preset, base),
    values: VALUES[preset],
    callbackOf: callback === null ? null : () => callback,
    clock: systemClock,
  });
}

it("asks in the form of Twilio's Messages resource", async () => {
  const { asked, base } = await provider({ status: 201, body: '{"sid":"SM1","status":"queued"}' });
  expect(await channelOf('twilio', base).send(text)).toEqual({ outcome: 'accepted', providerId: 'SM1' });
  const [request] = asked;
  expect([request?.method, request?.url]).toEqual(['POST', '/2010-04-01/Accounts/AC1/Messages.json']);
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('AC1:secret-token').toString('base64')}`);
  expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    To: '+6281234567890',
    From: '+15550001111',
    Body: text.text,
    ValidityPeriod: '300',
    StatusCallback: 'https://shop.example/v1/r/x',
  });
});

it("asks in the form of Vonage's SMS API, and says which letters it needs", async () => {
  const { asked, base } = await provider({
    status: 200,
    body: '{"message-count":"1","messages":[{"status":"0","message-id":"0A1"}]}',
  });
  const channel = channelOf('vonage', base, null);
  expect(await channel.send(text)).toEqual({ outcome: 'accepted', providerId: '0A1' });
  await channel.send({ ...text, text: 'Şifre 123456' });
  const fields = asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  expect(fields[0]).toEqual({
    api_key: 'abcd1234',
    api_secret: 'secret',
    from: 'TOKO',
    to: '6281234567890',
    text: text.text,
    type: 'text',
    ttl: '300000',
  });
  expect(fields[1]?.type).toBe('unicode');
  expect(channel.reports).toBe(false);
});

it.each([
  ['vonage', 200, '{"messages":[{"status":"1","error-text":"Throttled"}]}', 'wait_moment', true],
  ['vonage', 200, '{"messages":[{"status":"9","error-text":"Partner quota"}]}', 'channel_refused', false],
  ['vonage', 200, 'not json at all', 'channel_refused', false],
  ['twilio', 400, '{"code":21211,"message":"Invalid To"}', 'wrong_number', false],
  ['twilio', 429, '{"code":20429}', 'wait_moment', true],
  ['twilio', 429, '', 'wait_moment', true],
  ['twilio', 401, '{"code":20003}', 'channel_refused', false],
  ['twilio', 503, '<html>', 'channel_down', true],
  ['twilio', 200, '{"status":"queued"}', 'channel_refused', false],
  ['twilio', 302, '', 'channel_refused', false],
] as const)('%s: %i %s is %s', async (preset, status, body, reason, retry) => {
  const { base } = await provider({ status, body });
  const outcome = await channelOf(preset, base).send(text);
  expect(outcome).toMatchObject({ outcome: 'refused', reason, retry });
  expect(JSON.stringify(outcome)).not.toMatch(/secret|123456|628123/);
});

it('gives up a provider that does not answer, and one that is not there', async () => {
  const { base, asked } = await provider(null);
  const clock = new FakeClock();
  const silent = createHttpSms({
    form: formAt('twilio', base),
    values: VALUES.twilio,
    callbackOf: null,
    clock,
  });
  const sending = silent.send(text);
  await expect.poll(() => asked.length).toBe(1);
  await clock.advance(10_000);
  expect(await sending).toEqual({ outcome: 'refused', reason: 'channel_down', retry: true, code: 'timeout' });
  const nobody = channelOf('twilio', 'http://127.0.0.1:9');
  expect(await nobody.send(text)).toMatchObject({ reason: 'channel_down', retry: true, code: 'unreachable' });
});

it('fills JSON bodies, headers and queries, and lets no value out of its place in the address', async () => {
  const { asked, base } = await provider({ status: 200, body: '{"data":[{"ref":77}]}' });
  const form = smsFormSchema.parse({
    values: ['key'],
    request: {
      method: 'POST',
      url: `${base}/send/{{key}}/messages`,
      headers: { 'x-key': '{{key}}' },
      json: { messages: [{ destinations: [{ to: '{{toDigits}}' }], text: '{{text}}', flash: false }] },
    },
    answer: { success: [{ path: 'data.0.ref' }], providerId: 'data.0.ref' },
  });
  const options = { form, values: { key: 'a/../b?c' }, callbackOf: null, clock: systemClock };
  expect(await createHttpSms(options).send(text)).toEqual({ outcome: 'accepted', providerId: '77' });
  expect(asked[0]?.url).toBe('/send/a%2F..%2Fb%3Fc/messages');
  expect(asked[0]?.headers['x-key']).toBe('a/../b?c');
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    messages: [{ destinations: [{ to: '6281234567890' }], text: text.text, flash: false }],
  });
  const query: SmsForm = {
    ...form,
    request: { method: 'GET', url: base, headers: {}, form: { to: '{{to}}' } },
  };
  await createHttpSms({ ...options, form: query }).send(text);
  expect([asked[1]?.method, asked[1]?.url]).toEqual(['GET', '/?to=%2B6281234567890']);
});

it('refuses a form that lacks a value, and an address that is neither https nor loopback, when it is set up', () => {
  const options = { values: VALUES.twilio, callbackOf: null, clock: systemClock };
  expect(() => createHttpSms({ ...options, form: formAt('twilio', 'http://sms.example') })).toThrow(/https/);
  expect(() => createHttpSms({ ...options, form: loadPreset('twilio'), values: {} })).toThrow(/accountSid/);
  for (const preset of ['twilio', 'vonage'] as const) {
    expect(Object.keys(VALUES[preset])).toEqual(loadPreset(preset).values);
  }
});

it('believes a report that the provider signed, and no other', () => {
  const form = loadPreset('twilio');
  const fields = { MessageStatus: 'delivered', MessageSid: 'SM1', To: '+62812' };
  const url = 'https://shop.example/v1/r/x';
  const signed = createHmac('sha1', 'secret-token')
    .update(`${url}MessageSidSM1MessageStatusdeliveredTo+62812`)
    .digest('base64');
  const request = { url, fields, headers: { 'x-twilio-signature': signed } };
  expect(isSigned(form, VALUES.twilio, request)).toBe(true);
  const others = [
    { ...request, url: `${url}y` },
    { ...request, fields: { ...fields, MessageStatus: 'failed' } },
    { ...request, headers: {} },
    { ...request, headers: { 'x-twilio-signature': `${signed.slice(0, -2)}A=` } },
  ];
  expect(others.map((other) => isSigned(form, VALUES.twilio, other))).toEqual([false, false, false, false]);
  expect(isSigned(form, { ...VALUES.twilio, authToken: 'other' }, request)).toBe(false);
});

it('reads reports by the form', () => {
  const { messageId } = text;
  const twilio = (fields: object) => readReport(loadPreset('twilio'), { ...fields }, messageId);
  expect(twilio({ MessageStatus: 'delivered' })).toEqual({ messageId, state: 'delivered', reason: null });
  expect(twilio({ MessageStatus: 'undelivered', ErrorCode: '30005' })).toMatchObject({
    reason: 'wrong_number',
  });
  expect(twilio({ MessageStatus: 'failed', ErrorCode: '30008' })).toMatchObject({ reason: 'not_reachable' });
  expect(twilio({ MessageStatus: 'canceled' })).toBeNull();
  expect(readReport(loadPreset('vonage'), { status: 'buffered' }, messageId)).toMatchObject({
    state: 'sent',
  });
  expect(twilio({})).toBeNull();
});

it('finds what is there, and takes nothing from prototypes', () => {
  expect(at({ a: [{ b: 5 }] }, 'a.0.b')).toBe('5');
  expect([
    at(Object.create({ a: 'of a prototype' }), 'a'),
    at(null, 'a'),
    at({ a: {} }, 'a'),
    at({ a: '' }, 'a'),
  ]).toEqual([null, null, null, null]);
});
