import { expect, test } from 'vitest';
import { BUDI, call, caughtSim, codeBody, messagesPath, templatesPath } from './testing.ts';

const { sim } = caughtSim({ limits: { on: false } });

/** Takes the valid body, changes it, and says which code comes back. */
async function codeAfter(
  change: (body: ReturnType<typeof codeBody> & Record<string, unknown>) => void,
): Promise<number> {
  const body = codeBody() as ReturnType<typeof codeBody> & Record<string, unknown>;
  change(body);
  const { status, json } = await call(sim, 'POST', messagesPath, body);
  return status === 200 ? 200 : json.error.code;
}

test("Meta's answer to a message that it takes", async () => {
  const { status, json } = await call(sim, 'POST', messagesPath, codeBody({ to: `+${BUDI}` }));
  expect(status).toBe(200);
  expect(json).toEqual({
    messaging_product: 'whatsapp',
    contacts: [{ input: `+${BUDI}`, wa_id: BUDI }],
    messages: [{ id: expect.stringMatching(/^wamid\.[A-Za-z0-9+/=]+$/), message_status: 'accepted' }],
  });
});

test("Meta's shape of an error", async () => {
  const { status, json } = await call(sim, 'POST', messagesPath, codeBody({ name: 'unknown' }));
  expect(status).toBe(404);
  expect(json).toEqual({
    error: {
      message: '(#132001) Template name does not exist in the translation',
      type: 'OAuthException',
      code: 132001,
      error_data: { messaging_product: 'whatsapp', details: 'template name (unknown) does not exist in id' },
      fbtrace_id: expect.stringMatching(/^A[\w-]{22}$/),
    },
  });
});

test.each([
  ['no token', {}, 401, 104],
  ['another token', { authorization: 'Bearer other' }, 401, 190],
  ['the token without Bearer', { authorization: 'sim-access-token' }, 401, 190],
])('%s', async (_, headers, status, code) => {
  const answer = await call(sim, 'POST', messagesPath, codeBody(), headers);
  expect(answer).toMatchObject({ status, json: { error: { code, type: 'OAuthException' } } });
});

test.each([
  ['POST', '/v25.0/999/messages', 400, 100],
  ['GET', '/v25.0/999/message_templates', 400, 100],
  ['POST', '/25/100000000000001/messages', 404, 2500],
  ['POST', '/v25.0/100000000000001/media', 404, 2500],
  ['GET', '/v25.0/100000000000001/messages', 404, 2500],
  ['GET', '/anything', 404, 2500],
] as const)('%s %s is refused', async (method, path, status, code) => {
  const answer = await call(sim, method, path, method === 'POST' ? codeBody() : undefined);
  expect(answer).toMatchObject({ status, json: { error: { code, fbtrace_id: expect.any(String) } } });
});

test('a body that is not JSON, no object or of another type', async () => {
  for (const body of ['{', '[]', '"x"', 'null']) {
    expect(await call(sim, 'POST', messagesPath, body)).toMatchObject({
      status: 400,
      json: { error: { code: 100 } },
    });
  }
  const form = await sim.app.inject({
    method: 'POST',
    url: messagesPath,
    headers: { authorization: 'Bearer sim-access-token', 'content-type': 'text/plain' },
    payload: 'to=1',
  });
  expect(form.json().error.code).toBe(100);
});

type Change = Parameters<typeof codeAfter>[0];
const drop =
  (key: string): Change =>
  (body) => {
    delete body[key];
  };
const component =
  (index: number, change: (it: Record<string, unknown>) => void): Change =>
  (body) =>
    change(body.template.components[index] as unknown as Record<string, unknown>);

