import { type Transport, TransportError, type TransportKind, TransportListeners } from './transport.ts';

/**
 * A device that is known by what it is and not by where it is plugged in. Each time it is opened it is looked for anew,
 * so that a printer that comes back under another name (ttyACM1, COM7) is found without a restart.
 * `locate` answers with its path now, or null where it is not there.
 */
export function createLocatedTransport(options: {
  kind: TransportKind;
  /** Shown until it was found once. */
  label: string;
  locate: () => Promise<string | null>;
  make: (path: string) => Transport;
}): Transport {
  const { kind, locate, make } = options;
  const listeners = new TransportListeners();
  let label = options.label;
  let current: Transport | null = null;
  let currentPath = '';

  function at(path: string): Transport {
    if (current !== null && currentPath === path) return current;
    const made = make(path);
    made.onData((bytes) => listeners.data(bytes));
    made.onClose((reason) => listeners.closed(reason));
    current = made;
    currentPath = path;
    return made;
  }

  return {
    get describe() {
      return { kind, label };
    },
    async open(signal) {
      const path = await locate();
      if (path === null) throw new TransportError('open_failed', `${options.label} is not connected`);
      label = path;
      await at(path).open(signal);
    },
    write: (bytes, timeoutMs) =>
      current?.write(bytes, timeoutMs) ?? Promise.reject(new TransportError('closed', label)),
    close: () => current?.close() ?? Promise.resolve(),
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };
}
