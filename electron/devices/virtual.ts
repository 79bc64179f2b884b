import type { Clock } from '../../shared/effects.ts';
import { type Transport, TransportError, TransportListeners, withTimeout } from './transport.ts';

/** The device's side of a virtual pair. */
export interface VirtualDeviceEnd {
  /**
   * Takes what the host writes. A promise holds the host back until it resolves, as a full reception buffer
   * does.
   */
  onReceive(listener: (bytes: Uint8Array) => Promise<void> | void): void;
  /** Called with true when the host opens the port, with false when the connection ends. */
  onConnection(listener: (connected: boolean) => void): void;
  /** Device to host; bytes sent while no host is connected are lost, as on a cable. */
  send(bytes: Uint8Array): void;
  /** Pulls the cable: the host's port closes as lost, and cannot be opened until plug(). */
  unplug(): void;
  plug(): void;
}

/**
 * A cable inside the process: no operating system, no time of its own. For tests and for a whole shop in one
 * deterministic run.
 */
export function createVirtualPair(options: { clock: Clock; label?: string }): {
  host: Transport;
  device: VirtualDeviceEnd;
} {
  const label = options.label ?? 'virtual';
  const listeners = new TransportListeners();
  let receive: (bytes: Uint8Array) => Promise<void> | void = () => undefined;
  let connection: (connected: boolean) => void = () => undefined;
  let plugged = true;
  let isOpen = false;
  let writes: Promise<void> = Promise.resolve();
  let failPending: ((error: TransportError) => void) | null = null;

  function end(why: 'asked' | 'lost', detail: string): void {
    if (!isOpen) return;
    isOpen = false;
    failPending?.(new TransportError('write_failed', detail));
    failPending = null;
    writes = Promise.resolve();
    connection(false);
    listeners.closed({ why, detail });
  }

  async function deliver(bytes: Uint8Array): Promise<void> {
    if (!isOpen) throw new TransportError('closed', label);
    const lost = new Promise<never>((_, reject) => {
      failPending = reject;
    });
    await Promise.race([Promise.resolve(receive(bytes.slice())), lost]);
  }

  const host: Transport = {
    describe: { kind: 'virtual', label },
    async open() {
      if (!plugged) throw new TransportError('open_failed', `${label} is unplugged`);
      isOpen = true;
      connection(true);
    },
    write(bytes, timeoutMs) {
      if (!isOpen) return Promise.reject(new TransportError('closed', label));
      const written = writes.then(() => deliver(bytes));
      writes = written.catch(() => undefined); // its own caller is told; the next write stands on its own
      return withTimeout(options.clock, written, timeoutMs, 'write_timeout', label);
    },
    async close() {
      end('asked', 'closed by the host');
    },
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };

  const device: VirtualDeviceEnd = {
    onReceive(listener) {
      receive = listener;
    },
    onConnection(listener) {
      connection = listener;
    },
    send(bytes) {
      if (isOpen) listeners.data(bytes.slice());
    },
    unplug() {
      plugged = false;
      end('lost', 'cable pulled');
    },
    plug() {
      plugged = true;
    },
  };
  return { host, device };
}
