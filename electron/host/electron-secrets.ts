import type { SafeStorage } from 'electron';
import type { Random } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ServerLog } from '../loopback/log.ts';
import { createFileSecretStore, type SecretStore } from '../store/secrets.ts';
import { createSealedSecretStore, VAULT_KEY_BYTES } from './sealed-secrets.ts';

const VAULT_KEY = 'vault-key';

/** `vaultKey`: the key that they are under; null where they lie in owner-only files. */
export type ElectronSecrets = SecretStore & { readonly vaultKey: Uint8Array | null };

/**
 * The till's secrets under a key that the system's key chain keeps (Keychain, DPAPI, libsecret, KWallet). On a Linux
 * without one they stay in owner-only files, and the log says so. A key chain that was there before and is away now
 * throws SaksiError `store_failed`: better than to look unpaired.
 */
export async function openElectronSecrets(options: {
  folder: string;
  safeStorage: Pick<
    SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >;
  platform: NodeJS.Platform;
  random: Random;
  log: ServerLog;
}): Promise<ElectronSecrets> {
  const { folder, safeStorage, platform, random, log } = options;
  const files = createFileSecretStore(folder);
  const wrapped = files.get(VAULT_KEY);
  const usable =
    (await safeStorage.isAsyncEncryptionAvailable()) &&
    // 'basic_text' encrypts under a password that everybody knows.
    (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');
  if (!usable) {
    if (wrapped !== null) throw new SaksiError('store_failed', { cause: new Error('the key chain is away') });
    log.warn({}, 'no system key chain: secrets are kept in owner-only files');
    return { ...files, vaultKey: null };
  }
  if (wrapped !== null) {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(wrapped, 'base64'));
    if (shouldReEncrypt) await keep(result);
    return sealed(result);
  }
  const key = Buffer.from(random.bytes(VAULT_KEY_BYTES)).toString('base64');
  await keep(key);
  return sealed(key);

  function sealed(base64: string): ElectronSecrets {
    const vaultKey = Buffer.from(base64, 'base64');
    return { ...createSealedSecretStore(files, vaultKey, random), vaultKey };
  }

  async function keep(value: string): Promise<void> {
    files.set(VAULT_KEY, (await safeStorage.encryptStringAsync(value)).toString('base64'));
  }
}
