import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AUDIT_PATHS, MANAGER_HEADER } from '../../shared/audit/timeline.ts';
import type { ManagerAccess, ManagerScope } from '../audit/access.ts';
import { tillOf } from './till-auth.ts';

/** Of routes that want the proof that a manager typed their PIN at this till. */
export const managerHeaders = z.looseObject({ [MANAGER_HEADER]: z.string().max(200).optional() });
export const MANAGER_HINT = `With \`${MANAGER_HEADER}\`, the token of \`${AUDIT_PATHS.access}\`.`;

/** Throws `manager_proof_missing`, `role_not_allowed`. */
export function managerOf(access: ManagerAccess, request: FastifyRequest): Promise<ManagerScope> {
  const token = request.headers[MANAGER_HEADER];
  return access.check(tillOf(request), typeof token === 'string' ? token : undefined);
}
