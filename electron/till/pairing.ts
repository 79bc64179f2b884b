import type { AxiosInstance } from 'axios';
import { SaksiError } from '../../shared/errors.ts';
import { GatewayClock } from '../gateway-client/gateway-clock.ts';
import { gatewayBaseUrl, pair } from '../gateway-client/pairing.ts';
import type { Identity } from '../store/identity.ts';
import type { SecretStore } from '../store/secrets.ts';
import type { Core } from './core.ts';

/** The name of the till key among the secrets. */
export const TILL_KEY = 'till-key';

/**
 * Pairs this till once and for all. The key lies safely before the identity is written, so that a till never knows who
 * it is without being able to say so. Throws `till_already_paired` and what `pair` of gateway-client throws.
 */
export async function pairTill(
  core: Core,
  parts: { http: AxiosInstance; secrets: SecretStore; appVersion: string },
  gatewayUrl: string,
  pairingCode: string,
): Promise<Identity> {
  if (core.identity !== null) throw new SaksiError('till_already_paired');
  const { http, secrets, appVersion } = parts;
  const { effects, store } = core;
  const baseUrl = gatewayBaseUrl(gatewayUrl);
  const gatewayClock = new GatewayClock(effects.clock);
  const answer = await pair({ http, effects, gatewayClock, baseUrl }, pairingCode, appVersion);
  const { tillId, tillName, gatewayId, gatewayKey, tillKey } = answer;
  const identity: Identity = { tillId, tillName, gatewayId, gatewayKey, gatewayUrl: baseUrl };
  secrets.set(TILL_KEY, tillKey);
  store.identity.save(identity);
  store.audit.record('till.paired', { tillId, gatewayId, kid: gatewayKey.kid });
  return identity;
}
