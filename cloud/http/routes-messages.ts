import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { MESSAGE_LOG_PATH, messagePageSchema, messageQuerySchema } from '../../shared/message-log.ts';
import type { MessageLog } from '../messages/log.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface MessageRoutesOptions {
  readonly tills: TillService;
  readonly messageLog: MessageLog;
}

export async function messageRoutes(instance: FastifyInstance, options: MessageRoutesOptions): Promise<void> {
  const { tills, messageLog } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    MESSAGE_LOG_PATH,
    {
      onRequest: requireTill(tills),
      schema: {
        summary: "The store's messages, newest first",
        description: 'Without codes and with masked numbers. A till shows it to managers only.',
        security,
        querystring: messageQuerySchema,
        response: { 200: messagePageSchema, ...refusals },
      },
    },
    (request) => messageLog.page(tillOf(request).storeId, request.query),
  );
}
