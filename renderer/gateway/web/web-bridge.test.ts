import { describe, expect, it } from 'vitest';
import { CASES_PATHS } from '../../../shared/cases.ts';
import { systemClock } from '../../../shared/effects.ts';
import { SaksiError, type WireError } from '../../../shared/errors.ts';
import { webStorePath } from '../../../shared/web-api.ts';
import { EVENTS } from '../../dev/audit-fixtures.ts';
import { createWebBridge } from './web-bridge.ts';

const STORE = '018f0000-0000-7000-8000-000000000001';
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

function open(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit }[] = [];
  const ended: WireError[] = [];
  const bridge = createWebBridge({
    async send(input, init = {}) {
      asked.push({ url: String(input), init });
      return answer(String(input), init);
    },
    clock: systemClock,
    storeId: STORE,
    onEnded: (error) => void ended.push(error),
  });
  return { bridge, asked, ended };
}

describe('the bridge over the gateway', () => {
  it('asks under the store’s own path, lists with commas, and nothing for what is not set', async () => {
    const { bridge, asked } = open(() => json({ events: [], next: null }));
    const filter = { kinds: ['code.wrong', 'slip.reprint'], q: 'kopi & susu' };
    const answer = await bridge.invoke('audit.list', { filter, after: null } as never);
    expect(answer).toEqual({ ok: true, value: { events: [], next: null } });
    expect(asked[0]?.url).toBe(
      `${webStorePath(STORE, '/v1/audit/events')}?kinds=code.wrong%2Cslip.reprint&q=kopi+%26+susu`,
    );
    expect(asked[0]?.init).toMatchObject({ method: 'GET', credentials: 'same-origin' });
  });

  it('sends what changes something as JSON', async () => {
    const { bridge, asked } = open(() => json({ views: [] }));
    await bridge.invoke('audit.removeView', { id: STORE });
    expect(asked[0]).toMatchObject({
      url: webStorePath(STORE, `/v1/audit/views/${STORE}`),
      init: { method: 'DELETE', body: '{}', headers: { 'content-type': 'application/json' } },
    });
  });

  it('hands refusals on as values, and says when the session is over', async () => {
    const refusal = new SaksiError('web_session_ended').toWire();
    const { bridge, ended } = open(() => json({ error: refusal }, 401));
    expect(await bridge.invoke('audit.about', {})).toEqual({ ok: false, error: refusal });
    expect(ended).toEqual([refusal]);
    const other = open(() => json({ error: new SaksiError('not_found').toWire() }, 404));
    expect(await other.bridge.invoke('cases.get', { id: STORE })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect(other.ended).toEqual([]);
  });

  it.each([
    ['no answer', () => Promise.reject(new TypeError('failed to fetch')), 'gateway_unreachable'],
    ['a proxy’s page', () => new Response('<html>', { status: 502 }), 'gateway_bad_answer'],
    ['an answer of another shape', () => json({ events: 1 }), 'gateway_bad_answer'],
  ])('says so of %s', async (_, answer, code) => {
    const { bridge } = open(answer);
    expect(await bridge.invoke('audit.about', {})).toMatchObject({ ok: false, error: { code } });
  });

  it('answers with what the tail brought, and where to ask on', async () => {
    const events = EVENTS.slice(0, 3);
    const stream = events.map((event) => `id: ${event.id}\nevent: audit\ndata: ${JSON.stringify(event)}\n\n`);
    const { bridge, asked } = open((_, { signal }) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`: ping\n\n${stream.join('')}`));
          signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
        },
      });
      return new Response(body);
    });
    const answer = await bridge.invoke('audit.tail', { filter: {}, after: 41 });
    expect(answer).toEqual({ ok: true, value: { events, after: events.at(-1)?.id } });
    expect(asked[0]?.init.headers).toMatchObject({ 'last-event-id': '41' });
  });

  it('takes evidence as it is, and none that broke off', async () => {
    const path = webStorePath(STORE, CASES_PATHS.evidence.replace(':id', STORE));
    const { bridge, asked } = open(() => new Response('{"a":1}\n{"b":2}\n'));
    expect(await bridge.invoke('cases.export', { id: STORE })).toEqual({
      ok: true,
      value: { evidence: '{"a":1}\n{"b":2}\n', pdf: null },
    });
    expect(asked[0]?.url).toBe(path);
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
        controller.error(new Error('cut'));
      },
    });
    const cut = open(() => new Response(half));
    expect(await cut.bridge.invoke('cases.export', { id: STORE })).toMatchObject({ ok: false });
  });

  it('refuses what only a till can do', async () => {
    const { bridge } = open(() => json({}));
    await expect(bridge.invoke('session.signOut', {})).rejects.toThrow('at a till only');
  });
});
