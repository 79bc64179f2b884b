import '../bridge/zod-config.ts';
import { createCustomersApi } from './customers/api.ts';
import { CustomersPage } from './customers/customers-page.tsx';
import { takeLinkToken } from './link-token.ts';
import { mountPage } from './mount.tsx';

const api = createCustomersApi((input, init) => window.fetch(input, init));
const linkToken = takeLinkToken(window.location, window.history);

mountPage((i18n) => <CustomersPage api={api} linkToken={linkToken} i18n={i18n} kept={window.localStorage} />);
