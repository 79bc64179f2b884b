import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { parseWebhook } from '../../../cloud/whatsapp/webhook.ts';
import { createGraphSim, SIM_DEFAULTS } from './sim.ts';
import { BUDI, call, caughtSim, codeBody, messagesPath, SITI } from './testing.ts';

const interactive = {
  messaging_product: 'whatsapp',
  to: BUDI,
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'Void Rp50.000?' },
    action: { buttons: [{ type: 'reply', reply: { id: 'approve:1', title: 'Setuju' } }] },
  },
};

test.each([
  [
    'id',
    '*482913* adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini.',
    'Salin kode',
    '5 menit',
  ],
  [
    'en',
    '*482913* is your verification code. For your security, do not share this code.',
    'Copy code',
    '5 minutes',
  ],
  ['tr', 'Doğrulama kodunuz: *482913*. Güvenliğiniz için bu kodu paylaşmayın.', 'Kodu kopyala', '5 dakika'],
])('a phone shows the code in the language of the template: %s', async (language, body, label, expiry) => {
  const { sim, run } = caughtSim();
  await call(sim, 'POST', messagesPath, codeBody({ language }));
  await run(2_000);
  const [message] = (await call(sim, 'GET', `/_sim/messages?to=%2B${BUDI}`)).json;
  expect(message).toMatchObject({ body, code: '482913', language, state: 'read' });
  expect(message.footer).toContain(expiry);
  expect(message.buttons).toEqual([{ kind: 'copy_code', label, code: '482913' }]);
});

test('waiting for a code ends when it comes, and a code already seen does not count again', async () => {
  const sim = createGraphSim({ phones: [{ number: BUDI }] });
  const path = `/_sim/phones/${BUDI}/latest-code`;
  const waiting = call(sim, 'GET', `${path}?wait_ms=5000`);
  await call(sim, 'POST', messagesPath, codeBody());
  const { status, json } = await waiting;
  expect(status).toBe(200);
  expect(json.code).toBe('482913');
  expect((await call(sim, 'GET', `${path}?wait_ms=50&after=${encodeURIComponent(json.wamid)}`)).status).toBe(
    404,
  );
  await sim.close();
});

test('outside the 24 hours a text is accepted and fails with 131047; after a message it is delivered', async () => {
  const { sim, clock, statuses, run } = caughtSim();
  const text = { messaging_product: 'whatsapp', to: BUDI, type: 'text', text: { body: 'halo' } };
  expect((await call(sim, 'POST', messagesPath, text)).status).toBe(200);
  await run(2_000);
  expect(statuses()).toEqual(['failed']);

  sim.setWebhook('http://127.0.0.1:1/');
  sim.webhooks.knobs.hold = true;
  await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { text: 'ya' });
  await call(sim, 'POST', messagesPath, text);
  await run(2_000);
  expect(sim.world.messages.at(-1)!.state).toBe('read');
  clock.advance(24 * 3_600_000);
  await call(sim, 'POST', messagesPath, text);
  await run(2_000);
  expect(sim.world.messages.at(-1)!.state).toBe('failed');
});

test('a tap on a button comes as Meta sends it, with or without the number', async () => {
  const { sim, caught, run } = caughtSim({ phones: [{ number: BUDI, name: 'Budi', username: 'budi' }] });
  await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { text: 'halo' });
  const sent = (await call(sim, 'POST', messagesPath, interactive)).json.messages[0].id;
  await run(2_000);
  await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { button: 0 });
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { hidesNumber: true });
  await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { button: 0, wamid: sent });
  await run(100);
  const events = caught.flatMap((it) => parseWebhook(JSON.parse(it.body.toString())).events);
  const taps = events.filter((it) => it.type === 'message' && it.content.kind === 'button_reply');
  const { userId } = sim.world.phones.get(BUDI)!;
  const tap = {
    userId,
    username: 'budi',
    replyTo: sent,
    content: { kind: 'button_reply', id: 'approve:1', title: 'Setuju' },
  };
  expect(taps).toMatchObject([{ ...tap, from: BUDI }, tap]);
  expect(taps[1]).not.toHaveProperty('from');
});

