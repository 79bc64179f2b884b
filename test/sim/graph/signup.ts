/**
 * A stand-in for Meta's JavaScript SDK, as far as Embedded Signup goes: `FB.init`, and an `FB.login` that opens a window in which
 * a person agrees or gives up. The window tells the page that opened it which account was chosen, in the shape of Meta's
 * `WA_EMBEDDED_SIGNUP` message, and the SDK gets the code.
 */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Account } from './payloads.ts';

export function registerSignup(
  app: FastifyInstance,
  { account, signupCode }: { account: Account; signupCode: string },
): void {
  const file = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
  const served = [
    { path: '/:locale/sdk.js', text: file('sdk.js'), type: 'text/javascript' },
    { path: '/dialog/oauth', text: file('dialog.html'), type: 'text/html' },
    { path: '/dialog/dialog.js', text: file('dialog.js'), type: 'text/javascript' },
  ];
  for (const { path, text, type } of served) {
    app.get(path, (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header('content-security-policy', "default-src 'self'; frame-ancestors 'none'")
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('access-control-allow-origin', '*')
        .header('cache-control', 'no-store')
        .send(text),
    );
  }
  let runs = 0;
  app.get('/dialog/choice', () => ({
    code: `${signupCode}-${++runs}`,
    businessName: account.businessName,
    session: { phone_number_id: account.phoneNumberId, waba_id: account.wabaId },
  }));
}
