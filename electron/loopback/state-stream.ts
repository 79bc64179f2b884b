import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Cancel, Clock } from '../../shared/effects.ts';
import { LOOPBACK_LIMITS } from './limits.ts';

/** Server-sent events (WHATWG HTML, section 9.2) whose every event is the whole state: only the newest matters. */
export interface StateStream {
  /** Sends `data` (one line of JSON); where the reader is slow, a newer one takes its place. */
  push(data: string): void;
  /** Sends what is still to be sent, then ends. */
  end(): void;
}

/** Takes the response over. At most one event waits at any time; a reader that takes nothing any more is cut. */
export function openStateStream(options: {
  response: ServerResponse;
  headers: OutgoingHttpHeaders;
  event: string;
  clock: Clock;
  onClosed: () => void;
}): StateStream {
  const { response, event, clock } = options;
  let waiting: string | null = null;
  let blocked = false;
  let ending = false;
  let silentBeats = 0;
  let cancelBeat: Cancel;

  const write = (chunk: string) => {
    silentBeats = 0;
    blocked = !response.write(chunk);
  };
  const flush = () => {
    if (!blocked && waiting !== null) {
      const data = waiting;
      waiting = null;
      write(`event: ${event}\ndata: ${data}\n\n`);
    }
    if (ending && waiting === null) response.end();
  };
  const beat = () => {
    silentBeats += 1;
    if (!blocked) write(': still here\n\n');
    else if (silentBeats >= LOOPBACK_LIMITS.stalledHeartbeats) return void response.destroy();
    cancelBeat = clock.schedule(LOOPBACK_LIMITS.heartbeatMs, beat);
  };

  response.writeHead(200, {
    ...options.headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  response.on('drain', () => {
    blocked = false;
    flush();
  });
  response.on('close', () => {
    cancelBeat();
    options.onClosed();
  });
  cancelBeat = clock.schedule(LOOPBACK_LIMITS.heartbeatMs, beat);

  return {
    push(data) {
      if (ending) return;
      waiting = data;
      flush();
    },
    end() {
      if (ending) return;
      ending = true;
      flush();
    },
  };
}
