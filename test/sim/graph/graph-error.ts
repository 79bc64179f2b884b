/**
 * Errors in the shape in which the Graph API answers them.
 * Source: Meta, "Cloud API error codes" (syntax and HTTP statuses) and "Graph API: handle errors".
 */
import { createHash } from 'node:crypto';

/** Title and HTTP status of each code that the simulator can answer with or put into a failed status. */
const TITLES: ReadonlyMap<number, { title: string; httpStatus: number }> = new Map([
  [0, { title: 'AuthException', httpStatus: 401 }],
  [2, { title: 'API Service', httpStatus: 503 }],
  [4, { title: 'API Too Many Calls', httpStatus: 400 }],
  [10, { title: 'Permission Denied', httpStatus: 403 }],
  [100, { title: 'Invalid parameter', httpStatus: 400 }],
  [190, { title: 'Access token has expired', httpStatus: 401 }],
  [368, { title: 'Temporarily blocked for policies violations', httpStatus: 403 }],
  [80007, { title: 'Rate limit issues', httpStatus: 400 }],
  [130429, { title: 'Rate limit hit', httpStatus: 429 }],
  [130472, { title: "User's number is part of an experiment", httpStatus: 400 }],
  [131000, { title: 'Something went wrong', httpStatus: 500 }],
  [131005, { title: 'Access denied', httpStatus: 403 }],
  [131008, { title: 'Required parameter is missing', httpStatus: 400 }],
  [131009, { title: 'Parameter value is not valid', httpStatus: 400 }],
  [131016, { title: 'Service unavailable', httpStatus: 503 }],
  [131021, { title: 'Recipient cannot be sender', httpStatus: 400 }],
  [131026, { title: 'Message undeliverable', httpStatus: 400 }],
  [131030, { title: 'Recipient phone number not in allowed list', httpStatus: 400 }],
  [131031, { title: 'Account has been locked', httpStatus: 403 }],
  [131042, { title: 'Business eligibility payment issue', httpStatus: 400 }],
  [131045, { title: 'Incorrect certificate', httpStatus: 400 }],
  [131047, { title: 'Re-engagement message', httpStatus: 400 }],
  [131048, { title: 'Spam rate limit hit', httpStatus: 400 }],
  [131049, { title: 'Meta chose not to deliver', httpStatus: 400 }],
  [131051, { title: 'Unsupported message type', httpStatus: 400 }],
  [131056, { title: 'Pair rate limit hit', httpStatus: 400 }],
  [131057, { title: 'Account in maintenance mode', httpStatus: 503 }],
  [131062, { title: 'Business-scoped user ID recipients are not supported', httpStatus: 400 }],
  [132000, { title: 'Number of parameters does not match the expected number of params', httpStatus: 400 }],
  [132001, { title: 'Template name does not exist in the translation', httpStatus: 404 }],
  [132005, { title: 'Template hydrated text too long', httpStatus: 400 }],
  [132012, { title: 'Parameter format does not match format in the created template', httpStatus: 400 }],
  [132015, { title: 'Template is paused', httpStatus: 400 }],
  [132016, { title: 'Template is disabled', httpStatus: 400 }],
  [132018, { title: 'Template parameter is not valid', httpStatus: 400 }],
  [133005, { title: 'Two step verification PIN mismatch', httpStatus: 400 }],
  [133010, { title: 'Phone number not registered', httpStatus: 400 }],
]);

export function errorTitle(code: number): string {
  return TITLES.get(code)?.title ?? 'Unknown error';
}

export class GraphError extends Error {
  readonly code: number;
  readonly details: string | undefined;
  readonly httpStatus: number;
  readonly subcode: number | undefined;
  readonly type: string;

  constructor(
    code: number,
    fields: { message?: string; details?: string; httpStatus?: number; subcode?: number; type?: string } = {},
  ) {
    super(fields.message ?? `(#${code}) ${errorTitle(code)}`);
    this.code = code;
    this.details = fields.details;
    this.httpStatus = fields.httpStatus ?? TITLES.get(code)?.httpStatus ?? 400;
    this.subcode = fields.subcode;
    this.type = fields.type ?? 'OAuthException';
  }

  /** @param traceSeed makes the trace id: no two answers share one */
  toBody(traceSeed: string): object {
    return {
      error: {
        message: this.message,
        type: this.type,
        code: this.code,
        ...(this.subcode === undefined ? {} : { error_subcode: this.subcode }),
        ...(this.details === undefined
          ? {}
          : { error_data: { messaging_product: 'whatsapp', details: this.details } }),
        fbtrace_id: `A${createHash('sha256').update(traceSeed).digest('base64url').slice(0, 22)}`,
      },
    };
  }
}

export const missingParameter = (path: string): GraphError =>
  new GraphError(100, { message: `(#100) The parameter ${path} is required.` });

/** A node that does not exist or is not ours to see: Graph tells neither apart. */
export const unknownObject = (id: string, verb: 'get' | 'post' | 'delete'): GraphError =>
  new GraphError(100, {
    message: `Unsupported ${verb} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
    subcode: 33,
    type: 'GraphMethodException',
  });

export const unknownPath = (path: string): GraphError =>
  new GraphError(2500, { message: `Unknown path components: ${path}`, httpStatus: 404 });
