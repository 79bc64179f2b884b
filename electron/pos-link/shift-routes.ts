import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { cashReportSchema } from '../../shared/cash-shift.ts';
import {
  POS_PATHS,
  posShiftCloseSchema,
  posShiftOpenSchema,
  posShiftSchema,
} from '../../shared/pos-link-api.ts';
import { idempotencyKeyOf, KEYED, type PosRoutesContext, REFUSALS } from './route-parts.ts';

/** The cashier's shift: opened, counted and closed from the terminal, and its reports. */
export function addShiftRoutes(server: FastifyInstance, { pos }: PosRoutesContext): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const report = { 200: cashReportSchema, ...REFUSALS };

  app.get(
    POS_PATHS.shift,
    {
      schema: {
        summary: 'The open shift, and the last closed one',
        response: { 200: posShiftSchema, ...REFUSALS },
      },
    },
    () => pos.shift(),
  );

  app.post(
    POS_PATHS.shift,
    {
      schema: {
        summary: 'Open a shift with its float; somebody must be signed in at the till',
        description: 'Refused with not_signed_in, cash_shift_off, cash_shift_open and cash_count_malformed.',
        headers: KEYED,
        body: posShiftOpenSchema,
        response: { 201: posShiftSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const shift = await pos.openShift(idempotencyKeyOf(request), request.body);
      return reply.code(201).send(shift);
    },
  );

  app.post(
    POS_PATHS.shiftClose,
    {
      schema: {
        summary: 'Close the shift with its blind count; answers with the Z report, which is printed and kept',
        description:
          'What should be there is not told before the count. A difference beyond the first limit is refused with ' +
          'cash_reason_needed, beyond the second with cash_approval_needed: the count is kept, the supervisor is asked ' +
          'from the till, and the same request under a new key goes on from it.',
        headers: KEYED,
        body: posShiftCloseSchema,
        response: report,
      },
    },
    (request) => pos.closeShift(idempotencyKeyOf(request), request.body),
  );

  app.get(
    POS_PATHS.shiftX,
    {
      schema: {
        summary: 'The X report: so far; changes nothing',
        description:
          'While a cashier is signed in it does not hold, before the count, what should be in the drawer, nor the ' +
          'sum of the sales.',
        response: report,
      },
    },
    () => pos.xReport(),
  );

  app.get(
    POS_PATHS.shiftZ,
    { schema: { summary: 'The Z report of the last closed shift', response: report } },
    () => pos.zReport(),
  );
}
