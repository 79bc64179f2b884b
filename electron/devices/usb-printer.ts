import { constants } from 'node:fs';
import { type FileHandle, open as openFile, stat } from 'node:fs/promises';
import { type Clock, sleep } from '../../shared/effects.ts';
import {
  CONNECT_TIMEOUT_MS,
  type Transport,
  TransportError,
  TransportListeners,
  withTimeout,
} from './transport.ts';

/** How often a printer is read while something goes on, for how long after, and how often while nothing does. */
const READ_BUSY_MS = 10;
const BUSY_FOR_MS = 3_000;
const READ_IDLE_MS = 200;
/** A printer whose buffer is full is tried again after this long. */
const FULL_MS = 10;
const READ_BYTES = 4096;
/** What a read says when there is nothing to read, on Linux and on the BSDs. */
const NOTHING_NOW = new Set(['EAGAIN', 'EWOULDBLOCK']);

interface Port {
  readonly file: FileHandle;
  /** When bytes last went either way, on the monotonic clock. */
  trafficAt: number;
  over: boolean;
}

/**
 * A printer of the USB printer class as Linux shows it, `/dev/usb/lp*`: what is read from it is its status. It is opened
 * non-blocking, so that a printer that takes nothing never holds one of the process's few file threads, and read at
 * intervals, since such a file cannot be waited for from here.
 */
export function createUsbPrinterTransport(options: { path: string; clock: Clock }): Transport {
  const { path, clock } = options;
  const listeners = new TransportListeners();
  let port: Port | null = null;
  let writes: Promise<void> = Promise.resolve();
  let writing = 0;

  async function open(): Promise<void> {
    const opening = openFile(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    const opened = opening.catch((error: Error) => {
      throw new TransportError('open_failed', error.message, error);
    });
    let file: FileHandle;
    try {
      file = await withTimeout(clock, opened, CONNECT_TIMEOUT_MS, 'open_timeout', path);
    } catch (error) {
      // A file that opens after we gave up must not stay open; one that never opened has nothing to close.
      opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw error;
    }
    port = { file, trafficAt: clock.monotonic(), over: false };
    void read(port);
  }

  async function read(from: Port): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    while (!from.over) {
      try {
        const { bytesRead } = await from.file.read(buffer, 0, READ_BYTES, null);
        if (from.over) return;
        if (bytesRead > 0) {
          from.trafficAt = clock.monotonic();
          listeners.data(buffer.slice(0, bytesRead));
          continue;
        }
        // Some printers answer a poll with an empty packet, which reads like an end: only a path that is gone is one.
        if (!(await isThere(path))) lost(from, 'the printer is gone');
      } catch (error) {
        if (!NOTHING_NOW.has(codeOf(error))) lost(from, messageOf(error)); // ENODEV, EIO: unplugged
      }
      await sleep(clock, clock.monotonic() - from.trafficAt < BUSY_FOR_MS ? READ_BUSY_MS : READ_IDLE_MS);
    }
  }

  function lost(gone: Port, detail: string): void {
    if (gone.over) return;
    gone.over = true;
    if (port === gone) port = null;
    gone.file.close().catch(() => undefined); // the device is away: there is nobody left to tell
    listeners.closed({ why: 'lost', detail });
  }

  function write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const target = port;
    if (target === null) return Promise.reject(new TransportError('closed', path));
    let givenUp = false;
    const put = () => writeAll(target, bytes, () => givenUp);
    const written = writing === 0 ? put() : writes.then(put);
    writing += 1;
    writes = written
      .catch(() => undefined) // its own caller is told; the next write stands on its own
      .then(() => {
        writing -= 1;
      });
    return withTimeout(clock, written, timeoutMs, 'write_timeout', path).finally(() => {
      givenUp = true;
    });
  }

  async function writeAll(target: Port, bytes: Uint8Array, givenUp: () => boolean): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      if (target.over) throw new TransportError('write_failed', 'port closed while writing');
      if (givenUp()) return;
      target.trafficAt = clock.monotonic();
      try {
        done += (await target.file.write(bytes, done)).bytesWritten;
      } catch (error) {
        if (!NOTHING_NOW.has(codeOf(error))) {
          throw new TransportError('write_failed', messageOf(error), error);
        }
        await sleep(clock, FULL_MS);
      }
    }
  }

  async function close(): Promise<void> {
    const closing = port;
    port = null;
    if (closing === null) return;
    closing.over = true;
    await closing.file.close().catch(() => undefined); // unplugged at this moment: closed all the same
    listeners.closed({ why: 'asked', detail: 'closed' });
  }

  return {
    describe: { kind: 'usb', label: path },
    open,
    write,
    close,
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
