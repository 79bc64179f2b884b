/** One POST of JSON to one address over connections that are kept. Not axios: with it a message sent costs the process twice as much. */
import type { AxiosInstance } from 'axios';
import { type Dispatcher, EnvHttpProxyAgent, errors, Pool } from 'undici';

/** Meta's answers are under 2 kB; more than this is not an answer of Meta's. */
const ANSWER_BYTES_MAX = 65_536;
/** Meta's default throughput is 80 messages/s a number, which at half a second each keeps 40 in flight; a number may have up to 1,000/s. */
const CONNECTIONS_MAX = 100;

/** `data`: parsed where it is JSON, else the text. */
export interface Answer {
  readonly status: number;
  readonly data: unknown;
}

export interface Posting {
  /** Whatever the status. Rejects with the driver's error, which may hold the body. */
  readonly answer: Promise<Answer>;
  /** `answer` rejects, unless it is there. */
  abort(): void;
}

export interface Poster {
  /** Follows no redirect. */
  post(body: object): Posting;
  close(): void;
}

export interface PosterOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the environment's proxy is asked. */
  readonly proxied: boolean;
}

export function createPoster({ url, headers, proxied }: PosterOptions): Poster {
  // How long an answer may take is for the caller to say.
  const patience = { headersTimeout: 0, bodyTimeout: 0 };
  const limits = { connections: CONNECTIONS_MAX, maxResponseSize: ANSWER_BYTES_MAX, ...patience };
  const dispatcher: Dispatcher = proxied ? new EnvHttpProxyAgent(limits) : new Pool(url.origin, limits);
  const target = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers,
  } as const;

  function post(body: object): Posting {
    let abort = () => {};
    const answer = new Promise<Answer>((resolve, reject) => {
      const collecting = collector(resolve, reject);
      abort = collecting.abort;
      dispatcher.dispatch({ ...target, body: JSON.stringify(body) }, collecting.handler);
    });
    return { answer, abort };
  }

  function close(): void {
    // What is under way has its own end; the connections go with it.
    void dispatcher.close();
  }

  return { post, close };
}

/** What undici calls back with, put together to an answer. A stream and a signal for each request cost a fifth of sending it. */
function collector(resolve: (answer: Answer) => void, reject: (error: Error) => void) {
  const chunks: Buffer[] = [];
  let status = 0;
  let aborted = false;
  let controller: Dispatcher.DispatchController | null = null;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      // It was given up while it waited for a connection.
      if (aborted) return given.abort(new errors.RequestAbortedError());
      controller = given;
    },
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      resolve({ status, data: parsed(Buffer.concat(chunks).toString('utf8')) });
    },
    onResponseError(_controller, error) {
      reject(error);
    },
  };
  function abort(): void {
    aborted = true;
    const error = new errors.RequestAbortedError();
    reject(error);
    controller?.abort(error);
  }
  return { handler, abort };
}

/** The same by an instance of axios that somebody else made. */
export function axiosPoster(http: AxiosInstance, { url, headers }: Omit<PosterOptions, 'proxied'>): Poster {
  async function ask(body: object, signal: AbortSignal): Promise<Answer> {
    const { status, data } = await http.request<unknown>({
      ...{ method: 'POST', url: url.href, data: body, headers, signal },
      ...{ maxRedirects: 0, maxContentLength: ANSWER_BYTES_MAX, validateStatus: () => true },
    });
    return { status, data };
  }

  return {
    post(body) {
      const controller = new AbortController();
      return { answer: ask(body, controller.signal), abort: () => controller.abort() };
    },
    close() {},
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
