/** One POST of JSON to one address over connections that are kept. Not axios: with it a message sent costs the process twice as much. */
import type { AxiosInstance } from 'axios';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

/** Meta's answers are under 2 kB; more than this is not an answer of Meta's. */
const ANSWER_BYTES_MAX = 65_536;
/** Meta's default throughput is 80 messages/s a number; at half a second each that keeps 40 in flight. */
const CONNECTIONS_MAX = 40;

/** `data`: parsed where it is JSON, else the text. */
export interface Answer {
  readonly status: number;
  readonly data: unknown;
}

export interface Poster {
  /** Whatever the status. Follows no redirect. Rejects with the driver's error, which may hold the body. */
  post(body: object, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

export interface PosterOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the environment's proxy is asked. */
  readonly proxied: boolean;
}

export function createPoster({ url, headers, proxied }: PosterOptions): Poster {
  const limits = { connections: CONNECTIONS_MAX, maxResponseSize: ANSWER_BYTES_MAX };
  const dispatcher: Dispatcher = proxied ? new EnvHttpProxyAgent(limits) : new Pool(url.origin, limits);
  const target = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers,
  } as const;

  async function post(body: object, signal: AbortSignal): Promise<Answer> {
    const answer = await dispatcher.request({ ...target, body: JSON.stringify(body), signal });
    return { status: answer.statusCode, data: parsed(await answer.body.text()) };
  }

  function close(): void {
    // What is under way has its own end; the connections go with it.
    void dispatcher.close();
  }

  return { post, close };
}

/** The same by an instance of axios that somebody else made. */
export function axiosPoster(http: AxiosInstance, { url, headers }: Omit<PosterOptions, 'proxied'>): Poster {
  return {
    async post(body, signal) {
      const { status, data } = await http.request<unknown>({
        ...{ method: 'POST', url: url.href, data: body, headers, signal },
        ...{ maxRedirects: 0, maxContentLength: ANSWER_BYTES_MAX, validateStatus: () => true },
      });
      return { status, data };
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
