import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock, systemRandom } from '../../shared/effects.ts';
import { SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import { POS_PATHS } from '../../shared/pos-link-api.ts';
import { APPROVAL, FakePos, POS_ID as ID, NO_SHIFT, REDEMPTION } from '../../test/fixtures/fake-pos.ts';
import { MemoryLog } from '../../test/fixtures/fake-till.ts';
import { Z_REPORT } from '../../test/fixtures/shift-desk.ts';
import { LOOPBACK_LIMITS } from '../loopback/limits.ts';
import { createPosLink, type PosLink } from './pos-link.ts';
import { POS_RATES } from './rate-limit.ts';
import { openPosToken, type PosToken } from './token-file.ts';

const KEY = 'terminal-1:sale-9';

let folder: string;
let token: PosToken;
let pos: FakePos;
let log: MemoryLog;
let link: PosLink;
let elapsedMs: number;

const clock: Clock = { ...systemClock, monotonic: () => elapsedMs };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saksi-pos-'));
  token = await openPosToken(folder, systemRandom);
  pos = new FakePos();
  log = new MemoryLog();
  elapsedMs = 0;
  link = await createPosLink({ pos, port: 0, token, appVersion: '1.2.3', clock, log });
});

afterEach(async () => {
  await link.stop();
  await rm(folder, { recursive: true });
});

const auth = () => ({ authorization: `Bearer ${token.current()}` });
const BODY = { customer: { phone: '0812-3456-7890' }, asset: 'deposit', amount: 50_000, saleRef: 'INV-9' };

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`${link.url}${path}`, { ...init, headers: { ...auth(), ...init.headers } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

function post(path: string, body: unknown, headers: Record<string, string> = { 'idempotency-key': KEY }) {
  return call(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** Status and code of a refusal, whose whole body has the one shape of refusals. */
function refusal(answer: { status: number; body: unknown }): [number, string] {
  return [answer.status, wireErrorSchema.parse(answer.body).error.code];
}

/** By node:http, which sends Host and Origin exactly as given. */
function raw(headers: Record<string, string>, path: string = POS_PATHS.status): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: link.port, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        const body = JSON.parse(text) as { error?: { code: string } };
        resolve([response.statusCode ?? 0, body.error?.code ?? '']);
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('who may call', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['another scheme', { authorization: 'Basic eA==' }],
    ['an endless token', { authorization: `Bearer ${'x'.repeat(5000)}` }],
  ])('not with %s', async (_, headers) => {
    expect(await raw(headers)).toEqual([401, 'unauthorised']);
  });

  it('not with any Origin, even our own', async () => {
    for (const origin of ['https://evil.example', link.url, 'null']) {
      expect(await raw({ ...auth(), origin })).toEqual([403, 'origin_forbidden']);
    }
    expect(await raw({ ...auth(), 'sec-fetch-site': 'cross-site' })).toEqual([403, 'origin_forbidden']);
  });

  it('not under another name, port or address', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${link.port}`,
      '127.0.0.1:1',
      `127.0.0.2:${link.port}`,
    ]) {
      expect(await raw({ ...auth(), host })).toEqual([403, 'origin_forbidden']);
    }
  });

  it('with the token, under each loopback name', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      expect(await raw({ ...auth(), host: `${name}:${link.port}` })).toEqual([200, '']);
    }
  });

  it('no longer with a token that was rotated', async () => {
    const old = auth();
    await token.rotate();
    expect(await raw(old)).toEqual([401, 'unauthorised']);
    expect(await raw(auth())).toEqual([200, '']);
  });

  it('not too often; others cannot use up what the terminal may', async () => {
    for (let i = 0; i < POS_RATES.unknown.burst; i += 1) await raw({});
    const answer = await fetch(`${link.url}${POS_PATHS.status}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    for (let i = 0; i < POS_RATES.known.burst; i += 1) expect((await raw(auth()))[0]).toBe(200);
    expect(await raw(auth())).toEqual([429, 'too_many_requests']);
    elapsedMs += 1000 / POS_RATES.known.perSecond;
    expect((await raw(auth()))[0]).toBe(200);
    expect((await raw(auth()))[0]).toBe(429);
  });
});

