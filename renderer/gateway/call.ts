/** One question to the gateway that served the page. The session is a cookie that no script can read. */
import type { z } from 'zod';
import { SaksiError, type WireError, wireErrorSchema } from '../../shared/errors.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError };

/** With a body it is a POST of JSON. */
export type Call = <T>(schema: z.ZodType<T>, path: string, body?: object) => Promise<Answer<T>>;

export function createCall(send: typeof fetch): Call {
  return async (schema, path, body) => {
    const init: RequestInit =
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    let json: unknown;
    let answered: Response;
    try {
      answered = await send(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
      json = await answered.json();
    } catch {
      return { ok: false, error: new SaksiError('gateway_unreachable').toWire() };
    }
    const refusal = answered.ok ? undefined : wireErrorSchema.safeParse(json).data;
    if (refusal !== undefined) return { ok: false, error: refusal.error };
    const parsed = schema.safeParse(json);
    if (answered.ok && parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, error: new SaksiError('gateway_bad_answer').toWire() };
  };
}
