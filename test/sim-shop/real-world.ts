import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

/**
 * Finds what reads a real clock, sets a real timer or draws real chance in a simulated run: such a run could not be played
 * again. While it watches, each of those is wrapped; the original does the work, and whose call it was is noted.
 */
export interface RealWorldWatch {
  /** Calls since the last time, each as `what at where`, once per place. */
  leaks(): string[];
  /** Puts the originals back. */
  end(): void;
}

/** A library's own use that decides nothing of a run, as its package's name and what it may call. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // Its timers and its clock, where no statement of ours is under way.
  '@electric-sql/pglite': ['Date.now', 'new Date', 'performance.now', 'setTimeout', 'getRandomValues'],
  // How long starting, asking and answering took, for logs and metrics that nothing here reads.
  fastify: ['Date.now', 'performance.now', 'setTimeout'],
  avvio: ['Date.now', 'Math.random', 'setTimeout'],
  pino: ['Date.now'],
  axios: ['performance.now'],
};

type Anything = (...args: never[]) => unknown;
type Holder = Record<string, unknown>;

export function watchRealWorld(): RealWorldWatch {
  const found = new Set<string>();
  const undo: (() => void)[] = [];

  function note(what: string, below: Anything): void {
    if (unwatchedDepth > 0) return;
    const where = caller(below);
    if (where !== null && !isAllowed(what, where)) found.add(`${what} at ${shortly(where)}`);
  }
  function put(holder: object, name: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, { configurable: true, writable: true, value });
    undo.push(() => {
      if (before === undefined) delete (holder as Holder)[name];
      else Object.defineProperty(holder, name, before);
    });
  }
  function wrap(holder: object, name: string, what = name): void {
    const original = (holder as Holder)[name] as Anything;
    const wrapped = function (this: unknown, ...args: never[]): unknown {
      note(what, wrapped);
      return original.apply(this, args);
    };
    // What hangs on it stays: `setTimeout` has a form that promises.
    put(holder, name, Object.assign(wrapped, original));
  }

  put(globalThis, 'Date', watchedDate(note));
  wrap(performance, 'now', 'performance.now');
  wrap(process, 'hrtime');
  wrap(Math, 'random', 'Math.random');
  wrap(AbortSignal, 'timeout', 'AbortSignal.timeout');
  for (const name of ['setTimeout', 'setInterval']) {
    wrap(globalThis, name);
    wrap(timers, name);
    wrap(timersPromises, name);
  }
  for (const name of ['getRandomValues', 'randomUUID']) wrap(globalThis.crypto, name);
  for (const name of ['randomBytes', 'randomInt', 'randomUUID', 'randomFillSync', 'randomFill']) {
    wrap(crypto, name);
  }
  syncBuiltinESMExports();

  return {
    leaks() {
      const all = [...found];
      found.clear();
      return all;
    },
    end() {
      for (const back of undo.reverse()) back();
      syncBuiltinESMExports();
    },
  };
}

let unwatchedDepth = 0;

/** What is called meanwhile is nobody's leak: PostgreSQL reads its clock for itself, and no statement of ours does (`assertTimeless`). */
export function unwatched<T>(work: () => T): T {
  unwatchedDepth += 1;
  try {
    return work();
  } finally {
    unwatchedDepth -= 1;
  }
}

/** `Date` that tells of each reading of the clock; given a time it only computes. */
function watchedDate(note: (what: string, below: Anything) => void): DateConstructor {
  const watched = new Proxy(Date, {
    construct(target, args: [], as) {
      if (args.length === 0) note('new Date', watched as unknown as Anything);
      return Reflect.construct(target, args, as);
    },
    get(target, name, receiver) {
      return name === 'now' ? now : Reflect.get(target, name, receiver);
    },
  });
  const { now: original } = Date;
  function now(): number {
    note('Date.now', now);
    return original();
  }
  return watched;
}

const OWN = import.meta.url;
const FRAMES = 12;

/** The nearest file that is neither Node's nor this one, with its line; null where Node itself called. */
function caller(below: Anything): string | null {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_error, sites) => {
    for (const site of sites) {
      const file = site.getFileName();
      if (file == null || file.startsWith('node:') || file === OWN || OWN.endsWith(file)) continue;
      return `${file}:${site.getLineNumber()}`;
    }
    return null;
  };
  const holder: { stack?: string | null } = {};
  Error.captureStackTrace(holder, below);
  const { stack = null } = holder;
  Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  return stack;
}

const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function isAllowed(what: string, where: string): boolean {
  const name = PACKAGE.exec(where)?.[1];
  return name !== undefined && (ALLOWED[name]?.includes(what) ?? false);
}

const ROOT = new URL('../../', OWN).pathname;

function shortly(where: string): string {
  return where.replace('file://', '').replace(ROOT, '');
}

const TIME_OR_CHANCE =
  /\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|uuidv[47])\s*\(|\bcurrent_(?:timestamp|date|time)\b/i;

/** @throws RangeError for SQL that reads the database's clock or draws its chance */
export function assertTimeless(text: string): void {
  const found = TIME_OR_CHANCE.exec(text)?.[0];
  if (found !== undefined) throw new RangeError(`${found} of the database's own in: ${text.slice(0, 200)}`);
}
