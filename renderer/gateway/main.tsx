import '../bridge/zod-config.ts';
import { accountIn, createSetupApi } from './api.ts';
import { takeLinkToken } from './link-token.ts';
import { mountPage } from './mount.tsx';
import { SetupPage } from './setup-page.tsx';

const api = createSetupApi((input, init) => window.fetch(input, init));
const account = accountIn(window.location.search);
const linkToken = takeLinkToken(window.location, window.history);

mountPage((i18n) => <SetupPage {...{ api, account, linkToken, i18n }} kept={window.localStorage} />);
