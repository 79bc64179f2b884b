import { describe, expect, it } from 'vitest';
import { SETUP_PATHS } from '../../shared/setup-api.ts';
import { accountIn, createSetupApi } from './api.ts';
import { takeLinkToken } from './link-token.ts';

const answering = (status: number, body: unknown) => {
  const calls: { path: string; init: RequestInit | undefined }[] = [];
  const send = async (path: RequestInfo | URL, init?: RequestInit) => {
    calls.push({ path: String(path), init });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { api: createSetupApi(send as typeof fetch), calls };
};
const codeOf = async (answer: Promise<{ ok: boolean; error?: { code: string } }>) =>
  (await answer).error?.code;

describe('asking the gateway', () => {
  it('sends a change as JSON with the cookie of this host, and no token with anything', async () => {
    const { api, calls } = answering(401, {
      error: { code: 'web_session_ended', message: '', params: {}, retry: false },
    });
    expect(await codeOf(api.change('default', 'register', { pin: '123456' }))).toBe('web_session_ended');
    expect(calls).toMatchObject([
      {
        path: SETUP_PATHS.register,
        init: { method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' } },
      },
    ]);
  });

  it('says which account it is about, where that is not the default one', async () => {
    const { api, calls } = answering(200, { odd: true });
    await api.state('018f0000-0000-7000-8000-0000000000a2');
    await api.change('018f0000-0000-7000-8000-0000000000a2', 'subscribe', {});
    expect(calls.map(({ path }) => path)).toEqual([
      `${SETUP_PATHS.state}?account=018f0000-0000-7000-8000-0000000000a2`,
      `${SETUP_PATHS.subscribe}?account=018f0000-0000-7000-8000-0000000000a2`,
    ]);
    expect(accountIn('?account=018f0000-0000-7000-8000-0000000000a2')).toBe(
      '018f0000-0000-7000-8000-0000000000a2',
    );
    expect(accountIn('?account=../../x')).toBe('default');
    expect(accountIn('')).toBe('default');
  });

  it('tells an answer that it does not understand from none at all', async () => {
    expect(await codeOf(answering(200, { odd: true }).api.state('default'))).toBe('gateway_bad_answer');
    expect(await codeOf(answering(500, { odd: true }).api.state('default'))).toBe('gateway_bad_answer');
    expect(await codeOf(answering(502, '<html>').api.state('default'))).toBe('gateway_unreachable');
    const away = createSetupApi(() => Promise.reject(new TypeError('failed to fetch')));
    expect(await codeOf(away.state('default'))).toBe('gateway_unreachable');
  });

  it('knows who is signed in', async () => {
    const value = { role: 'operator', expiresAt: 7 };
    expect(await answering(200, value).api.session()).toEqual({ ok: true, value });
  });
});

describe('the link', () => {
  it('leaves its token to the page alone, and takes it off the address', () => {
    const replaced: unknown[] = [];
    const history = { replaceState: (_: unknown, __: string, url: unknown) => replaced.push(url) };
    const take = (hash: string) =>
      takeLinkToken({ hash, pathname: '/setup/' }, history as unknown as History);
    expect(take('#token=abc')).toBe('abc');
    expect(replaced).toEqual(['/setup/']);
    expect(take('')).toBeNull();
    expect(replaced).toHaveLength(1);
  });
});
