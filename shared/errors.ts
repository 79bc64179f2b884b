import { z } from 'zod';
import { ERRORS, type ErrorSpec } from './errors-table.ts';

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const errorParamsSchema = z.record(z.string(), z.union([z.string(), z.number()]));
export type ErrorParams = z.infer<typeof errorParamsSchema>;

/** The body of every refusal at either HTTP API and over the bridge. Parameters never hold secrets or codes. */
export const wireErrorSchema = z.object({
  error: z.object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    params: errorParamsSchema,
    retry: z.boolean(),
  }),
});
export type WireError = z.infer<typeof wireErrorSchema>['error'];

/** The only error that crosses a module border on purpose. `message` is the table's sentence for the log. */
export class SaksiError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, options: { params?: ErrorParams; cause?: unknown } = {}) {
    super(`${code}: ${ERRORS[code].log}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SaksiError';
    this.code = code;
    this.params = options.params ?? {};
  }

  get http(): number {
    return ERRORS[this.code].http;
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
  }

  toWire(): WireError {
    return { code: this.code, message: ERRORS[this.code].log, params: this.params, retry: this.retry };
  }

  static fromWire(wire: WireError): SaksiError {
    return new SaksiError(wire.code, { params: wire.params });
  }
}

/** `error` itself if it is ours, else `internal` with it as the cause. */
export function asSaksiError(error: unknown): SaksiError {
  return error instanceof SaksiError ? error : new SaksiError('internal', { cause: error });
}

export type Language = 'id' | 'en' | 'tr';

/** The person's sentence with its parameters filled in. */
export function personSentence(code: ErrorCode, language: Language, params: ErrorParams = {}): string {
  const spec: ErrorSpec = ERRORS[code];
  return spec[language].replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name] ?? '…'));
}
