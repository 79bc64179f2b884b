import type { Clock } from '../../shared/effects.ts';

/**
 * A transport carries bytes to and from one device and knows nothing of what they mean. It can be opened
 * again after it closed; its owner decides when.
 */

export type TransportKind = 'serial' | 'usb' | 'tcp' | 'queue' | 'virtual';

export interface TransportDescription {
  readonly kind: TransportKind;
  /** For people and logs: a path or host:port. */
  readonly label: string;
}

export interface CloseReason {
  /** `asked`: close() was called. `lost`: the far end or the cable went. `failed`: the port reported an error. */
  readonly why: 'asked' | 'lost' | 'failed';
  readonly detail: string;
}

export interface Transport {
  readonly describe: TransportDescription;
  /** Opens the port. Rejects with TransportError `open_failed`, or `open_timeout` after CONNECT_TIMEOUT_MS. */
  open(signal?: AbortSignal): Promise<void>;
  /**
   * Hands all bytes to the port in one piece, after those of earlier calls, and resolves when the port has
   * taken and drained them. The first call into the port happens before this returns. Rejects with
   * TransportError `closed`, `write_failed`, or `write_timeout` after `timeoutMs`; after a timeout some bytes
   * may still be on their way, so the owner closes the port.
   */
  write(bytes: Uint8Array, timeoutMs: number): Promise<void>;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once for each time that an opened port closes, whatever the cause. */
  onClose(listener: (reason: CloseReason) => void): void;
  close(): Promise<void>;
  /** Nothing ever comes back: what is written is not answered, and must not be asked for. */
  readonly oneWay?: true;
  /** What the far end of a one-way transport last said of itself, in its own words. */
  words?(): string;
}

export type TransportErrorCode = 'open_failed' | 'open_timeout' | 'closed' | 'write_failed' | 'write_timeout';

/** Stays inside devices/: PrinterSession turns it into a code of shared/errors.ts. */
export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.code = code;
  }
}

/** A port or host that does not answer is given up after this long; field reports tell of a minute's wait. */
export const CONNECT_TIMEOUT_MS = 3_000;

/** The listeners that every transport has, in one place. */
export class TransportListeners {
  readonly #data: ((bytes: Uint8Array) => void)[] = [];
  readonly #close: ((reason: CloseReason) => void)[] = [];

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data.push(listener);
  }

  onClose(listener: (reason: CloseReason) => void): void {
    this.#close.push(listener);
  }

  data(bytes: Uint8Array): void {
    for (const listener of this.#data) listener(bytes);
  }

  closed(reason: CloseReason): void {
    for (const listener of this.#close) listener(reason);
  }
}

/** Rejects with TransportError(code) when `promise` has not settled after `timeoutMs`. */
export function withTimeout<T>(
  clock: Clock,
  promise: Promise<T>,
  timeoutMs: number,
  code: TransportErrorCode,
  detail: string,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () =>
      reject(new TransportError(code, `${detail}, ${timeoutMs} ms`)),
    );
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
