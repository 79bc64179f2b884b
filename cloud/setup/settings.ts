/** Everything that the set-up of an account works with: its own settings, and the app's, which is the gateway's for all accounts. */

import { createHmac } from 'node:crypto';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { SettingField, SetupSettings, SetupStep } from '../../shared/setup-api.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { WhatsAppSettings } from '../config.ts';
import type { Engine } from '../db/engine.ts';
import '../db/web-tables.ts';
import type { WhatsAppAccount } from '../messages/accounts.ts';

export type Settings = Readonly<Partial<Record<SettingField, string>>>;

export interface SettingStore {
  read(): Promise<Settings>;
  /** @throws SaksiError setup_fixed {at}: given by the environment */
  save(given: SetupSettings): Promise<void>;
  /** The access token is gone from here; what Meta still takes it for is not ours to end. */
  forgetToken(): Promise<void>;
  readonly fixed: readonly SettingField[];
  /** A keyed hash of the settings that a step's check depends on. */
  markOf(step: SetupStep, settings: Settings): string;
}

/** What a check was made with: when one of these changes, it is to be made again. The secret proves every call by the token. */
const BY_TOKEN = ['accessToken', 'appSecret'] as const;
const DEPENDS_ON: Readonly<Record<SetupStep, readonly SettingField[]>> = {
  account: ['wabaId', ...BY_TOKEN],
  number: ['wabaId', 'phoneNumberId', ...BY_TOKEN],
  token: ['appId', ...BY_TOKEN],
  app: ['appId', 'appSecret', 'verifyToken'],
  webhook: ['publicUrl', 'verifyToken'],
  subscription: ['wabaId', 'appId', ...BY_TOKEN],
  registration: ['phoneNumberId', ...BY_TOKEN],
  status: ['phoneNumberId', ...BY_TOKEN],
  templates: ['wabaId'],
  message: ['phoneNumberId'],
};

export function createSettingStore(options: {
  engine: Engine;
  clock: Clock;
  accountId: string;
  account: WhatsAppAccount;
  /** From the environment; of an account beside the default one, what the app has there. */
  given: WhatsAppSettings & { readonly publicUrl?: string };
  markKey: Uint8Array;
}): SettingStore {
  const { engine, clock, accountId, account, given, markKey } = options;
  const db = engine.kysely;
  const fixed = (Object.keys(given) as SettingField[]).filter(
    (field) => given[field as keyof typeof given] !== undefined,
  );

  async function read(): Promise<Settings> {
    const row = await db
      .selectFrom('setup_settings')
      .selectAll()
      .where('account_id', '=', DEFAULT_ACCOUNT)
      .executeTakeFirst();
    const publicUrl = given.publicUrl ?? row?.public_url;
    return {
      ...(await account.settings()),
      ...(row?.app_id ? { appId: row.app_id } : {}),
      ...(row?.config_id ? { configId: row.config_id } : {}),
      ...(publicUrl ? { publicUrl } : {}),
    };
  }

  async function save(settings: SetupSettings): Promise<void> {
    const at = fixed.find((field) => settings[field] !== undefined);
    if (at !== undefined) throw new SaksiError('setup_fixed', { params: { at } });
    const { appId, configId, publicUrl, ...fields } = settings;
    if (Object.keys(fields).length > 0) await account.set(fields as WhatsAppSettings);
    const own = {
      ...(appId === undefined ? {} : { app_id: appId }),
      ...(configId === undefined ? {} : { config_id: configId }),
      ...(publicUrl === undefined ? {} : { public_url: publicUrl }),
    };
    if (Object.keys(own).length === 0) return;
    const values = { ...own, updated_at: clock.now() };
    await db
      .insertInto('setup_settings')
      .values({ account_id: DEFAULT_ACCOUNT, ...values })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
      .execute();
  }

  async function forgetToken(): Promise<void> {
    if (fixed.includes('accessToken')) throw new SaksiError('setup_fixed', { params: { at: 'accessToken' } });
    await db
      .updateTable('whatsapp_accounts')
      .set({ access_token_sealed: null, updated_at: clock.now() })
      .where('id', '=', accountId)
      .execute();
    // What was read before is forgotten.
    await account.set({});
  }

  function markOf(step: SetupStep, settings: Settings): string {
    const values = DEPENDS_ON[step].map((field) => settings[field] ?? null);
    return createHmac('sha256', markKey)
      .update(JSON.stringify([step, ...values]))
      .digest('base64url');
  }

  return { read, save, forgetToken, fixed, markOf };
}
