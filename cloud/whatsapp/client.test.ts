import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/effects.ts';
import { createGraphSim, type GraphSim, SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import { createWhatsAppClient, type WhatsAppClient, type WhatsAppClientOptions } from './client.ts';
import { WhatsAppError, WhatsAppNetworkError } from './errors.ts';
import { codeMessage, findTemplate, loadTemplates } from './templates.ts';

const CODE = '482913';
const TOKEN = 'EAAB-very-secret-token';
const CUSTOMER = '6281234567890';
const template = findTemplate(loadTemplates().authentication, 'saksi_redemption_code', 'id')!;
const message = codeMessage({ template, to: CUSTOMER, code: CODE, correlationId: 'msg-1' });

let sim: GraphSim;
let graphUrl: string;
const clients: WhatsAppClient[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  sim = createGraphSim({ accessToken: TOKEN, phones: [{ number: CUSTOMER, name: 'Budi' }] });
  graphUrl = await sim.listen();
});
beforeEach(() => sim.world.reset());
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => sim.close());

function connect(options: Partial<WhatsAppClientOptions> = {}): WhatsAppClient {
  const client = createWhatsAppClient({
    graphUrl,
    version: SIM_DEFAULTS.version,
    phoneNumberId: SIM_DEFAULTS.phoneNumberId,
    accessToken: TOKEN,
    timeoutMs: 2_000,
    clock: systemClock,
    ...options,
  });
  clients.push(client);
  return client;
}

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const answerWith =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );
}

test('an app that demands proof of its secret gets it; without it the message is refused', async () => {
  const strict = createGraphSim({
    accessToken: TOKEN,
    requireProof: true,
    phones: [{ number: CUSTOMER, name: 'Budi' }],
  });
  const strictUrl = await strict.listen();
  try {
    const { appSecret } = SIM_DEFAULTS;
    await expect(connect({ graphUrl: strictUrl, appSecret }).send(message)).resolves.toMatchObject({
      status: 'accepted',
    });
    await expect(connect({ graphUrl: strictUrl }).send(message)).rejects.toBeInstanceOf(WhatsAppError);
    await expect(connect({ graphUrl: strictUrl, appSecret: 'another' }).send(message)).rejects.toBeInstanceOf(
      WhatsAppError,
    );
  } finally {
    await strict.close();
  }
});

test('a message is accepted and reaches the phone', async () => {
  const sent = await connect().send(message);
  expect(sent).toEqual({ wamid: expect.stringMatching(/^wamid\./), status: 'accepted' });
  await sim.settled();
  expect(sim.world.latestCode(CUSTOMER)).toMatchObject({ code: CODE, wamid: sent.wamid });
  expect(sim.requests.at(-1)).toMatchObject({
    path: '/v25.0/100000000000001/messages',
    status: 200,
    body: message,
  });
});

test.each([
  ['a wrong token', { accessToken: 'other' }, 190, 401, 'not_connected'],
  ['a phone number id that is not ours', { phoneNumberId: '999' }, 100, 400, 'our_fault'],
] as const)('%s is refused', async (_, options, code, httpStatus, reason) => {
  const error = await failureOf(connect(options).send(message));
  expect(error).toBeInstanceOf(WhatsAppError);
  expect(error).toMatchObject({ code, httpStatus, rule: { retry: 'no', reason } });
  expect((error as WhatsAppError).fbtraceId).toMatch(/^A/);
});

test('details and subcode are kept', async () => {
  const error = await failureOf(
    connect().send({ ...message, template: { ...message.template, name: 'unknown' } }),
  );
  expect(error).toMatchObject({
    code: 132001,
    httpStatus: 404,
    details: 'template name (unknown) does not exist in id',
  });
  expect(await failureOf(connect({ phoneNumberId: '999' }).send(message))).toMatchObject({ subcode: 33 });
});

test("Meta's trouble may be tried again", async () => {
  sim.world.failures.push({ code: 131016, at: 'answer', times: 1 });
  expect(await failureOf(connect().send(message))).toMatchObject({
    httpStatus: 503,
    rule: { retry: 'backoff' },
  });
  await expect(connect().send(message)).resolves.toMatchObject({ status: 'accepted' });
});

test('held and paused are told apart from accepted', async () => {
  for (const status of ['held_for_quality_assessment', 'paused'] as const) {
    const { url } = await serve(
      answerWith(200, `{"messages":[{"id":"wamid.X","message_status":"${status}"}]}`),
    );
    await expect(connect({ graphUrl: url }).send(message)).resolves.toEqual({ wamid: 'wamid.X', status });
  }
});

