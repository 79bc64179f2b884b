/** What the customers' page asks of the gateway. */
import {
  type ConsentRequest,
  type CustomerErase,
  type CustomerExport,
  type CustomerFile,
  type CustomerFound,
  type CustomerStores,
  customerExportSchema,
  customerFileSchema,
  customerFoundSchema,
  customerStoresSchema,
  type Erasure,
  erasureSchema,
  PRIVACY_PATHS,
  type ReachRequest,
} from '../../../shared/privacy.ts';
import { createSetupApi, type SessionApi } from '../api.ts';
import { type Answer, createCall } from '../call.ts';

export interface CustomersApi extends SessionApi {
  stores(): Promise<Answer<CustomerStores>>;
  find(storeId: string, q: string): Promise<Answer<{ customers: CustomerFound[] }>>;
  view(storeId: string, id: string): Promise<Answer<CustomerFile>>;
  consent(request: ConsentRequest): Promise<Answer<CustomerFile>>;
  reach(request: ReachRequest): Promise<Answer<CustomerFile>>;
  export(storeId: string, id: string): Promise<Answer<CustomerExport>>;
  erase(wish: CustomerErase): Promise<Answer<Erasure>>;
}

export function createCustomersApi(send: typeof fetch): CustomersApi {
  const call = createCall(send);
  const { session, signIn, signOut } = createSetupApi(send);
  return {
    ...{ session, signIn, signOut },
    stores: () => call(customerStoresSchema, PRIVACY_PATHS.stores),
    find: (storeId, q) => call(customerFoundSchema, PRIVACY_PATHS.find, { storeId, q }),
    view: (storeId, id) => call(customerFileSchema, PRIVACY_PATHS.view, { storeId, customer: { id } }),
    consent: (request) => call(customerFileSchema, PRIVACY_PATHS.consent, request),
    reach: (request) => call(customerFileSchema, PRIVACY_PATHS.reach, request),
    export: (storeId, id) => call(customerExportSchema, PRIVACY_PATHS.export, { storeId, customer: { id } }),
    erase: (wish) => call(erasureSchema, PRIVACY_PATHS.erase, wish),
  };
}
