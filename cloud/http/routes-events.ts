import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { GATEWAY_PATHS, TIME_HEADER } from '../../shared/gateway-api.ts';
import type { Sink, Streams } from '../events/streams.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

/** Event numbers are bigints in the database; no till gets near 2^53. */
const EVENT_ID = /^\d{1,15}$/;

export interface EventRoutesOptions {
  readonly tills: TillService;
  readonly streams: Streams;
  readonly clock: Clock;
}

export async function eventRoutes(app: FastifyInstance, options: EventRoutesOptions): Promise<void> {
  const { tills, streams, clock } = options;
  app.get(
    GATEWAY_PATHS.events,
    {
      onRequest: requireTill(tills),
      schema: {
        summary: "This till's events, as they come",
        description: 'Server-sent events. With `Last-Event-ID` the stream goes on after that event.',
        security: tillSecurity,
        headers: z.looseObject({ 'last-event-id': z.string().optional() }),
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } }, ...refusals },
      },
    },
    async (request, reply) => {
      const till = tillOf(request);
      const sink = responseSink(reply.raw);
      const stream = await streams.open(till, lastEventId(request.headers['last-event-id']), {
        ...sink,
        write(text) {
          // Only now is it sure that the stream opens: until here it can be refused in the usual way.
          if (!reply.raw.headersSent) begin();
          return sink.write(text);
        },
      });
      request.raw.on('close', () => stream.close());
      if (request.raw.destroyed) stream.close();
      return reply;

      function begin(): void {
        reply.hijack();
        reply.raw.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          'x-request-id': request.id,
          [TIME_HEADER]: String(clock.now()),
        });
      }
    },
  );
}

export function lastEventId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null;
  if (typeof header !== 'string' || !EVENT_ID.test(header)) {
    throw new SaksiError('bad_request', { params: { at: 'headers/last-event-id' } });
  }
  return Number(header);
}

export function responseSink(response: ServerResponse): Sink {
  return {
    write: (text) => response.write(text),
    drained: (onDrained) => {
      response.once('drain', onDrained);
    },
    end: () => {
      // A reader that is stuck never takes the end either.
      if (response.writableNeedDrain) response.destroy();
      else response.end();
    },
  };
}
