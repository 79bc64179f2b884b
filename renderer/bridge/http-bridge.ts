import { createParser } from 'eventsource-parser';
import {
  BROWSER_HOST_PATHS,
  BROWSER_TOKEN_HEADER,
  type BridgeInput,
  type BridgeMethod,
  type BridgeResult,
  type SaksiBridge,
  type TillView,
  tillViewSchema,
} from '../../shared/bridge.ts';
import type { Clock, Random } from '../../shared/effects.ts';
import { SaksiError, type WireError, wireErrorSchema } from '../../shared/errors.ts';

export interface HttpBridgeOptions {
  /** Origin of the browser host, without a slash at the end. */
  readonly origin: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Pick<Random, 'jitter'>;
}

/** Full jitter: a random wait up to base × 2^attempt, capped. */
const RECONNECT_BASE_MS = 250;
const RECONNECT_CAP_MS = 5_000;
/** A stream that says nothing for so long is dead even where the connection looks open. */
export const SILENCE_MS = 30_000;

type Listener = (view: TillView | null) => void;

/** The bridge of the browser host: calls by POST, views by server-sent events read with fetch. */
export function createHttpBridge(options: HttpBridgeOptions): SaksiBridge {
  const listeners = new Set<Listener>();
  let latest: TillView | null | undefined;
  let stop: (() => void) | null = null;

  const emit: Listener = (view) => {
    latest = view;
    for (const listener of listeners) listener(view);
  };

  return {
    invoke: (method, input) => invoke(options, method, input),
    subscribe(listener) {
      listeners.add(listener);
      if (latest !== undefined) listener(latest);
      stop ??= followViews(options, emit);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
        latest = undefined;
      };
    },
  };
}

async function invoke<M extends BridgeMethod>(
  { origin, token, fetch: send }: HttpBridgeOptions,
  method: M,
  input: BridgeInput<M>,
): Promise<BridgeResult<M>> {
  try {
    const answer = await send(`${origin}${BROWSER_HOST_PATHS.invoke}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [BROWSER_TOKEN_HEADER]: token },
      body: JSON.stringify(input),
    });
    return readResult<M>(await answer.json());
  } catch {
    // The host is away or answered with no JSON: the call may or may not have happened; the next view tells.
    return { ok: false, error: new SaksiError('not_ready').toWire() };
  }
}

function readResult<M extends BridgeMethod>(body: unknown): BridgeResult<M> {
  if (typeof body === 'object' && body !== null && 'ok' in body && body.ok === true && 'value' in body) {
    return body as BridgeResult<M>;
  }
  const refusal = wireErrorSchema.safeParse(body);
  return { ok: false, error: refusal.success ? refusal.data.error : unreadable() };
}

const unreadable = (): WireError => new SaksiError('internal').toWire();

/** Keeps one stream open until stopped; each loss is told as null. */
function followViews(options: HttpBridgeOptions, emit: Listener): () => void {
  let stopped = false;
  let attempt = 0;
  let cancel: () => void = () => {};

  const connect = async () => {
    const controller = new AbortController();
    cancel = () => controller.abort();
    try {
      await readStream(options, controller, (view) => {
        attempt = 0;
        if (!stopped) emit(view);
      });
    } catch {
      // Refused, unreachable or cut: all one to the screen, which shows that the host is lost.
    }
    if (stopped) return;
    emit(null);
    const wait = options.random.jitter() * Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** attempt);
    attempt = Math.min(attempt + 1, 10);
    cancel = options.clock.schedule(wait, () => void connect());
  };

  void connect();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Resolves when the host ends the stream; rejects when it is refused, cut or silent. */
async function readStream(
  { origin, token, fetch: send, clock }: HttpBridgeOptions,
  controller: AbortController,
  onView: (view: TillView) => void,
): Promise<void> {
  let cancelWatch = () => {};
  const heard = () => {
    cancelWatch();
    cancelWatch = clock.schedule(SILENCE_MS, () => controller.abort());
  };
  heard();
  try {
    const answer = await send(`${origin}${BROWSER_HOST_PATHS.events}`, {
      headers: { accept: 'text/event-stream', [BROWSER_TOKEN_HEADER]: token },
      cache: 'no-store',
      signal: controller.signal,
    });
    if (!answer.ok || answer.body === null) throw new SaksiError('not_ready');
    const parser = createParser({
      onEvent: (event) => {
        if (event.event === 'view') onView(tillViewSchema.parse(JSON.parse(event.data)));
      },
    });
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      heard();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
  } finally {
    cancelWatch();
    controller.abort();
  }
}
