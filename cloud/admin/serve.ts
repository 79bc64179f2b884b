/**
 * Operator's commands to a gateway that has the embedded database open: HTTP on loopback, on a port of its own, with
 * a token that only the owner of the data folder can read.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import { installErrorHandling } from '../http/errors.ts';
import { ADMIN_INPUTS, type Admin, type AdminCommand } from './admin.ts';
import type { LockHolder } from './folder-lock.ts';

const TOKEN_BYTES = 32;

const callSchema = z.object({ command: z.string(), input: z.unknown() });

export interface AdminServer {
  readonly address: NonNullable<LockHolder['admin']>;
  stop(): Promise<void>;
}

export async function serveAdmin(admin: Admin, logger: FastifyBaseLogger): Promise<AdminServer> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expected = Buffer.from(`Bearer ${token}`);
  const logController = new LogController({ disableRequestLogging: true });
  const app = Fastify({ loggerInstance: logger, logController, forceCloseConnections: true });
  installErrorHandling(app);
  app.addHook('onRequest', async (request) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    // A web page can reach loopback too; it can neither know the token nor leave out its Origin.
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new SaksiError('unauthorised');
    }
    if (request.headers.origin !== undefined) throw new SaksiError('origin_forbidden');
  });
  app.post('/run', async (request) => {
    const call = callSchema.safeParse(request.body);
    if (!call.success || !isAdminCommand(call.data.command)) throw new SaksiError('bad_request');
    return { result: await runChecked(admin, call.data.command, call.data.input) };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { address: { url: `http://127.0.0.1:${port}`, token }, stop: () => app.close() };
}

/** Runs a command whose input nobody has checked yet. @throws SaksiError bad_request naming the field */
export async function runChecked(admin: Admin, command: AdminCommand, input: unknown): Promise<unknown> {
  const parsed = ADMIN_INPUTS[command].safeParse(input);
  if (parsed.success) return admin.run(command, input as never);
  const at = parsed.error.issues[0]?.path.join('/') ?? '';
  throw new SaksiError('bad_request', { params: { at } });
}

export function isAdminCommand(name: string): name is AdminCommand {
  return Object.hasOwn(ADMIN_INPUTS, name);
}
