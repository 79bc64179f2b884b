import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { SETUP_PATHS } from '../../shared/setup-api.ts';
import { call, describeGateway } from '../../test/fixtures/gateway.ts';
import { newLink, pageOf, signedIn } from '../../test/fixtures/setup-page.ts';
import { ENDED_RETENTION_MS, LINK_TTL_MS, SESSION_IDLE_MS, SESSION_TTL_MS } from '../web/sessions.ts';
import { createApp } from './app.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { loadPages, PAGE_POLICY, type Pages, signupPolicy } from './pages.ts';
import { pageRoutes } from './routes-pages.ts';

describeGateway('signing in at the gateway’s own pages', (gw) => {
  it('takes a link once, and gives a cookie that no script reads and no other site sends', async () => {
    const page = pageOf(gw());
    const token = await newLink(gw());
    const entered = await page.signIn(token);
    expect(entered.status).toBe(200);
    expect(entered.headers.get('set-cookie')).toMatch(
      /^saksi-web=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect((await page.get(SETUP_PATHS.state)).status).toBe(200);
    expect((await pageOf(gw()).signIn(token)).body.error.code).toBe('web_link_invalid');
    expect(gw().log.join('\n')).not.toContain(token);
    const kept = await gw().gateway.services.engine.kysely.selectFrom('web_sessions').selectAll().execute();
    expect(JSON.stringify(kept)).not.toContain(page.cookie.split('=')[1]);
  });

  it('two that use one link at once: one comes in', async () => {
    const token = await newLink(gw());
    const answers = await Promise.all([pageOf(gw()).signIn(token), pageOf(gw()).signIn(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
  });

  it('a newer link ends the one before; a link ends by itself', async () => {
    const [older, newer] = [await newLink(gw()), await newLink(gw())];
    expect((await pageOf(gw()).signIn(older)).body.error.code).toBe('web_link_invalid');
    gw().shiftClock(LINK_TTL_MS);
    expect((await pageOf(gw()).signIn(newer)).body.error.code).toBe('web_link_invalid');
  });

  it('a session ends when it is left, when it is not used, after its time, and when all are ended', async () => {
    const ended = [401, 'web_session_ended'];
    const stateOf = async (page: ReturnType<typeof pageOf>) => {
      const { status, body } = await page.get(SETUP_PATHS.state);
      return [status, body.error?.code];
    };
    const left = await signedIn(gw());
    expect((await left.post(SETUP_PATHS.signOut)).status).toBe(200);
    expect(await stateOf(left)).toEqual(ended);

    const idle = await signedIn(gw());
    gw().shiftClock(SESSION_IDLE_MS);
    expect(await stateOf(idle)).toEqual(ended);

    const old = await signedIn(gw());
    for (let passed = 0; passed < SESSION_TTL_MS; passed += SESSION_IDLE_MS / 2) {
      expect(await stateOf(old)).toEqual([200, undefined]);
      gw().shiftClock(SESSION_IDLE_MS / 2);
    }
    expect(await stateOf(old)).toEqual(ended);

    const revoked = await signedIn(gw());
    const { admin } = gw().gateway.services;
    expect(await admin.run('web list', {})).toMatchObject([{ role: 'operator' }]);
    expect(await admin.run('web revoke', {})).toEqual({ ended: 1 });
    expect(await stateOf(revoked)).toEqual(ended);
    expect(await admin.run('web list', {})).toEqual([]);
  });

  it('sessions and links that ended long ago are forgotten; those that work, and what was done, are not', async () => {
    const { webSessions, engine } = gw().gateway.services;
    await signedIn(gw());
    await newLink(gw());
    const kept = async () => {
      const { kysely } = engine;
      const sessions = await kysely.selectFrom('web_sessions').select('id').execute();
      const links = await kysely.selectFrom('web_credentials').select('id').execute();
      const events = await kysely.selectFrom('web_events').select('seq').execute();
      return { sessions: sessions.length, links: links.length, events: events.length };
    };
    const before = await kept();
    await webSessions.prune();
    expect(await kept()).toEqual(before);
    gw().shiftClock(SESSION_TTL_MS + ENDED_RETENTION_MS + 1);
    const page = await signedIn(gw());
    await webSessions.prune();
    expect(await kept()).toEqual({ sessions: 1, links: 1, events: before.events + 1 });
    expect((await page.get(SETUP_PATHS.state)).status).toBe(200);
  });

  it('changes come from our own page as JSON, or not at all', async () => {
    const page = await signedIn(gw());
    const path = SETUP_PATHS.check;
    const body = { step: 'status' };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const { status, body: said } = await page.post(path, body, headers);
      expect([status, said.error.code]).toEqual([403, 'origin_forbidden']);
    }
    const form = await page.post(path, body, { 'content-type': 'text/plain' });
    expect(form.body.error).toMatchObject({ code: 'bad_request', params: { at: 'headers/content-type' } });
    const bare = await call(gw().url, 'POST', path, { body, headers: { cookie: page.cookie } });
    expect(bare.body.error.code).toBe('origin_forbidden');
    expect((await page.post(path, body)).status).toBe(200);
    expect((await pageOf(gw()).post(path, body)).body.error.code).toBe('web_session_ended');
  });

  it('wants TLS wherever it is not loopback, and binds the cookie to it', async () => {
    const { app } = gw().gateway;
    const signIn = async (scheme: string, token: string) =>
      app.inject({
        ...{ method: 'POST', url: SETUP_PATHS.signIn, payload: { token } },
        headers: { host: 'saksi.example.id', origin: `${scheme}://saksi.example.id` },
      });
    const token = await newLink(gw());
    expect((await signIn('http', token)).json().error.code).toBe('web_needs_https');
    const entered = await signIn('https', token);
    expect(entered.headers['set-cookie']).toMatch(
      /^__Host-saksi-web=.*; Path=\/; HttpOnly; SameSite=Strict; .*; Secure$/,
    );
  });

  it('wrong links are limited by address', async () => {
    const page = pageOf(gw());
    const wrong = 'x'.repeat(43);
    let last = await page.signIn(wrong);
    for (let tries = 0; tries < 20 && last.status !== 429; tries += 1) last = await page.signIn(wrong);
    expect(last.body.error.code).toBe('too_many_requests');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the pages', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'saksi-pages-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), 'index');
    writeFileSync(join(folder, 'assets', 'index-1.js'), 'script');
    writeFileSync(join(folder, 'secret.key'), 'no');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are asked for by their names; nothing else of the folder, and nothing outside it', () => {
    const pages = loadPages(folder);
    expect(pages?.('index.html')?.type).toContain('text/html');
    expect(pages?.('assets/index-1.js')?.body.toString()).toBe('script');
    for (const path of ['secret.key', '../package.json', 'assets/../index.html', '/etc/passwd', '']) {
      expect(pages?.(path)).toBeNull();
    }
    expect(loadPages(join(folder, 'none'))).toBeNull();
  });

  it('may load nothing from elsewhere; the one with the SDK only from Meta', () => {
    expect(PAGE_POLICY).not.toMatch(/http|unsafe|\*/);
    expect(PAGE_POLICY).toContain("frame-ancestors 'none'");
    const meta = signupPolicy('https://connect.facebook.net/en_US/sdk.js');
    expect(meta).toContain("script-src 'self' https://connect.facebook.net;");
    expect(meta).toContain("frame-ancestors 'none'");
    expect(meta).not.toMatch(/unsafe|'self' \*/);
    expect(signupPolicy('http://127.0.0.1:8791/en_US/sdk.js')).not.toContain('facebook');
  });
});

describe('the pages’ routes', () => {
  const get = async (pages: Pages | null, path: string) => {
    const app = await createApp({
      ...{ effects: systemEffects, logger: createLogger('silent'), metrics: createMetrics() },
      ...{ trustProxy: false, version: '0' },
    });
    await app.register(pageRoutes, { pages, sdkUrl: 'http://127.0.0.1:8791/en_US/sdk.js' });
    const answer = await app.inject({ method: 'GET', url: path });
    await app.close();
    return answer;
  };
  const pages: Pages = (path) =>
    ['index.html', 'signup.html', 'assets/a.js'].includes(path)
      ? { body: Buffer.from(path), type: 'text/html; charset=utf-8' }
      : null;

  it('carry their policy, may be framed by nobody, and only one lets windows answer', async () => {
    const page = await get(pages, SETUP_PATHS.pages);
    expect([page.statusCode, page.body]).toEqual([200, 'index.html']);
    expect(page.headers).toMatchObject({
      ...{ 'content-security-policy': PAGE_POLICY, 'x-frame-options': 'DENY', 'cache-control': 'no-store' },
      ...{ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin' },
    });
    const signup = await get(pages, SETUP_PATHS.signupPage);
    expect(signup.headers['content-security-policy']).toContain("script-src 'self' http://127.0.0.1:8791;");
    expect(signup.headers['cross-origin-opener-policy']).toBe('same-origin-allow-popups');
    expect((await get(pages, '/setup/assets/a.js')).headers['cache-control']).toContain('immutable');
    expect((await get(pages, '/setup/assets/b.js')).json().error.code).toBe('not_found');
    expect((await get(pages, '/setup')).headers.location).toBe(SETUP_PATHS.pages);
  });

  it('say that the pages were not built', async () => {
    expect((await get(null, SETUP_PATHS.pages)).json().error.code).toBe('web_pages_missing');
  });
});
