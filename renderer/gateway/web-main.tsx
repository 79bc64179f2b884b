import '../bridge/zod-config.ts';
import { systemClock } from '../../shared/effects.ts';
import { createCustomersApi } from './customers/api.ts';
import { takeLinkToken } from './link-token.ts';
import { mountPage } from './mount.tsx';
import { createWebApi } from './web/api.ts';
import { createPasskeys } from './web/passkeys.ts';
import { createShopApi } from './web/shop-api.ts';
import { createWebBridge } from './web/web-bridge.ts';
import { WebPage } from './web/web-page.tsx';

const send: typeof fetch = (input, init) => window.fetch(input, init);
const [api, customers, shop] = [createWebApi(send), createCustomersApi(send), createShopApi(send)];
const passkeys = createPasskeys(window.location);
const linkToken = takeLinkToken(window.location, window.history);

mountPage((i18n) => (
  <WebPage
    {...{ linkToken, i18n, api, customers, shop, passkeys, clock: systemClock }}
    openBridge={(storeId, onEnded) => createWebBridge({ send, clock: systemClock, storeId, onEnded })}
    kept={window.localStorage}
    place={window}
  />
));
