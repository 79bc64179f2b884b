import '../bridge/zod-config.ts';
import { systemClock } from '../../shared/effects.ts';
import { createCustomersApi } from './customers/api.ts';
import { takeLinkToken } from './link-token.ts';
import { mountPage } from './mount.tsx';
import { createWebBridge } from './web/web-bridge.ts';
import { WebPage } from './web/web-page.tsx';

const send: typeof fetch = (input, init) => window.fetch(input, init);
const linkToken = takeLinkToken(window.location, window.history);

mountPage((i18n) => (
  <WebPage
    {...{ linkToken, i18n, api: createCustomersApi(send), clock: systemClock }}
    openBridge={(storeId, onEnded) => createWebBridge({ send, clock: systemClock, storeId, onEnded })}
    kept={window.localStorage}
    place={window}
  />
));
