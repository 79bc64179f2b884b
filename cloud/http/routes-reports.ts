import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import { type Channels, REPORT_PATH } from '../channels/accounts.ts';
import type { TakeReport } from '../channels/reports.ts';
import { isSigned, readReport } from '../channels/sms-http/report.ts';
import { refusals } from './routes-tills.ts';

const REPORT_BYTES_MAX = 16 * 1024;
const fieldsSchema = z.record(z.string(), z.unknown());

export interface ReportRoutesOptions {
  readonly channels: Pick<Channels, 'reportForm' | 'reportToken'>;
  readonly takeReport: TakeReport;
}

/** In a Fastify scope of its own: only here are forms read, and any content type taken. */
export async function reportRoutes(app: FastifyInstance, options: ReportRoutesOptions): Promise<void> {
  const { channels, takeReport } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.route({
    method: ['GET', 'POST'],
    url: `${REPORT_PATH}/:messageId`,
    bodyLimit: REPORT_BYTES_MAX,
    schema: {
      summary: "An SMS provider's report about one text",
      description:
        'To the address that the provider was given with the text; signed where the provider signs.',
      params: z.object({ messageId: z.uuid() }),
      querystring: z.looseObject({ t: z.string() }),
      response: { 200: z.object({ received: z.literal(true) }), ...refusals },
    },
    handler: async (request) => {
      const { messageId } = request.params as { messageId: string };
      const { t: token, ...query } = request.query as { t: string };
      if (!equal(token, channels.reportToken(messageId))) throw new SaksiError('webhook_signature_invalid');
      const known = await channels.reportForm();
      if (known === null) throw new SaksiError('not_found');
      const { form, values, callbackOf } = known;
      const fields = request.method === 'GET' ? query : fieldsOf(request);
      const { headers } = request;
      if (!isSigned(form, values, { url: callbackOf(messageId), headers, fields })) {
        throw new SaksiError('webhook_signature_invalid');
      }
      const report = readReport(form, fields, messageId);
      if (report !== null) await takeReport('sms', report);
      return { received: true as const };
    },
  });
}

/** JSON where it says so, else a form: some providers send one without saying so. */
function fieldsOf(request: FastifyRequest): Record<string, unknown> {
  const body = typeof request.body === 'string' ? request.body : '';
  if (!/json/i.test(request.headers['content-type'] ?? ''))
    return Object.fromEntries(new URLSearchParams(body));
  try {
    return fieldsSchema.parse(JSON.parse(body));
  } catch (error) {
    throw new SaksiError('bad_request', { params: { at: 'body' }, cause: error });
  }
}

function equal(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
