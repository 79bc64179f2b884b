/** Embedded Signup: what Meta's dialogue gave to the browser becomes the account's token and ids. */
import { SaksiError } from '../../shared/errors.ts';
import { type Checks, needed } from './checks.ts';
import type { SettingStore } from './settings.ts';

export interface Signup {
  /**
   * Exchanges the code for the business's own token, and keeps that with the account and number that were chosen, once it is
   * known to be good for them. The token in use until then stays if anything fails.
   * @throws SaksiError setup_fixed, setup_token_scopes, setup_number_foreign, whatsapp_refused {code}
   */
  signup(given: { code: string; wabaId: string; phoneNumberId: string }): Promise<void>;
  /** A solution partner's credit line pays for the account. The partner's token is not kept. */
  shareCredit(given: { creditLineId: string; currency: string; partnerToken: string }): Promise<void>;
}

export function createSignup(options: {
  checks: Checks;
  settings: SettingStore;
  /** Makes the checks that became due. */
  runDue: () => Promise<void>;
}): Signup {
  const { checks, settings, runDue } = options;

  async function signup({ code, wabaId, phoneNumberId }: Parameters<Signup['signup']>[0]): Promise<void> {
    const at = (['accessToken', 'wabaId', 'phoneNumberId'] as const).find((field) =>
      settings.fixed.includes(field),
    );
    if (at !== undefined) throw new SaksiError('setup_fixed', { params: { at } });
    const known = await settings.read();
    const { accessToken } = await checks.asApp(known, (admin, appId) => admin.exchangeCode(appId, code));
    const wanted = { ...known, accessToken, wabaId, phoneNumberId };
    await checks.run('token', wanted);
    await checks.run('number', wanted);
    await settings.save({ accessToken, wabaId, phoneNumberId });
    await runDue();
  }

  async function shareCredit(given: Parameters<Signup['shareCredit']>[0]): Promise<void> {
    const known = await settings.read();
    const wabaId = needed(known, 'wabaId');
    const partner = { ...known, accessToken: given.partnerToken };
    await checks.graph(partner, (admin) => admin.shareCreditLine(given.creditLineId, wabaId, given.currency));
  }

  return { signup, shareCredit };
}
