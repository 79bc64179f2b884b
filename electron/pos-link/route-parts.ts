import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import { IDEMPOTENCY_HEADER } from '../../shared/gateway-api.ts';
import { idempotencyKeySchema, uuidSchema } from '../../shared/ids.ts';
import { LOOPBACK_LIMITS } from '../loopback/limits.ts';
import type { ServerLog } from '../loopback/log.ts';
import { openStateStream, type StateStream } from '../loopback/state-stream.ts';
import type { PosPort } from '../till/contract.ts';

export const REFUSALS = { '4xx': wireErrorSchema, '5xx': wireErrorSchema };
export const BY_ID = z.object({ id: uuidSchema });
/** Optional for the schema, so that its lack gets its own error. */
export const KEYED = z.object({ [IDEMPOTENCY_HEADER]: z.string().optional() });
export const EMPTY = z.strictObject({}).nullish();

export interface PosRoutesContext {
  pos: PosPort;
  clock: Clock;
  log: ServerLog;
  /** The event streams open now, for whoever stops the server. */
  streams: Set<StateStream>;
}

export function idempotencyKeyOf(request: Pick<FastifyRequest, 'headers'>): string {
  const key = idempotencyKeySchema.safeParse(request.headers[IDEMPOTENCY_HEADER]);
  if (!key.success) throw new SaksiError('idempotency_key_missing');
  return key.data;
}

export interface Followed<T extends { status: string }> {
  event: 'redemption' | 'approval';
  schema: z.ZodType<T>;
  /** Statuses after which the stream ends. */
  final: readonly T['status'][];
  present: T;
  listen(listener: (state: T) => void): () => void;
}

/** The present state first, then each change; where the reader is slow, only the newest. */
export function follow<T extends { status: string }>(
  { clock, log, streams }: PosRoutesContext,
  reply: FastifyReply,
  { event, schema, final, present, listen }: Followed<T>,
): void {
  if (streams.size >= LOOPBACK_LIMITS.streams) {
    throw new SaksiError('too_many_requests', { params: { seconds: 5 } });
  }
  reply.hijack();
  let stopFollowing = () => {};
  const stream = openStateStream({
    response: reply.raw,
    headers: { 'x-content-type-options': 'nosniff' },
    event,
    clock,
    onClosed: () => {
      streams.delete(stream);
      stopFollowing();
    },
  });
  streams.add(stream);
  const send = (state: T) => {
    const checked = schema.safeParse(state);
    if (checked.success) stream.push(JSON.stringify(checked.data));
    else log.error({ err: checked.error }, `this ${event} does not fit its schema`);
    if (!checked.success || final.includes(state.status)) stream.end();
  };
  stopFollowing = listen(send);
  send(present);
}
