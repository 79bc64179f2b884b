import { protocol, type Session } from 'electron';
import type { RendererFiles } from './renderer-files.ts';

const SCHEME = 'saksi';
const HOST = 'app';

/** The screen's address. A scheme of our own instead of file://, so that it has an origin and reads nothing else. */
export const APP_URL = `${SCHEME}://${HOST}/index.html`;

/** Whether `url` is a page that we served ourselves. */
export function isOwnUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.protocol === `${SCHEME}:` && parsed.host === HOST;
}

/** Whether `url` names what the screen itself made to be saved. */
export function isOwnFile(url: string): boolean {
  return url.startsWith(`blob:${SCHEME}://${HOST}/`);
}

/** Before the app is ready: makes the scheme a standard, secure one, so that origin and policy hold for it. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built screen to the windows of `session`. */
export function serveApp(session: Session, files: RendererFiles): void {
  session.protocol.handle(SCHEME, (request) => {
    const file =
      isOwnUrl(request.url) && request.method === 'GET' ? files(new URL(request.url).pathname) : null;
    if (file === null) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(file.body), { headers: file.headers });
  });
}
