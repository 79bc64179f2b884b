import type { SaksiBridge } from '../../shared/bridge.ts';
import { systemClock, systemRandom } from '../../shared/effects.ts';
import { createHttpBridge } from './http-bridge.ts';
import { takeToken } from './token.ts';

/** The preload's bridge under Electron, the HTTP one in an ordinary browser. */
export function connectHost(page: Window): SaksiBridge {
  if (page.saksi !== undefined) return page.saksi;
  return createHttpBridge({
    origin: page.location.origin,
    // Without a token the host refuses, and the screen says that the connection is lost.
    token: takeToken({ location: page.location, history: page.history, storage: page.sessionStorage }) ?? '',
    fetch: page.fetch.bind(page),
    clock: systemClock,
    random: systemRandom,
  });
}
