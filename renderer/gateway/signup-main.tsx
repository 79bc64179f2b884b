import '../bridge/zod-config.ts';
import { accountIn, createSetupApi } from './api.ts';
import { openEmbeddedSignup } from './embedded-signup.ts';
import { mountPage } from './mount.tsx';
import { SignupPage } from './signup-page.tsx';

const api = createSetupApi((input, init) => window.fetch(input, init));

mountPage((i18n) => (
  <SignupPage
    api={api}
    account={accountIn(window.location.search)}
    i18n={i18n}
    kept={window.localStorage}
    open={(sdk) => openEmbeddedSignup(window, sdk)}
  />
));
