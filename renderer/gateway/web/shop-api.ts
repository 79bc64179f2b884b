/** What the page about tills, people and rules asks of the gateway, for one store. */
import {
  type Enrolment,
  enrolmentSchema,
  type NewCashier,
  type Pairing,
  pairingSchema,
  SHOP_PATHS,
  type ShopDesk,
  shopDeskSchema,
} from '../../../shared/shop-desk.ts';
import { webStorePath } from '../../../shared/web-api.ts';
import { type Answer, createCall } from '../call.ts';

export interface ShopApi {
  desk(storeId: string): Promise<Answer<ShopDesk>>;
  addTill(storeId: string, name: string): Promise<Answer<Pairing>>;
  pairTill(storeId: string, tillId: string): Promise<Answer<Pairing>>;
  revokeTill(storeId: string, tillId: string): Promise<Answer<ShopDesk>>;
  addCashier(storeId: string, cashier: NewCashier): Promise<Answer<ShopDesk>>;
  removeCashier(storeId: string, staffId: string): Promise<Answer<ShopDesk>>;
  enrol(storeId: string, staffId: string): Promise<Answer<Enrolment>>;
  forget(storeId: string, staffId: string): Promise<Answer<ShopDesk>>;
}

export function createShopApi(send: typeof fetch): ShopApi {
  const call = createCall(send);
  const { desk, tills, pair, revoke, cashiers, leave, enrol, forget } = SHOP_PATHS;
  return {
    desk: (storeId) => call(shopDeskSchema, webStorePath(storeId, desk)),
    addTill: (storeId, name) => call(pairingSchema, webStorePath(storeId, tills), { name }),
    pairTill: (storeId, tillId) => call(pairingSchema, webStorePath(storeId, pair), { tillId }),
    revokeTill: (storeId, tillId) => call(shopDeskSchema, webStorePath(storeId, revoke), { tillId }),
    addCashier: (storeId, cashier) => call(shopDeskSchema, webStorePath(storeId, cashiers), cashier),
    removeCashier: (storeId, staffId) => call(shopDeskSchema, webStorePath(storeId, leave), { staffId }),
    enrol: (storeId, staffId) => call(enrolmentSchema, webStorePath(storeId, enrol), { staffId }),
    forget: (storeId, staffId) => call(shopDeskSchema, webStorePath(storeId, forget), { staffId }),
  };
}