test.each<[string, number, Change]>([
  ['as it should be', 200, () => undefined],
  ['no messaging_product', 100, drop('messaging_product')],
  ['another messaging_product', 100, (it) => (it.messaging_product = 'sms')],
  ['no recipient', 100, drop('to')],
  ['a recipient that is no number', 131009, (it) => (it.to = '0812345')],
  ['ourselves', 131021, (it) => (it.to = '622150000001')],
  ['an unknown type', 131051, (it) => (it.type = 'carrier_pigeon')],
  ['an unknown key', 100, (it) => (it.priority = 'high')],
  ['an unknown key deep down', 100, component(0, (it) => (it.colour = 'red'))],
  ['no template', 131008, drop('template')],
  ['no language', 131008, (it) => Reflect.deleteProperty(it.template, 'language')],
  ['a language that it lacks', 132001, (it) => (it.template.language.code = 'fr')],
  ['no parameter for the body', 132000, component(0, (it) => (it.parameters = []))],
  [
    'two for the body',
    132000,
    component(0, (it) => (it.parameters = Array(2).fill({ type: 'text', text: '1' }))),
  ],
  ['no body', 132000, (it) => it.template.components.shift()],
  ['the body twice', 100, (it) => it.template.components.push(it.template.components[0]!)],
  ['no button', 131008, (it) => it.template.components.pop()],
  ['the button twice', 132018, (it) => it.template.components.push(it.template.components[1]!)],
  ['a button that is not there', 132018, component(1, (it) => (it.index = '1'))],
  ['no parameter for the button', 132000, component(1, (it) => (it.parameters = []))],
  [
    'another code on the button',
    132018,
    component(1, (it) => (it.parameters = [{ type: 'text', text: '000000' }])),
  ],
  [
    'a quick reply where the code belongs',
    132018,
    component(1, (it) =>
      Object.assign(it, { sub_type: 'quick_reply', parameters: [{ type: 'payload', payload: 'x' }] }),
    ),
  ],
  ['an empty parameter', 131009, component(0, (it) => (it.parameters = [{ type: 'text', text: '' }]))],
  [
    'a parameter of a wrong type',
    131009,
    component(0, (it) => (it.parameters = [{ type: 'text', text: 482913 }])),
  ],
  ['too much callback data', 131009, (it) => (it.biz_opaque_callback_data = 'x'.repeat(513))],
  ['as much callback data as there may be', 200, (it) => (it.biz_opaque_callback_data = 'x'.repeat(512))],
])('%s: %i', async (_, code, change) => {
  expect(await codeAfter(change)).toBe(code);
});

test('a code of 15 characters is taken, one of 16 or with a line break is not', async () => {
  const of = async (code: string) => (await call(sim, 'POST', messagesPath, codeBody({ code }))).json;
  expect((await of('123456789012345')).error).toBeUndefined();
  expect((await of('1234567890123456')).error.code).toBe(132018);
  expect((await of('123\n456')).error.code).toBe(132018);
});

test('a code goes to a number, never to a user id; where both are given the number counts', async () => {
  const { userId } = sim.world.phones.get(BUDI)!;
  const { to: _, ...withoutNumber } = codeBody();
  expect(
    (await call(sim, 'POST', messagesPath, { ...withoutNumber, recipient: userId })).json.error.code,
  ).toBe(131062);
  const both = await call(sim, 'POST', messagesPath, { ...codeBody(), recipient: 'ID.1' });
  expect(both.json.contacts).toEqual([{ input: BUDI, wa_id: BUDI }]);
  const text = { messaging_product: 'whatsapp', recipient: userId, type: 'text', text: { body: 'halo' } };
  expect((await call(sim, 'POST', messagesPath, text)).json.contacts).toEqual([
    { input: userId, user_id: userId },
  ]);
});

test('the allow-list of a test number', async () => {
  await call(sim, 'PUT', '/_sim/allow-list', { numbers: ['+6289999999999'] });
  expect((await call(sim, 'POST', messagesPath, codeBody())).json.error.code).toBe(131030);
  await call(sim, 'PUT', '/_sim/allow-list', { numbers: null });
  expect((await call(sim, 'POST', messagesPath, codeBody())).status).toBe(200);
});

