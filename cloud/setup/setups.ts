/** The set-up of each WhatsApp account; there may be one for every shop. */
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { AccountBook } from '../messages/account-book.ts';
import type { SendingAccounts } from '../messages/sending-accounts.ts';
import { createSetupService, type SetupOptions, type SetupService } from './service.ts';

export interface Setups extends Pick<AccountBook, 'assign'> {
  /** Makes an account, and checks what it has of the gateway's app. @returns its id */
  add(name: string): Promise<string>;
  /** @throws SaksiError account_unknown */
  of(accountId: string): Promise<SetupService>;
}

export function createSetups(
  options: Omit<SetupOptions, 'accountId' | 'sending'> & {
    readonly accounts: AccountBook;
    readonly sending: Pick<SendingAccounts, 'of'>;
  },
): Setups {
  const { accounts, sending, given } = options;
  const made = new Map<string, SetupService>();

  function make(accountId: string): SetupService {
    const { appSecret, verifyToken, publicUrl } = given;
    return createSetupService({
      ...options,
      accountId,
      sending: sending.of(accountId),
      // What the environment says of account and number is the default one's.
      given:
        accountId === DEFAULT_ACCOUNT
          ? given
          : {
              ...(appSecret === undefined ? {} : { appSecret }),
              ...(verifyToken === undefined ? {} : { verifyToken }),
              ...(publicUrl === undefined ? {} : { publicUrl }),
            },
    });
  }

  async function of(accountId: string): Promise<SetupService> {
    await accounts.assertKnown(accountId);
    const setup = made.get(accountId) ?? make(accountId);
    made.set(accountId, setup);
    return setup;
  }

  return {
    of,
    assign: accounts.assign,
    async add(name) {
      const id = await accounts.add(name);
      await (await of(id)).checkDue();
      return id;
    },
  };
}
