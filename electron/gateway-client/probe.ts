import { z } from 'zod';
import { asSaksiError } from '../../shared/errors.ts';
import { type CallContext, callOnce } from './call.ts';
import { LINE, type Outcome } from './line-health.ts';

export const PROBE_PATH = '/healthz';
const answer = z.object({ status: z.literal('ok') });

/** Whether the gateway itself answers now: one small GET. Never throws. */
export async function probe(context: CallContext): Promise<Outcome> {
  const { clock } = context.effects;
  const sentAt = clock.monotonic();
  // No key crosses a line that is not known to lead to the gateway, and the probe is judged by its caller.
  const { watch: _, ...unwatched } = { ...context, bearer: null };
  try {
    const spec = {
      method: 'GET',
      path: PROBE_PATH,
      answer,
      timeoutMs: LINE.probeLimitMs,
      retries: 0,
    } as const;
    await callOnce(unwatched, spec, { fromGateway: true });
    return { ms: clock.monotonic() - sentAt, error: null };
  } catch (error) {
    return { ms: clock.monotonic() - sentAt, error: asSaksiError(error) };
  }
}
