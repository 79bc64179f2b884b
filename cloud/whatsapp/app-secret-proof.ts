/** Proof that a call comes from the app itself. Source: Meta, "Securing Graph API requests". */
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of the token by the app's secret, in hex. An app's own token (`id|secret`) is its own proof. */
export function appSecretProof(accessToken: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(accessToken).digest('hex');
}

/** Of a query; nothing where the app's secret is not known. */
export function proofOf(token: string | null, appSecret: string | undefined): Record<string, string> {
  if (token === null || appSecret === undefined || token.includes('|')) return {};
  return { appsecret_proof: appSecretProof(token, appSecret) };
}
