import type { App, Session } from 'electron';
import type { ServerLog } from '../loopback/log.ts';
import { isOwnFile, isOwnUrl } from './electron-scheme.ts';

/** The screen's session may show what we serve, and nothing else: no network, no permission, no device; saves no file but what the screen made. */
export function hardenSession(session: Session, log: ServerLog, devTools: boolean): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    log.warn({ permission }, 'permission refused');
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback({}));
  // Chromium would fetch dictionaries from its own server.
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((details, callback) => {
    const cancel = !mayLoad(details.url, devTools);
    if (cancel) log.warn({ url: withoutQuery(details.url) }, 'network request of the screen blocked');
    callback({ cancel });
  });
  session.on('will-download', (event, item) => {
    // What a manager exports; Electron asks where to save it.
    if (!isOwnFile(item.getURL())) event.preventDefault();
  });
}

/** Every page, frame and window of the app: stays where it is, opens nothing, attaches nothing. */
export function denyNavigation(app: App, log: ServerLog): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      log.warn({ url: withoutQuery(event.url) }, 'navigation refused');
      event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      log.warn({ url: withoutQuery(url) }, 'window refused');
      return { action: 'deny' };
    });
  });
}

function mayLoad(url: string, devTools: boolean): boolean {
  return (
    isOwnUrl(url) ||
    isOwnFile(url) ||
    url.startsWith('data:image/') ||
    (devTools && url.startsWith('devtools://'))
  );
}

const withoutQuery = (url: string) => url.split(/[?#]/)[0]?.slice(0, 200) ?? '';
