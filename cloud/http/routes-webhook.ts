import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import { GATEWAY_PATHS } from '../../shared/gateway-api.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { AccountBook } from '../messages/account-book.ts';
import type { WebhookIngest } from '../webhooks/ingest.ts';
import { parseWebhook, verifyChallenge, verifySignature, type WebhookEvent } from '../whatsapp/webhook.ts';
import type { Metrics } from './metrics.ts';
import { refusals } from './routes-tills.ts';

/** Meta's own limit; a body of exactly this size is taken. */
export const WEBHOOK_BYTES_MAX = 3 * 1024 * 1024;

export interface WebhookRoutesOptions {
  readonly accounts: Pick<AccountBook, 'of' | 'ownerOfNumber'>;
  readonly ingest: WebhookIngest;
  readonly metrics: Metrics;
}

/** In a Fastify scope of its own: only here are bodies kept as the bytes that were signed. */
export async function webhookRoutes(instance: FastifyInstance, options: WebhookRoutesOptions): Promise<void> {
  const { accounts, ingest, metrics } = options;
  /** Every account is under the gateway's one app, whose secret signs. */
  const app = accounts.of(DEFAULT_ACCOUNT);
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  /** What was written to a number of the same business that is not here is neither for us, nor a window of ours. */
  async function withOwners(events: readonly WebhookEvent[]): Promise<WebhookEvent[]> {
    const owned = events.map(async (event) => {
      if (event.type !== 'message' || event.phoneNumberId === undefined) return event;
      const account = await accounts.ownerOfNumber(event.phoneNumberId);
      return account === undefined ? null : { ...event, account };
    });
    return (await Promise.all(owned)).filter((event) => event !== null);
  }

  instance.get(
    GATEWAY_PATHS.whatsappWebhook,
    {
      schema: {
        summary: "Meta's challenge when the webhook is registered",
        querystring: z.looseObject({}),
        response: { 200: { content: { 'text/plain': { schema: z.string() } } }, ...refusals },
      },
    },
    async (request, reply) => {
      const { verifyToken } = await app.settings();
      if (verifyToken === undefined) throw new SaksiError('not_ready');
      const challenge = verifyChallenge(request.query as Record<string, unknown>, verifyToken);
      if (challenge === undefined) throw new SaksiError('webhook_challenge_refused');
      return reply
        .type('text/plain; charset=utf-8')
        .serializer((text: unknown) => String(text))
        .send(challenge);
    },
  );

  instance.post(
    GATEWAY_PATHS.whatsappWebhook,
    {
      bodyLimit: WEBHOOK_BYTES_MAX,
      schema: {
        summary: 'Statuses and messages from WhatsApp',
        description: 'Signed by Meta: X-Hub-Signature-256 over the body as sent.',
        response: { 200: z.object({ received: z.literal(true) }), ...refusals },
      },
    },
    async (request) => {
      const { appSecret } = await app.settings();
      if (appSecret === undefined) throw new SaksiError('not_ready');
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      if (!verifySignature(body, request.headers['x-hub-signature-256'], appSecret)) {
        metrics.webhooks.inc({ outcome: 'signature_invalid' });
        throw new SaksiError('webhook_signature_invalid');
      }
      const { events, ignored } = parseWebhook(parseJson(body));
      if (ignored.length > 0)
        request.log.warn({ ignored: ignored.slice(0, 20) }, 'webhook: parts not understood');
      // A status alone, as most are, asks nothing of anybody.
      const known = events.some(({ type }) => type === 'message') ? await withOwners(events) : events;
      await ingest.take(known);
      metrics.webhooks.inc({ outcome: 'received' });
      return { received: true as const };
    },
  );
}

/** @throws SaksiError bad_request */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new SaksiError('bad_request', { params: { at: 'body' }, cause: error });
  }
}
