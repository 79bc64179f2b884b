/** How a manager comes to what managers may read: at a till by a PIN, or on the gateway's own pages by a session. */
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { SaksiError } from '../../shared/errors.ts';
import { uuidSchema } from '../../shared/ids.ts';
import type { WebRole } from '../../shared/web-api.ts';
import type { ManagerAccess, ManagerScope, NamedPerson } from '../audit/access.ts';
import type { TillService } from '../tills/service.ts';
import type { WebSessions } from '../web/sessions.ts';
import { managerTokenOf } from './manager-auth.ts';
import { requireTill, tillOf } from './till-auth.ts';
import { requireOwnPage, requireSession, sessionOf } from './web-auth.ts';

export interface ManagerDoor {
  readonly onRequest: onRequestHookHandler[];
  /** Whose events may be read, and who reads. Throws what the door refuses with. */
  scopeOf(request: FastifyRequest): Promise<ManagerScope>;
  /** The store alone, for what needs no manager yet. */
  storeOf(request: FastifyRequest): string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set behind `webDoor`, before parameters are checked: the store is of the path. */
    managerScope: ManagerScope | null;
    /** Set behind `tillDoor`. */
    namedManager: Promise<NamedPerson | null> | null;
  }
}

/** Throws `manager_proof_missing`, `role_not_allowed`. */
export function tillDoor(tills: TillService, access: ManagerAccess): ManagerDoor {
  return {
    onRequest: [
      async (request) => {
        const person = access.nameOf(managerTokenOf(request));
        // Who is refused as a till is told of that alone.
        person.catch(() => undefined);
        await requireTill(tills)(request);
        request.namedManager = person;
      },
    ],
    scopeOf: async (request) =>
      access.check(tillOf(request), managerTokenOf(request), request.namedManager ?? Promise.resolve(null)),
    storeOf: (request) => tillOf(request).storeId,
  };
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * In a scope of its own, under `WEB_PATHS.store`. A session is good for the stores on whose lists its person is now, in one of these
 * roles; what changes something comes from our own page. Throws `web_session_ended`, `role_not_allowed`, `origin_forbidden`.
 */
export function webDoor(sessions: WebSessions, roles: readonly WebRole[]): ManagerDoor {
  const signedIn = requireSession(sessions);
  const scopeIn = (request: FastifyRequest): ManagerScope => {
    if (request.managerScope === null) throw new SaksiError('web_session_ended');
    return request.managerScope;
  };
  return {
    onRequest: [
      async (request) => {
        if (!READING.has(request.method)) await requireOwnPage(request);
        await signedIn(request);
        const asked = uuidSchema.safeParse((request.params as { storeId?: string }).storeId).data;
        const outlet = sessionOf(request).outlets.find(({ storeId }) => storeId === asked);
        if (outlet === undefined || !roles.includes(outlet.role)) throw new SaksiError('role_not_allowed');
        request.managerScope = { storeId: outlet.storeId, staffId: outlet.staffId };
      },
    ],
    scopeOf: async (request) => scopeIn(request),
    storeOf: (request) => scopeIn(request).storeId,
  };
}
