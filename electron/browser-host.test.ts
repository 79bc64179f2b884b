import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SaksiError } from '../shared/errors.ts';
import { emptyView, FakeTill, MemoryLog } from '../test/fixtures/fake-till.ts';
import { type BrowserHost, createBrowserHost } from './browser-host.ts';
import { LOOPBACK_LIMITS } from './loopback/limits.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let folder: string;
let till: FakeTill;
let log: MemoryLog;
let host: BrowserHost;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saksi-host-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.html'), 'not for the screen');
  await writeFile(join(folder, 'renderer', 'index.html'), '<title>Saksi</title>');
  await writeFile(join(folder, 'renderer', 'assets', 'main.js'), 'export {};');
  till = new FakeTill();
  log = new MemoryLog();
  host = await createBrowserHost({ till, port: 0, rendererDir: join(folder, 'renderer'), log });
});

afterEach(async () => {
  await host.stop();
  await rm(folder, { recursive: true });
});

const token = () => new URL(host.url).hash.replace('#token=', '');
const own = () => ({ origin: `http://127.0.0.1:${host.port}`, 'x-saksi-token': token() });

/** By node:http, which sends path and headers exactly as given. */
function call(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const outgoing = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function invoke(method: string, input: unknown, headers: Record<string, string> = own()): Promise<Answer> {
  return call(`/bridge/invoke/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  });
}

/** The code of a refusal. */
const codeOf = (answer: Answer) =>
  (JSON.parse(answer.body) as { ok: false; error: { code: string } }).error.code;

describe('the screen', () => {
  it('is served under a strict policy', async () => {
    const first = await call('/');
    expect([first.status, first.body]).toEqual([200, '<title>Saksi</title>']);
    expect(first.headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(first.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(first.headers['permissions-policy']).toContain('serial=()');
  });

  it('gives scripts their type', async () => {
    const answer = await call('/assets/main.js?v=1');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it.each([
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/assets/../../secret.html',
    '//secret.html',
    '/..\\secret.html',
    '/assets',
  ])('serves nothing else: %s', async (path) => {
    const answer = await call(path);
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
  });

  it('refuses a name that is not loopback, as after DNS rebinding', async () => {
    for (const name of ['evil.example', `evil.example:${host.port}`, '127.0.0.1:1', '127.0.0.1']) {
      const answer = await call('/', { headers: { host: name } });
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 403, 'origin_forbidden']);
    }
    expect((await call('/', { headers: { host: `localhost:${host.port}` } })).status).toBe(200);
  });
});

describe('bridge calls', () => {
  it('reach the till and come back as values', async () => {
    const answer = await invoke('settings.set', { language: 'en' });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { ok: true, value: {} }]);
    expect(till.calls).toEqual([{ method: 'settings.set', input: { language: 'en' } }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('give the refusals of the till as values', async () => {
    till.answer = () => Promise.reject(new SaksiError('pin_wrong', { params: { left: 2 } }));
    const answer = await invoke('session.signOut', {});
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      ok: false,
      error: { code: 'pin_wrong', params: { left: 2 } },
    });
  });

  it.each([
    ['no token', () => ({ origin: own().origin })],
    ['a wrong token', () => ({ ...own(), 'x-saksi-token': `${token().slice(0, -1)}!` })],
    ['an empty token', () => ({ ...own(), 'x-saksi-token': '' })],
  ])('are refused with %s', async (_, headers) => {
    const answer = await invoke('session.signOut', {}, headers() as Record<string, string>);
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorised']);
    expect(till.calls).toEqual([]);
  });

  it.each([
    ['a foreign Origin', () => ({ ...own(), origin: 'https://evil.example' })],
    ['the Origin of another port', () => ({ ...own(), origin: 'http://127.0.0.1:1' })],
    ['an opaque Origin', () => ({ ...own(), origin: 'null' })],
    ['no Origin', () => ({ 'x-saksi-token': token() })],
    ['a foreign Host', () => ({ ...own(), host: 'evil.example', origin: 'http://evil.example' })],
    ['Sec-Fetch-Site: cross-site', () => ({ ...own(), 'sec-fetch-site': 'cross-site' })],
    ['Sec-Fetch-Site: same-site', () => ({ ...own(), 'sec-fetch-site': 'same-site' })],
  ])('are refused with %s', async (_, headers) => {
    const answer = await invoke('session.signOut', {}, headers() as Record<string, string>);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'origin_forbidden']);
    expect(till.calls).toEqual([]);
  });

  it('are refused when not JSON, malformed or too large', async () => {
    const post = (type: string, body: string) =>
      call('/bridge/invoke/session.signOut', {
        method: 'POST',
        headers: { ...own(), 'content-type': type },
        body,
      });
    expect(codeOf(await post('text/plain', '{}'))).toBe('bad_request');
    expect(codeOf(await post('application/json', '{'))).toBe('bad_request');
    const large = await post('application/json', JSON.stringify('x'.repeat(LOOPBACK_LIMITS.bodyBytes)));
    expect([large.status, codeOf(large)]).toEqual([413, 'body_too_large']);
    expect(till.calls).toEqual([]);
  });
});

describe('the stream of views', () => {
  async function openStream(headers: Record<string, string> = { 'x-saksi-token': token() }) {
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${host.port}/bridge/events`, {
      headers,
      signal: abort.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const next = async () => {
      while (!text.includes('\n\n')) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) return null;
        text += chunk.value;
      }
      const [event = '', ...rest] = text.split('\n\n');
      text = rest.join('\n\n');
      return event;
    };
    return { response, next, abort };
  }

  it('begins with the present view and goes on with each change', async () => {
    const { response, next, abort } = await openStream();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const [event, data] = ((await next()) ?? '').split('\n');
    expect(event).toBe('event: view');
    expect(JSON.parse(data?.replace('data: ', '') ?? '')).toEqual(emptyView());
    till.show(emptyView({ appVersion: '2' }));
    expect(await next()).toContain('"appVersion":"2"');
    abort.abort();
    await expect.poll(() => till.listeners.size).toBe(0);
  });

  it('sends only what the schema names', async () => {
    till.show({ ...emptyView(), pinHash: 'secret' } as never);
    const { next, abort } = await openStream();
    expect(await next()).not.toContain('secret');
    abort.abort();
  });

  it('asks for the token and our own page', async () => {
    expect((await openStream({})).response.status).toBe(401);
    const foreign = { 'x-saksi-token': token(), origin: 'https://evil.example' };
    expect((await openStream(foreign)).response.status).toBe(403);
    expect(till.listeners.size).toBe(0);
  });

  it('bounds the readers', async () => {
    const open = [];
    for (let i = 0; i < LOOPBACK_LIMITS.streams; i += 1) open.push(await openStream());
    const answer = await call('/bridge/events', { headers: own() });
    expect([answer.status, codeOf(answer)]).toEqual([429, 'too_many_requests']);
    for (const { abort } of open) abort.abort();
  });

  it('ends when the host stops', async () => {
    const { next } = await openStream();
    await next();
    await host.stop();
    expect(await next()).toBeNull();
  });
});

it('takes another port where the wanted one is taken', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const second = await createBrowserHost({ till, port, rendererDir: join(folder, 'renderer'), log });
  expect([second.moved, second.port === port]).toEqual([true, false]);
  expect((await fetch(second.url)).status).toBe(200);
  await second.stop();
  blocker.close();
});

it('makes a new token at each start', async () => {
  const second = await createBrowserHost({ till, port: 0, rendererDir: join(folder, 'renderer'), log });
  expect(new URL(second.url).hash).not.toBe(new URL(host.url).hash);
  await second.stop();
});

it('says what to do when the screen was not built', async () => {
  for (const rendererDir of [folder, join(folder, 'none')]) {
    await expect(createBrowserHost({ till, port: 0, rendererDir, log })).rejects.toThrow('npm run build');
  }
});