test('templates: listed as they read after creation', async () => {
  const { json } = await call(sim, 'GET', `${templatesPath}?name=saksi_redemption_code`);
  expect(json.data.map((it: { language: string }) => it.language)).toEqual(['en', 'id', 'tr']);
  expect(json.data[1]).toMatchObject({
    status: 'APPROVED',
    category: 'AUTHENTICATION',
    message_send_ttl_seconds: 300,
  });
  expect(json.data[1].components.map((it: { type: string }) => it.type)).toEqual([
    'BODY',
    'FOOTER',
    'BUTTONS',
  ]);
  expect(json.data[1].components[2].buttons[0].type).toBe('URL');
});

test('a template can be sent once it is approved, not before, and not while paused or disabled', async () => {
  const approval = {
    name: 'approval_request',
    language: 'id',
    category: 'UTILITY',
    components: [
      { type: 'BODY', text: 'Kasir {{1}} minta {{2}}.', example: { body_text: [['Ani', 'void']] } },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Setuju' },
          { type: 'QUICK_REPLY', text: 'Tolak' },
        ],
      },
    ],
  };
  for (const [part, text] of [
    [0, '{{1}} minta {{2}}.'],
    [0, 'Kasir {{1}} minta {{2}}'],
  ] as const) {
    const wrong = structuredClone(approval);
    Object.assign(wrong.components[part] ?? {}, { text });
    expect((await call(sim, 'POST', templatesPath, wrong)).json.error).toMatchObject({ code: 100 });
  }
  const created = await call(sim, 'POST', templatesPath, approval);
  expect(created).toMatchObject({ status: 200, json: { status: 'PENDING', category: 'UTILITY' } });
  const again = await call(sim, 'POST', templatesPath, approval);
  expect(again.json.error).toMatchObject({ code: 100, error_subcode: 2388024 });

  const request = codeBody({ name: 'approval_request' });
  request.template.components = [
    {
      type: 'body',
      parameters: [
        { type: 'text', text: 'Ani' },
        { type: 'text', text: 'void' },
      ],
    },
  ];
  const send = async () => (await call(sim, 'POST', messagesPath, request)).json.error?.code ?? 200;
  expect(await send()).toBe(132001);
  for (const [status, code] of [
    ['APPROVED', 200],
    ['PAUSED', 132015],
    ['DISABLED', 132016],
    ['REJECTED', 132001],
  ]) {
    await call(sim, 'PATCH', '/_sim/templates/approval_request/id', { status });
    expect(await send()).toBe(code);
  }
});

test.each([
  ['a body text of our own', { type: 'body', text: 'My own words' }],
  ['an expiration of 0 minutes', { type: 'footer', code_expiration_minutes: 0 }],
  ['an expiration of 91 minutes', { type: 'footer', code_expiration_minutes: 91 }],
  ['a URL button', { type: 'buttons', buttons: [{ type: 'url', text: 'x', url: 'https://x.example' }] }],
])('template refused: %s', async (_, part) => {
  const parts = [
    { type: 'body' },
    { type: 'footer', code_expiration_minutes: 5 },
    { type: 'buttons', buttons: [{ type: 'otp', otp_type: 'copy_code' }] },
  ];
  const template = { name: 'a_code', language: 'id', category: 'authentication', components: parts };
  const changed = { ...template, components: parts.map((it) => (it.type === part.type ? part : it)) };
  expect((await call(sim, 'POST', templatesPath, changed)).json.error.code).toBe(100);
});

test('template refused: unknown language, bad name, time to live out of range', async () => {
  const parts = [{ type: 'body' }, { type: 'buttons', buttons: [{ type: 'otp', otp_type: 'copy_code' }] }];
  const template = { name: 'b_code', language: 'id', category: 'authentication', components: parts };
  for (const change of [{ language: 'xx' }, { name: 'Big' }, { message_send_ttl_seconds: 901 }]) {
    expect((await call(sim, 'POST', templatesPath, { ...template, ...change })).json.error.code).toBe(100);
  }
  expect((await call(sim, 'POST', templatesPath, template)).status).toBe(200);
});
