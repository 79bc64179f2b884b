/** Who may call: Meta's access tokens, and the proof that a call comes from the app itself. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { GraphError, unknownPath } from './graph-error.ts';

const VERSION = /^v\d{1,3}\.\d{1,2}$/;

export type Access = { accessToken: string; appId: string; appSecret: string; requireProof: boolean };

/** @throws GraphError 2500 for no such version, 104 and 190 for a missing or wrong token, 100 for a wrong proof */
export function authorize(request: FastifyRequest, access: Access): void {
  authorizeBy(request, access.accessToken);
  checkProof(request, access);
}

/** By the app's own token, `id|secret`. */
export function authorizeApp(request: FastifyRequest, { appId, appSecret }: Access): void {
  authorizeBy(request, `${appId}|${appSecret}`);
}

export function checkVersion(request: FastifyRequest): void {
  if (!VERSION.test((request.params as { version: string }).version)) throw unknownPath(request.url);
}

function authorizeBy(request: FastifyRequest, token: string): void {
  checkVersion(request);
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw new GraphError(104, {
      message: 'An access token is required to request this resource.',
      httpStatus: 401,
    });
  }
  if (isSame(authorization, `Bearer ${token}`)) return;
  throw new GraphError(190, {
    message: 'Invalid OAuth access token - Cannot parse access token',
    httpStatus: 401,
  });
}

function checkProof(request: FastifyRequest, { accessToken, appSecret, requireProof }: Access): void {
  const { appsecret_proof: proof } = request.query as { appsecret_proof?: string };
  if (proof === undefined) {
    if (!requireProof) return;
    throw new GraphError(100, {
      message: 'API calls from the server require an appsecret_proof argument',
      type: 'GraphMethodException',
    });
  }
  const wanted = createHmac('sha256', appSecret).update(accessToken).digest('hex');
  if (isSame(proof, wanted)) return;
  throw new GraphError(100, {
    message: 'Invalid appsecret_proof provided in the API argument',
    type: 'GraphMethodException',
  });
}

export function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
