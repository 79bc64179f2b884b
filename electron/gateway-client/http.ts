import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';

/** Answers larger than this are refused unread. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** An idle connection is dropped before the far end (Fastify: 72 s) drops it under a request. */
const KEEP_ALIVE_MS = 30_000;
/** The event stream holds one; the others serve calls. */
const SOCKETS_MAX = 8;

/** The HTTP client that the till talks to its gateway with: kept-alive connections, no redirects, no proxy. */
export function createHttp(): AxiosInstance {
  const agent = { keepAlive: true, maxSockets: SOCKETS_MAX, timeout: KEEP_ALIVE_MS };
  return axios.create({
    adapter: 'http',
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    maxRedirects: 0,
    maxContentLength: ANSWER_BYTES_MAX,
    maxBodyLength: ANSWER_BYTES_MAX,
    proxy: false,
    validateStatus: () => true,
    // Bytes as they came: JSON is parsed in one place, where a failure has a code.
    transformResponse: [(data: unknown) => data],
    responseType: 'text',
  });
}
