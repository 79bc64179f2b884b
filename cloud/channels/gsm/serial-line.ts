import type { SerialPort } from 'serialport';

/** A modem's line: bytes both ways, until it goes. */
export interface SerialLine {
  write(text: string): Promise<void>;
  onData(listener: (text: string) => void): void;
  /** Called once, for a line that was pulled as for one that we closed. */
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

export type OpenLine = () => Promise<SerialLine>;

/**
 * Opens a serial port, a USB modem's or a PTY, and locks it: a second gateway on the machine must not write between our
 * commands. The native module is loaded here and not before, so that a server without it runs without a modem.
 */
export function serialLine(path: string, baudRate: number): OpenLine {
  return async () => {
    const { SerialPort } = await import('serialport');
    const port = new SerialPort({ path, baudRate, autoOpen: false, lock: true });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    return adopt(port);
  };
}

function adopt(port: SerialPort): SerialLine {
  port.on('error', () => undefined); // followed by its close, which is what we go by
  return {
    // Not drained: a modem whose flow stands still would hold a thread of libuv's; its silence is noticed by time.
    write: (text) =>
      new Promise((resolve, reject) => {
        if (!port.isOpen) return reject(new Error('the port is closed'));
        port.write(text, 'latin1', (error) => (error ? reject(error) : resolve()));
      }),
    onData: (listener) => port.on('data', (bytes: Buffer) => listener(bytes.toString('latin1'))),
    onClose: (listener) => port.once('close', listener),
    close: () =>
      new Promise((resolve) => {
        if (!port.isOpen) return resolve();
        port.close(() => resolve());
      }),
  };
}