describe('requests', () => {
  it('start a redemption', async () => {
    const answer = await post(POS_PATHS.redemptions, BODY);
    expect([answer.status, answer.body]).toEqual([201, REDEMPTION]);
    expect(pos.calls).toEqual([['start', KEY, { ...BODY, drawer: false, capture: 'auto' }]]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('show, capture and cancel one', async () => {
    expect((await call(`/v1/redemptions/${ID}`)).body).toEqual(REDEMPTION);
    expect((await post(`/v1/redemptions/${ID}/capture`, {})).status).toBe(200);
    const bare = await call(`/v1/redemptions/${ID}/cancel`, {
      method: 'POST',
      headers: { 'idempotency-key': KEY },
    });
    expect(bare.status).toBe(200);
    expect(pos.calls).toEqual([
      ['capture', ID, KEY],
      ['cancel', ID, KEY],
    ]);
  });

  it('tell the state of the till', async () => {
    expect((await call(POS_PATHS.status)).body).toEqual(pos.status());
  });

  it.each([0, -1, 1.5, 2 ** 53, '50000', null])('refuse an amount of %s', async (amount) => {
    expect(refusal(await post(POS_PATHS.redemptions, { ...BODY, amount }))).toEqual([400, 'amount_invalid']);
    expect(pos.calls).toEqual([]);
  });

  it.each([
    ['an unknown field', { ...BODY, price: 1 }],
    ['no customer', { ...BODY, customer: {} }],
    ['a sale reference with control characters', { ...BODY, saleRef: 'a\u0000b' }],
    ['an array', []],
    ['malformed JSON', '{"asset":'],
    ['a prototype', '{"__proto__":{"amount":1}}'],
  ])('refuse %s', async (_, body) => {
    expect(refusal(await post(POS_PATHS.redemptions, body))).toEqual([400, 'bad_request']);
    expect(pos.calls).toEqual([]);
  });

  it('refuse a missing or malformed idempotency key', async () => {
    for (const headers of [{}, { 'idempotency-key': 'short' }, { 'idempotency-key': 'with a space' }]) {
      expect(refusal(await post(POS_PATHS.redemptions, BODY, headers as Record<string, string>))).toEqual([
        400,
        'idempotency_key_missing',
      ]);
      expect(
        refusal(await post(`/v1/redemptions/${ID}/capture`, {}, headers as Record<string, string>)),
      ).toEqual([400, 'idempotency_key_missing']);
    }
    expect(pos.calls).toEqual([]);
  });

  it('refuse a body over 64 KiB, another type, an unknown path or redemption', async () => {
    const large = { ...BODY, saleRef: 'x'.repeat(LOOPBACK_LIMITS.bodyBytes) };
    expect(refusal(await post(POS_PATHS.redemptions, large))).toEqual([413, 'body_too_large']);
    const typed = { 'idempotency-key': KEY, 'content-type': 'text/plain' };
    expect(refusal(await post(POS_PATHS.redemptions, BODY, typed))).toEqual([400, 'bad_request']);
    expect(refusal(await call('/v2/redemptions'))).toEqual([404, 'not_found']);
    expect(refusal(await call('/v1/redemptions/1'))).toEqual([400, 'bad_request']);
    const other = `/v1/redemptions/${ID.replace(/1$/, '2')}`;
    expect(refusal(await call(other))).toEqual([404, 'redemption_unknown']);
    expect(refusal(await call(`${other}/events`))).toEqual([404, 'redemption_unknown']);
  });

  it("pass the till's refusals on, and keep unexpected errors to themselves", async () => {
    pos.failure = new SaksiError('till_busy');
    expect(refusal(await post(POS_PATHS.redemptions, BODY))).toEqual([409, 'till_busy']);
    pos.failure = new Error('disk /secret/path is broken');
    const answer = await post(POS_PATHS.redemptions, BODY);
    expect(refusal(answer)).toEqual([500, 'internal']);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', details: { err: pos.failure } });
  });

  it('never log the token or the customer', async () => {
    await post(POS_PATHS.redemptions, { ...BODY, amount: 0 });
    await raw({ authorization: 'Bearer guessed-guessed-guessed' });
    const text = JSON.stringify(log.lines);
    expect(log.lines.length).toBeGreaterThan(0);
    for (const secret of [token.current(), 'guessed', '0812']) expect(text).not.toContain(secret);
  });
});

describe('following', () => {
  const open = () => fetch(`${link.url}/v1/redemptions/${ID}/events`, { headers: auth() });

  it('sends the present state, then each change, and ends after a final one', async () => {
    const response = await open();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    pos.become({ status: 'authorised' });
    pos.become({ status: 'captured' });
    const events = (await response.text()).trim().split('\n\n');
    const states = events.map((event) => JSON.parse(event.replace('event: redemption\ndata: ', '')));
    expect(states.map(({ status }) => status)).toEqual(['awaiting_code', 'authorised', 'captured']);
    expect(states[0]).toEqual(REDEMPTION);
    await expect.poll(() => pos.followers.size).toBe(0);
  });

  it('ends at once where it is final already', async () => {
    pos.become({ status: 'expired' });
    expect(await (await open()).text()).toContain('"status":"expired"');
  });

  it('ends when the till stops, and bounds the readers', async () => {
    const readers = [];
    for (let i = 0; i < LOOPBACK_LIMITS.streams; i += 1) readers.push(await open());
    expect((await open()).status).toBe(429);
    await link.stop();
    for (const reader of readers) expect(await reader.text()).toContain('awaiting_code');
    await expect.poll(() => pos.followers.size).toBe(0);
  });
});

describe('approvals', () => {
  const WISH = { kind: 'void', amount: 50_000, reason: { key: null, text: 'salah' }, saleRef: 'INV-9' };

  it('are started, shown and given up', async () => {
    const answer = await post(POS_PATHS.approvals, WISH);
    expect([answer.status, answer.body]).toEqual([201, APPROVAL]);
    expect((await call(`/v1/approvals/${ID}`)).body).toEqual(APPROVAL);
    expect((await post(`/v1/approvals/${ID}/cancel`, {})).status).toBe(200);
    expect(pos.calls).toEqual([
      ['startApproval', KEY, { ...WISH, basisPoints: null, note: '' }],
      ['cancelApproval', ID, KEY],
    ]);
  });

  it.each([
    ['an amount of zero', { ...WISH, amount: 0 }, 'amount_invalid'],
    ['a fractional amount', { ...WISH, amount: 1.5 }, 'amount_invalid'],
    ['somebody else who asks', { ...WISH, staffId: ID }, 'bad_request'],
    ['more than the whole', { ...WISH, basisPoints: 10_001 }, 'bad_request'],
    ['no reason', { kind: 'void' }, 'bad_request'],
    ['a kind that is no key', { ...WISH, kind: 'VOID; drop' }, 'bad_request'],
    ['an endless note', { ...WISH, note: 'x'.repeat(281) }, 'bad_request'],
  ])('refuse %s', async (_, body, code) => {
    expect(refusal(await post(POS_PATHS.approvals, body))).toEqual([400, code]);
    expect(pos.calls).toEqual([]);
  });

  it('refuse a missing key, a missing token and an unknown id', async () => {
    for (const path of [POS_PATHS.approvals, `/v1/approvals/${ID}/cancel`]) {
      const body = path === POS_PATHS.approvals ? WISH : {};
      expect(refusal(await post(path, body, {}))).toEqual([400, 'idempotency_key_missing']);
      expect(await raw({}, path)).toEqual([401, 'unauthorised']);
    }
    const other = `/v1/approvals/${ID.replace(/1$/, '2')}`;
    expect(refusal(await call(other))).toEqual([404, 'approval_unknown']);
    expect(refusal(await call(`${other}/events`))).toEqual([404, 'approval_unknown']);
    pos.failure = new SaksiError('not_signed_in');
    expect(refusal(await post(POS_PATHS.approvals, WISH))).toEqual([401, 'not_signed_in']);
  });

  it('are followed to their end', async () => {
    const response = await fetch(`${link.url}/v1/approvals/${ID}/events`, { headers: auth() });
    pos.decide({ status: 'acting' });
    pos.decide({ status: 'approved', approvedBy: ['Siti'] });
    const events = (await response.text()).trim().split('\n\n');
    const states = events.map((event) => JSON.parse(event.replace('event: approval\ndata: ', '')));
    expect(states.map(({ status }) => status)).toEqual(['pending', 'acting', 'approved']);
    await expect.poll(() => pos.approvalFollowers.size).toBe(0);
  });
});

describe('cash sales', () => {
  const WISH = { saleRef: 'INV-9', amount: 50_000 };

  it('open the drawer and say how it went', async () => {
    const answer = await post(POS_PATHS.cashSales, WISH);
    expect([answer.status, answer.body]).toEqual([
      201,
      { id: ID, ...WISH, currency: 'IDR', drawer: 'opened', left: 99, error: null },
    ]);
    expect(pos.calls).toEqual([['openForCashSale', KEY, WISH]]);
  });

  it.each([
    ['an amount of zero', { ...WISH, amount: 0 }, 'amount_invalid'],
    ['a fractional amount', { ...WISH, amount: 1.5 }, 'amount_invalid'],
    ['no sale', { amount: 50_000 }, 'bad_request'],
    ['somebody else who sells', { ...WISH, staffId: ID }, 'bad_request'],
  ])('refuse %s', async (_, body, code) => {
    expect(refusal(await post(POS_PATHS.cashSales, body))).toEqual([400, code]);
    expect(pos.calls).toEqual([]);
  });

  it.each([
    ['not_signed_in', 401],
    ['shift_grant_missing', 409],
    ['cash_sale_ref_used', 409],
    ['drawer_absent', 503],
  ] as const)('are refused with %s', async (code, status) => {
    pos.failure = new SaksiError(code);
    expect(refusal(await post(POS_PATHS.cashSales, WISH))).toEqual([status, code]);
  });

  it('need a key and a token', async () => {
    expect(refusal(await post(POS_PATHS.cashSales, WISH, {}))).toEqual([400, 'idempotency_key_missing']);
    expect(await raw({}, POS_PATHS.cashSales)).toEqual([401, 'unauthorised']);
  });
});

describe('shifts', () => {
  const COUNT = { sum: 575_000, pieces: [{ value: 100_000, count: 5 }] };

  it('are opened with a count, and closed with one and what stays', async () => {
    const opened = await post(POS_PATHS.shift, { count: COUNT });
    expect([opened.status, opened.body]).toEqual([201, NO_SHIFT]);
    const closed = await post(POS_PATHS.shiftClose, { count: COUNT, left: 500_000 });
    expect([closed.status, closed.body]).toEqual([200, Z_REPORT]);
    expect(pos.calls).toEqual([
      ['openShift', KEY, { count: COUNT }],
      ['closeShift', KEY, { count: COUNT, left: 500_000, reason: null }],
    ]);
  });

  it.each([
    ['a sum below zero', { count: { sum: -1, pieces: null } }],
    ['half a note', { count: { sum: 1, pieces: [{ value: 1, count: 0.5 }] } }],
    ['no count', {}],
    ['somebody else', { count: COUNT, staffId: ID }],
  ])('refuse %s', async (_, body) => {
    expect(refusal(await post(POS_PATHS.shift, body))).toEqual([400, 'bad_request']);
    expect(pos.calls).toEqual([]);
  });

  it.each([
    ['not_signed_in', 401],
    ['cash_approval_needed', 409],
    ['cash_shift_other', 403],
  ] as const)('are refused with %s', async (code, status) => {
    pos.failure = new SaksiError(code);
    expect(refusal(await post(POS_PATHS.shiftClose, { count: COUNT }))).toEqual([status, code]);
  });

  it('need a key and a token', async () => {
    expect(refusal(await post(POS_PATHS.shiftClose, { count: COUNT }, {}))).toEqual([
      400,
      'idempotency_key_missing',
    ]);
    expect(await raw({}, POS_PATHS.shiftX)).toEqual([401, 'unauthorised']);
  });
});

it('describes itself in OpenAPI 3.1, without a token', async () => {
  const response = await fetch(`${link.url}${POS_PATHS.openapi}`);
  expect(response.status).toBe(200);
  const document = (await response.json()) as {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, { requestBody?: unknown; responses: Record<string, unknown> }>>;
  };
  expect([document.openapi, document.info.version]).toEqual(['3.1.0', '1.2.3']);
  const { openapi: _, ...served } = POS_PATHS;
  expect(Object.keys(document.paths).sort()).toEqual(
    Object.values(served)
      .map((path) => path.replace(':id', '{id}'))
      .sort(),
  );
  expect(document.paths[POS_PATHS.redemptions]?.post).toMatchObject({
    requestBody: {
      content: {
        'application/json': {
          schema: {
            additionalProperties: false,
            required: ['customer', 'asset', 'amount', 'saleRef'],
            properties: { amount: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } },
          },
        },
      },
    },
    responses: {
      201: { content: { 'application/json': { schema: { properties: { status: { type: 'string' } } } } } },
      '4XX': { content: { 'application/json': { schema: { properties: { error: { type: 'object' } } } } } },
    },
  });
  expect(document.paths['/v1/redemptions/{id}/events']?.get?.responses[200]).toMatchObject({
    content: { 'text/event-stream': {} },
  });
});

it('takes another port where the wanted one is taken, and says so', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const second = await createPosLink({ pos, port, token, appVersion: '1', clock, log });
  expect([second.moved, second.port === port]).toEqual([true, false]);
  expect(log.lines.at(-1)).toMatchObject({ level: 'warn', details: { wanted: port, port: second.port } });
  await second.stop();
  blocker.close();
});

describe('the token file', () => {
  it('is made once, for its owner only, and read again', async () => {
    expect((await stat(token.file)).mode & 0o777).toBe(0o600);
    expect((await readFile(token.file, 'utf8')).trim()).toBe(token.current());
    expect(Buffer.from(token.current(), 'base64url')).toHaveLength(32);
    expect((await openPosToken(folder, systemRandom)).current()).toBe(token.current());
  });

  it('is closed again where its rights were opened, and made anew where it is damaged', async () => {
    await writeFile(token.file, 'half a tok');
    const fresh = await openPosToken(folder, systemRandom);
    expect(fresh.current()).toMatch(/^[\w-]{43}$/);
    const { chmod } = await import('node:fs/promises');
    await chmod(fresh.file, 0o644);
    await openPosToken(folder, systemRandom);
    expect((await stat(fresh.file)).mode & 0o777).toBe(0o600);
  });
});
