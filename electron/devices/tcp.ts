import { connect, type Socket } from 'node:net';
import type { Clock } from '../../shared/effects.ts';
import {
  CONNECT_TIMEOUT_MS,
  type Transport,
  TransportError,
  TransportListeners,
  withTimeout,
} from './transport.ts';

/** First TCP keep-alive probe after this much silence; the operating system sets the rest. */
const KEEP_ALIVE_MS = 10_000;

/** Raw TCP (port 9100 and the like), no framing. */
export function createTcpTransport(options: { host: string; port: number; clock: Clock }): Transport {
  const { host, port, clock } = options;
  const listeners = new TransportListeners();
  let socket: Socket | null = null;

  function open(signal?: AbortSignal): Promise<void> {
    const opening = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    const connected = new Promise<void>((resolve, reject) => {
      opening.once('connect', resolve);
      opening.once('error', (error) => reject(new TransportError('open_failed', error.message, error)));
      signal?.addEventListener('abort', () => reject(new TransportError('open_failed', 'aborted')), {
        once: true,
      });
    });
    return withTimeout(clock, connected, CONNECT_TIMEOUT_MS, 'open_timeout', `${host}:${port}`).then(
      () => adopt(opening),
      (error: unknown) => {
        opening.on('error', () => undefined); // destroyed below: a late refusal has no one left to tell
        opening.destroy();
        throw error;
      },
    );
  }

  function adopt(opened: Socket): void {
    socket = opened;
    let detail = 'closed by the far end';
    let failed = false;
    opened.on('error', (error) => {
      failed = true;
      detail = error.message;
    });
    opened.on('data', (bytes) => listeners.data(bytes));
    opened.on('end', () => opened.destroy());
    opened.once('close', () => {
      const asked = socket !== opened;
      if (!asked) socket = null;
      listeners.closed({ why: asked ? 'asked' : failed ? 'failed' : 'lost', detail });
    });
  }

  function write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const target = socket;
    if (target === null) return Promise.reject(new TransportError('closed', `${host}:${port}`));
    const written = new Promise<void>((resolve, reject) => {
      target.write(bytes, (error) => {
        if (error) reject(new TransportError('write_failed', error.message, error));
        else resolve();
      });
    });
    return withTimeout(clock, written, timeoutMs, 'write_timeout', `${host}:${port}`);
  }

  function close(): Promise<void> {
    const closing = socket;
    socket = null;
    if (closing === null) return Promise.resolve();
    return new Promise((resolve) => {
      closing.once('close', () => resolve());
      closing.destroy();
    });
  }

  return {
    describe: { kind: 'tcp', label: `${host}:${port}` },
    open,
    write,
    close,
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };
}
