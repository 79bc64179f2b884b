import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import type { GatewayConfig } from '../config.ts';

/** Never in the log, however deep a careless caller puts them: redacted at the levels that pino can look into. */
const SECRET_FIELDS = [
  'authorization',
  'code',
  'pin',
  'phone',
  'phoneE164',
  'phone_e164',
  'secret',
  'tillKey',
  'accessToken',
  'appSecret',
  'verifyToken',
];

/** Stable error codes are no secrets, so those are logged as `refusal`, and `err` by its own serialiser. */
export function createLogger(
  level: GatewayConfig['logLevel'],
  destination?: pino.DestinationStream,
): pino.Logger {
  const options = {
    level,
    base: { part: 'gateway' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    serializers: { err: describeError, req: describeRequest },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

type ChildOf = Parameters<FastifyBaseLogger['child']>;

/**
 * The log of one request, made when there is something to write: pino writes and redacts the bindings of a child when it is
 * made (7 % of the process's time under a load of webhooks), and most requests log nothing.
 */
export function createRequestLog(logger: FastifyBaseLogger, ...childOf: ChildOf): FastifyBaseLogger {
  let made: FastifyBaseLogger | null = null;
  const child = () => {
    made ??= logger.child(...childOf);
    return made;
  };
  const at = (level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace') => {
    const write = (...args: [obj: unknown, message?: string]) => {
      if (isEnabled(logger, level)) child()[level](...args);
    };
    return write as FastifyBaseLogger[typeof level];
  };
  return {
    level: logger.level,
    silent: logger.silent,
    ...{ fatal: at('fatal'), error: at('error'), warn: at('warn') },
    ...{ info: at('info'), debug: at('debug'), trace: at('trace') },
    child: (...args) => child().child(...args),
  };
}

/** A logger that does not say what it writes is asked to write. */
function isEnabled(logger: FastifyBaseLogger, level: string): boolean {
  return 'isLevelEnabled' in logger ? (logger as pino.Logger).isLevelEnabled(level) : true;
}

/** Name, first line and stack. Not the rest: a driver's error carries the statement's parameters and rows. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, cause } = error;
  const sqlState = 'code' in error && typeof error.code === 'string' ? { errorCode: error.code } : {};
  return {
    type: name,
    message: message.split('\n', 1)[0],
    ...sqlState,
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/** Without the query: it holds what was searched for, and the webhook's verify token. */
function describeRequest(request: { method: string; url: string; ip?: string }): unknown {
  return { method: request.method, path: request.url.split('?', 1)[0], ip: request.ip };
}