test('a quick reply of a template brings its payload', async () => {
  const template = {
    name: 'ask',
    language: 'id',
    category: 'utility',
    components: [
      { type: 'body', text: 'Void?' },
      {
        type: 'buttons',
        buttons: [
          { type: 'quick_reply', text: 'Setuju' },
          { type: 'quick_reply', text: 'Tolak' },
        ],
      },
    ],
  };
  const { sim, caught, run } = caughtSim({ templates: [template] });
  const ask = codeBody({ name: 'ask' });
  const payload = { type: 'payload', payload: 'reject:1' };
  (ask.template as { components: unknown }).components = [
    { type: 'button', sub_type: 'quick_reply', index: 1, parameters: [payload] },
  ];
  expect((await call(sim, 'POST', messagesPath, ask)).status).toBe(200);
  await run(2_000);
  await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { button: 1 });
  await run(100);
  const [event] = parseWebhook(JSON.parse(caught.at(-1)!.body.toString())).events;
  expect(event).toMatchObject({ content: { kind: 'button', payload: 'reject:1', text: 'Tolak' } });
  expect((await call(sim, 'POST', `/_sim/phones/${BUDI}/reply`, { button: 2 })).status).toBe(400);
  expect((await call(sim, 'POST', `/_sim/phones/${SITI}/reply`, { button: 0 })).status).toBe(400);
});

test('the request log keeps what was sent, what came back, and no calls of the control API', async () => {
  const { sim } = caughtSim();
  await call(sim, 'POST', messagesPath, codeBody());
  await call(sim, 'POST', messagesPath, codeBody({ language: 'fr' }));
  const { json } = await call(sim, 'GET', '/_sim/requests');
  expect(json).toMatchObject([
    { method: 'POST', path: messagesPath, status: 200, body: codeBody() },
    { path: messagesPath, status: 404, errorCode: 132001 },
  ]);
});

test('phones come and go, and reset leaves them', async () => {
  const { sim, run } = caughtSim({ phones: [] });
  expect((await call(sim, 'POST', '/_sim/phones', { number: '+62 812' })).status).toBe(400);
  expect((await call(sim, 'POST', '/_sim/phones', { number: `+${BUDI}`, nick: 'x' })).status).toBe(400);
  expect((await call(sim, 'POST', '/_sim/phones', { number: `+${BUDI}`, name: 'Budi' })).json.number).toBe(
    BUDI,
  );
  await call(sim, 'POST', messagesPath, codeBody());
  await run(2_000);
  await call(sim, 'POST', '/_sim/reset');
  const { json } = await call(sim, 'GET', '/_sim/state');
  expect(json).toMatchObject({ business_name: 'Toko Saksi', phones: [{ number: BUDI, messages: [] }] });
  await call(sim, 'DELETE', `/_sim/phones/${BUDI}`);
  expect((await call(sim, 'GET', '/_sim/state')).json.phones).toEqual([]);
  expect((await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: false })).status).toBe(404);
});

test('an endpoint is registered only when it echoes the challenge; webhooks then really arrive', async () => {
  const bodies: string[] = [];
  let echo = true;
  const endpoint = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams;
    if (request.method === 'GET') {
      const right =
        query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === SIM_DEFAULTS.verifyToken;
      response.end(right && echo ? query.get('hub.challenge') : 'no');
      return;
    }
    request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/webhooks/whatsapp`;
  const sim = createGraphSim({ phones: [{ number: BUDI }] });
  sim.world.pace.readMs = 150;

  echo = false;
  expect((await call(sim, 'PUT', '/_sim/webhook', { url })).status).toBe(400);
  await call(sim, 'POST', messagesPath, codeBody());
  await sim.settled();
  expect(bodies).toEqual([]);

  echo = true;
  expect((await call(sim, 'PUT', '/_sim/webhook', { url })).status).toBe(200);
  await call(sim, 'POST', messagesPath, codeBody());
  await sim.settled();
  expect(bodies.map((it) => JSON.parse(it).entry[0].changes[0].value.statuses[0].status)).toEqual([
    'sent',
    'delivered',
    'read',
  ]);
  await sim.close();
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
});

test('the page and its parts are served, and nothing foreign may run in it', async () => {
  const { sim } = caughtSim();
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/page.js', 'text/javascript'],
    ['/page.css', 'text/css'],
  ] as const) {
    const answer = await sim.app.inject({ url: path });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
  }
});

test('the event stream speaks up whenever something changes', async () => {
  const sim = createGraphSim();
  const url = await sim.listen();
  const stream = await fetch(`${url}/_sim/events`);
  const reader = stream.body!.getReader();
  const next = async () => Buffer.from((await reader.read()).value!).toString();
  expect(await next()).toBe('event: changed\ndata: {}\n\n');
  sim.addPhone({ number: BUDI });
  expect(await next()).toBe('event: changed\ndata: {}\n\n');
  await reader.cancel();
  await sim.close();
});