test.each([
  ['no JSON', 200, '<html>'],
  ['a success without message', 200, '{"messages":[]}'],
  ['an unknown message status', 200, '{"messages":[{"id":"w","message_status":"?"}]}'],
  ['a redirect', 302, ''],
  ['an error without code', 500, '{"error":{}}'],
  ["a proxy's page", 502, 'Bad Gateway'],
  [
    'more than any answer of Meta',
    200,
    JSON.stringify({ messages: [{ id: 'w' }], filler: 'x'.repeat(70_000) }),
  ],
])('%s is a bad answer: nobody knows whether it was sent', async (_, status, body) => {
  const { url } = await serve(answerWith(status, body));
  const error = await failureOf(connect({ graphUrl: url }).send(message));
  expect(error).toBeInstanceOf(WhatsAppNetworkError);
  expect(error).toMatchObject({ fault: 'bad_answer', outcome: 'unknown' });
});

test('a redirect is not followed: the token goes to nobody else', async () => {
  let followed = 0;
  const elsewhere = await serve((_request, response) => {
    followed += 1;
    response.end('{}');
  });
  const { url } = await serve((_request, response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  );
  await failureOf(connect({ graphUrl: url }).send(message));
  expect(followed).toBe(0);
});

test('no server: surely not sent', async () => {
  const { url, server } = await serve(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  servers.length = 0;
  expect(await failureOf(connect({ graphUrl: url }).send(message))).toMatchObject({
    fault: 'unreachable',
    outcome: 'not_sent',
  });
});

test('a connection that breaks after the request: perhaps sent', async () => {
  const { url } = await serve((request) => request.socket.destroy());
  expect(await failureOf(connect({ graphUrl: url }).send(message))).toMatchObject({
    fault: 'connection_lost',
    outcome: 'unknown',
  });
});

test.each([
  ['is silent', () => undefined],
  [
    'trickles',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
] as [string, RequestListener][])('a server that %s is given up after the timeout', async (_, listener) => {
  const { url } = await serve(listener);
  const startMs = performance.now();
  const error = await failureOf(connect({ graphUrl: url, timeoutMs: 200 }).send(message));
  const tookMs = performance.now() - startMs;
  expect(error).toMatchObject({ fault: 'timeout', outcome: 'unknown' });
  expect(tookMs).toBeGreaterThanOrEqual(190);
  expect(tookMs).toBeLessThan(1_500);
});

test('no error holds the code, the number or the token, however deep one looks', async () => {
  const refusing = await serve(answerWith(400, '{"error":{"code":131026,"message":"x"}}'));
  const breaking = await serve((request) => request.socket.destroy());
  const silent = await serve(() => undefined);
  const strange = await serve(answerWith(200, 'x'));
  for (const { url } of [refusing, breaking, silent, strange]) {
    const error = await failureOf(connect({ graphUrl: url, timeoutMs: 100 }).send(message));
    const text = `${inspect(error, { depth: Infinity, showHidden: true })}${JSON.stringify(error)}`;
    for (const secret of [CODE, TOKEN, CUSTOMER]) expect(text).not.toContain(secret);
  }
});

test('connections are kept: ten messages, no more than two connections', async () => {
  let connections = 0;
  const { url, server } = await serve(answerWith(200, '{"messages":[{"id":"w"}]}'));
  server.on('connection', () => {
    connections += 1;
  });
  const client = connect({ graphUrl: url });
  for (let count = 0; count < 10; count += 1) await client.send(message);
  // A message that follows in the very turn in which an answer ended finds its connection not free yet.
  expect(connections).toBeLessThanOrEqual(2);
});

test.each([
  ['http to another machine', { graphUrl: 'http://graph.facebook.com' }],
  ['http to a name that only looks like loopback', { graphUrl: 'http://127.0.0.1.example.com' }],
  ['http to a name that ends like loopback', { graphUrl: 'http://evil-localhost' }],
  ['another protocol', { graphUrl: 'ftp://127.0.0.1' }],
  ['a password in the URL', { graphUrl: 'https://me:secret@graph.facebook.com' }],
  ['a version that is none', { version: '25' }],
  ['an id that leaves the path', { phoneNumberId: '../1' }],
  ['no token', { accessToken: '' }],
  ['no timeout', { timeoutMs: 0 }],
])('%s is refused at once', (_, options) => {
  expect(() => connect(options)).toThrow(TypeError);
});

test.each(['https://graph.facebook.com', 'http://localhost:1', 'http://[::1]:1/base/'])(
  '%s is allowed',
  (url) => {
    expect(() => connect({ graphUrl: url })).not.toThrow();
  },
);
