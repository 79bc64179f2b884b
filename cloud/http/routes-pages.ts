import type { FastifyInstance, FastifyReply } from 'fastify';
import { SaksiError } from '../../shared/errors.ts';
import { SETUP_PATHS } from '../../shared/setup-api.ts';
import { WEB_PATHS } from '../../shared/web-api.ts';
import { PAGE_HEADERS, PAGE_POLICY, type PageFile, type Pages, signupPolicy } from './pages.ts';

export interface PageRoutesOptions {
  /** Null: they were not built; then they are refused by name. */
  readonly pages: Pages | null;
  readonly sdkUrl: string;
}

/** The gateway's own pages. Anyone may load them: they show nothing before somebody is signed in. */
export async function pageRoutes(app: FastifyInstance, { pages, sdkUrl }: PageRoutesOptions): Promise<void> {
  const hidden = { schema: { hide: true } };
  const find = (path: string): PageFile => {
    if (pages === null) throw new SaksiError('web_pages_missing');
    const file = pages(path);
    if (file === null) throw new SaksiError('not_found');
    return file;
  };
  const send = (reply: FastifyReply, { body, type }: PageFile, policy = PAGE_POLICY) =>
    reply.headers(PAGE_HEADERS).header('content-security-policy', policy).type(type).send(body);

  app.get('/setup', hidden, (_request, reply) => reply.redirect(SETUP_PATHS.pages, 308));
  app.get(SETUP_PATHS.pages, hidden, (_request, reply) => {
    reply.header('cross-origin-opener-policy', 'same-origin');
    return send(reply, find('index.html'));
  });
  app.get(SETUP_PATHS.customersPage, hidden, (_request, reply) => {
    reply.header('cross-origin-opener-policy', 'same-origin');
    return send(reply, find('customers.html'));
  });
  app.get('/web', hidden, (_request, reply) => reply.redirect(WEB_PATHS.page, 308));
  app.get(WEB_PATHS.page, hidden, (_request, reply) => {
    reply.header('cross-origin-opener-policy', 'same-origin');
    return send(reply, find('web.html'));
  });
  app.get(SETUP_PATHS.signupPage, hidden, (_request, reply) => {
    // Meta's dialogue is a window that this page opens, and that answers it.
    reply.header('cross-origin-opener-policy', 'same-origin-allow-popups');
    return send(reply, find('signup.html'), signupPolicy(sdkUrl));
  });
  // Pages name what belongs to them by where they stand themselves.
  for (const place of [SETUP_PATHS.pages, WEB_PATHS.page]) {
    app.get<{ Params: { '*': string } }>(`${place}assets/*`, hidden, (request, reply) => {
      const file = find(`assets/${request.params['*']}`);
      // Their names change with what is in them.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return send(reply, file);
    });
  }
}
