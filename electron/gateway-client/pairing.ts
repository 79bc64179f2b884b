import { SaksiError } from '../../shared/errors.ts';
import { GATEWAY_PATHS, type PairAnswer, pairAnswerSchema } from '../../shared/gateway-api.ts';
import { keyFingerprint, parsePairingCode } from '../../shared/pairing.ts';
import { type CallContext, call } from './call.ts';

const PAIR_TIMEOUT_MS = 10_000;

/** 'https://host/base/' → 'https://host/base'. Plain http only to this very machine: the till key crosses it. */
export function gatewayBaseUrl(input: string): string {
  const url = URL.canParse(input) ? new URL(input) : null;
  const local = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && local))) {
    throw new SaksiError('bad_request', { params: { field: 'gatewayUrl' } });
  }
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new SaksiError('bad_request', { params: { field: 'gatewayUrl' } });
  }
  return url.href.replace(/\/+$/, '');
}

/**
 * Trades a pairing code for this till's identity and key. Only the secret half of the code is sent; the key that
 * comes back must have the fingerprint in the other half. Not repeated by itself: the code works once. Throws
 * `pairing_code_invalid`, `pairing_code_expired`, `pairing_key_mismatch`, or an error of the line.
 */
export async function pair(
  context: Omit<CallContext, 'bearer'>,
  pairingCode: string,
  appVersion: string,
): Promise<PairAnswer> {
  const code = parsePairingCode(pairingCode);
  if (code === null) throw new SaksiError('pairing_code_invalid');
  const answer = await call(
    { ...context, bearer: null },
    {
      method: 'POST',
      path: GATEWAY_PATHS.pair,
      answer: pairAnswerSchema,
      body: { secret: code.secret, appVersion },
      timeoutMs: PAIR_TIMEOUT_MS,
      retries: 0,
    },
  );
  if ((await keyFingerprint(answer.gatewayKey.x)) !== code.fingerprint) {
    throw new SaksiError('pairing_key_mismatch');
  }
  return answer;
}
