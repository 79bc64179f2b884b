import { SerialPort } from 'serialport';
import { DEFAULT_BAUD_RATE } from '../../shared/device-config.ts';
import type { Clock } from '../../shared/effects.ts';
import {
  CONNECT_TIMEOUT_MS,
  type Transport,
  TransportError,
  TransportListeners,
  withTimeout,
} from './transport.ts';

/**
 * A serial port: a real one, a USB or Bluetooth serial port, or a PTY. The port is locked while open, so
 * that a second till on the machine cannot write between our bytes.
 */
export function createSerialTransport(options: { path: string; baudRate?: number; clock: Clock }): Transport {
  const { path, clock, baudRate = DEFAULT_BAUD_RATE } = options;
  const listeners = new TransportListeners();
  let port: SerialPort | null = null;

  function open(): Promise<void> {
    const opening = new SerialPort({ path, baudRate, autoOpen: false, lock: true });
    const opened = new Promise<void>((resolve, reject) => {
      opening.open((error) => {
        if (error) reject(new TransportError('open_failed', error.message, error));
        else resolve();
      });
    });
    return withTimeout(clock, opened, CONNECT_TIMEOUT_MS, 'open_timeout', path).then(
      () => adopt(opening),
      (error: unknown) => {
        // A port that opens after we gave up must not stay locked.
        opening.once('open', () => opening.close());
        throw error;
      },
    );
  }

  function adopt(opened: SerialPort): void {
    port = opened;
    let detail = 'closed';
    opened.on('error', (error: Error) => {
      detail = error.message;
    });
    opened.on('data', (bytes: Uint8Array) => listeners.data(bytes));
    opened.once('close', (error: Error | null) => {
      const asked = port !== opened;
      if (!asked) port = null;
      listeners.closed({ why: asked ? 'asked' : 'lost', detail: error?.message ?? detail });
    });
  }

  async function write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const target = port;
    if (target === null) throw new TransportError('closed', path);
    try {
      await withTimeout(clock, writeAndDrain(target, bytes), timeoutMs, 'write_timeout', path);
    } catch (error) {
      // tcdrain() blocks a thread of libuv's pool for as long as the printer holds its line; discarding the
      // output lets it return. Without this, four stuck drains stop every file and DNS call of the till.
      if (error instanceof TransportError && error.code === 'write_timeout' && target.isOpen) {
        target.flush(() => undefined); // fails only when the port is already gone, which is what we want
      }
      throw error;
    }
  }

  function close(): Promise<void> {
    const closing = port;
    port = null;
    if (closing === null || !closing.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      closing.once('close', () => resolve());
      closing.close((error) => {
        if (error) resolve(); // already closing: its own close event told the listeners
      });
    });
  }

  return {
    describe: { kind: 'serial', label: path },
    open,
    write,
    close,
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };
}

function writeAndDrain(port: SerialPort, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new TransportError('write_failed', error.message, error));
    const lost = () => reject(new TransportError('write_failed', 'port closed while writing'));
    port.once('close', lost);
    port.write(bytes, (writeError) => {
      if (writeError) {
        port.off('close', lost);
        fail(writeError);
        return;
      }
      port.drain((drainError) => {
        port.off('close', lost);
        if (drainError) fail(drainError);
        else resolve();
      });
    });
  });
}
