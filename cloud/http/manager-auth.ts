import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AUDIT_PATHS, MANAGER_HEADER } from '../../shared/audit/timeline.ts';

/** Of routes that want the proof that a manager typed their PIN at this till. */
export const managerHeaders = z.looseObject({ [MANAGER_HEADER]: z.string().max(200).optional() });
export const MANAGER_HINT = `With \`${MANAGER_HEADER}\`, the token of \`${AUDIT_PATHS.access}\`.`;

/** The token that came with the request, if any. */
export function managerTokenOf(request: FastifyRequest): string | undefined {
  const token = request.headers[MANAGER_HEADER];
  return typeof token === 'string' ? token : undefined;
}
