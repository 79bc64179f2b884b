import { PassThrough, type Readable } from 'node:stream';
import axios, {
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { Gateway } from '../../cloud/gateway.ts';
import { OFFLINE_PATHS } from '../../shared/offline.ts';
import type { GatewayMachine } from './gateway-machine.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import type { VirtualTime } from './virtual-time.ts';

export const GATEWAY_URL = 'http://127.0.0.1:8787';

/** What the line does to one exchange. */
export type LineFault = 'lost_request' | 'lost_answer' | 'duplicate' | 'slow';
export type LineState =
  /** Every request comes through, after a while. */
  | 'up'
  /** Refused at once: no route, a cable out. */
  | 'down'
  /** Swallowed: a half-open socket, a router that drops. */
  | 'black_hole';

/** What tells of balances. */
const BALANCES = /^\/v1\/(wallets|customers|redemptions)/;
const LATENCY_MS = { from: 2, to: 80 };
const SLOW_MS = { from: 1_000, to: 12_000 };

export interface LineParts {
  /** Of its till. */
  name: string;
  gateway: GatewayMachine;
  time: VirtualTime;
  prng: Prng;
  note(text: string): void;
  hit(fault: string): void;
  /** A machine-readable fault of the simulation itself. */
  failed(error: unknown): void;
}

interface OpenStream {
  /** As a router's reboot does. */
  cut(): void;
  /** After a black hole. */
  resume(): void;
}

/** One till's way to the gateway. Each leg of an exchange takes its own time, so that answers overtake each other. */
export class Line {
  readonly #parts: LineParts;
  state: LineState = 'up';
  /** Chance of each fault for each exchange. */
  faults: Partial<Record<LineFault, number>> = {};
  /** A planted fault: a batch of the outbox counts as taken once it was sent. */
  believesSent = false;
  /** When an answer with balances last arrived. */
  heardBalancesAt: number | null = null;
  /** Event streams that are open. */
  readonly #streams = new Set<OpenStream>();

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  set(state: LineState): void {
    if (state === this.state) return;
    this.state = state;
    this.#parts.note(`${this.#parts.name} line ${state}`);
    // A cable that is pulled ends what is on it; a black hole just stays silent, and what was sent into it is sent again after it.
    for (const { cut, resume } of [...this.#streams]) {
      if (state === 'down') cut();
      if (state === 'up') resume();
    }
  }

  /** Ends every stream as a router's reboot does. */
  cutStreams(): void {
    for (const { cut } of [...this.#streams]) cut();
  }

  /** A client as the product makes it, on this line. `isUp`: whether the machine that owns it still has power. */
  http(isUp: () => boolean): AxiosInstance {
    return axios.create({
      adapter: (config) => this.#exchange(config, isUp),
      validateStatus: () => true,
      transformResponse: [(data: unknown) => data],
      responseType: 'text',
    });
  }

  #latency(): number {
    return this.#parts.prng.between(LATENCY_MS.from, LATENCY_MS.to);
  }

  #exchange(config: InternalAxiosRequestConfig, isUp: () => boolean): Promise<AxiosResponse> {
    const { time, prng, note, hit } = this.#parts;
    const fault = this.#draw();
    const slow = fault === 'slow' ? prng.between(SLOW_MS.from, SLOW_MS.to) : 0;
    const path = axios.getUri(config).slice(GATEWAY_URL.length);
    if (fault !== null) hit(fault);
    return new Promise<AxiosResponse>((resolve, reject) => {
      let over = false;
      const end = (work: () => void) => {
        if (over) return;
        over = true;
        moved();
        work();
      };
      const believed = this.believesSent ? assumedAnswer(config, path) : null;
      const lose = (code: string) =>
        end(() => (believed === null ? reject(new AxiosError('line', code, config)) : resolve(believed)));
      const signal = config.signal as AbortSignal | undefined;
      const abort = () => end(() => reject(new CanceledError('aborted', config)));
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      if (this.state === 'down' || !isUp()) {
        time.at(1, () => lose('ECONNREFUSED'));
        return;
      }
      if (this.state === 'black_hole' || fault === 'lost_request') return;
      time.at(this.#latency(), () => {
        const { gateway } = this.#parts.gateway;
        if (this.state !== 'up') return;
        if (gateway === null) {
          lose('ECONNREFUSED');
          return;
        }
        note(
          `${this.#parts.name} ${config.method?.toUpperCase()} ${generic(path)}${fault === null ? '' : ` (${fault})`}`,
        );
        if (fault === 'duplicate' && config.responseType !== 'stream') {
          time.at(this.#latency() * 3, () => this.#again(config, path));
        }
        this.#ask(gateway, config, path, signal).then(
          (answer) => {
            moved();
            if (fault === 'lost_answer') return time.at(1, () => lose('ECONNRESET'));
            time.at(this.#latency() + slow, () => {
              if (this.state === 'down') {
                lose('ECONNRESET');
                return;
              }
              if (this.state !== 'up' && !answer.streaming) return;
              if (BALANCES.test(path)) this.heardBalancesAt = time.now;
              end(() => resolve(answer.response));
            });
          },
          () => lose('ECONNRESET'),
        );
      });
    });
  }

  #draw(): LineFault | null {
    const { prng } = this.#parts;
    const at = prng.next();
    let sum = 0;
    for (const [fault, chance] of Object.entries(this.faults)) {
      sum += chance;
      if (at < sum) return fault as LineFault;
    }
    return null;
  }

  /** The same bytes a second time; nobody waits for this answer. */
  #again(config: InternalAxiosRequestConfig, path: string): void {
    const { gateway } = this.#parts.gateway;
    if (gateway === null || this.state !== 'up') return;
    this.#ask(gateway, config, path, undefined).then(moved, moved);
  }

  async #ask(
    gateway: Gateway,
    config: InternalAxiosRequestConfig,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ response: AxiosResponse; streaming: boolean }> {
    const headers = AxiosHeaders.from(config.headers as AxiosHeaders).toJSON() as Record<string, string>;
    const request = {
      method: (config.method ?? 'get').toUpperCase() as 'GET' | 'POST' | 'PUT',
      url: path,
      headers,
      ...(config.data === undefined ? {} : { payload: config.data as string | Buffer }),
    };
    const common = { statusText: '', config };
    if (config.responseType !== 'stream') {
      const answer = await gateway.app.inject(request);
      if (this.#parts.gateway.gateway !== gateway) throw new Error('the gateway died under the request');
      const { statusCode: status, payload: data } = answer;
      return { response: { ...common, status, data, headers: answer.headers as never }, streaming: false };
    }
    const hangUp = new AbortController();
    const answer = await gateway.app.inject({ ...request, payloadAsStream: true, signal: hangUp.signal });
    if (this.#parts.gateway.gateway !== gateway) throw new Error('the gateway died under the request');
    const data = this.#carry(gateway, answer.stream(), signal, () => hangUp.abort());
    return {
      response: { ...common, status: answer.statusCode, data, headers: answer.headers as never },
      streaming: true,
    };
  }

  /**
   * Carries a stream's chunks in order, each with its own delay. What a black hole swallows arrives after it, as TCP sends again what
   * nobody acknowledged (RFC 9293, section 3.8.1): a stream that goes on has no gap.
   */
  #carry(gateway: Gateway, from: Readable, signal: AbortSignal | undefined, hangUp: () => void): PassThrough {
    const { time } = this.#parts;
    const to = new PassThrough();
    let lastAt = 0;
    let over = false;
    const later = (work: () => void) => {
      lastAt = Math.max(lastAt, time.now + this.#latency());
      time.at(lastAt - time.now, () => {
        if (!over) work();
        moved();
      });
    };
    const end = (error: Error | null) => {
      if (over) return;
      over = true;
      this.#streams.delete(stream);
      hangUp();
      if (error === null) to.end();
      else to.destroy(error);
      moved();
    };
    const cut = () => end(new AxiosError('cut', 'ECONNRESET'));
    const waiting: { chunk: Buffer; sentAt: number }[] = [];
    const arrive = () => {
      if (this.state !== 'up' || waiting.length === 0) return;
      if (this.#parts.gateway.gateway !== gateway) {
        cut();
        return;
      }
      for (const { chunk, sentAt } of waiting.splice(0)) {
        // A ping says which change was the newest as it was sent: whoever has that one was in step then.
        this.heardBalancesAt = Math.max(this.heardBalancesAt ?? 0, sentAt);
        to.write(chunk);
      }
    };
    const stream: OpenStream = { cut, resume: () => later(arrive) };
    this.#streams.add(stream);
    to.on('error', () => {});
    from.on('data', (chunk: Buffer) => {
      moved();
      const sentAt = time.now;
      later(() => {
        waiting.push({ chunk, sentAt });
        arrive();
      });
    });
    from.on('error', () => {});
    from.on('close', () => later(cut));
    signal?.addEventListener('abort', () => end(new Error('aborted')), { once: true });
    return to;
  }
}

/** What a client that does not wait for the answer takes for it. */
function assumedAnswer(config: InternalAxiosRequestConfig, path: string): AxiosResponse | null {
  if (path !== OFFLINE_PATHS.outbox) return null;
  const { items } = JSON.parse(String(config.data)) as { items: { id: string }[] };
  const results = items.map(({ id }) => ({ id, outcome: 'done' }));
  return { status: 200, statusText: '', headers: {}, config, data: JSON.stringify({ results }) };
}

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

/** For the trace: the same for every run of a seed, whatever was made inside OpenSSL. */
function generic(path: string): string {
  return path.replace(UUID, ':id');
}
