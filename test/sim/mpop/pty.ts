import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import type { Cancel } from '../../../shared/effects.ts';
import type { Connection } from './model.ts';

/** What hangs at the far end: a printer, a modem. */
export interface PtyDevice {
  readonly state: { readonly plugged: boolean };
  onChange(listener: () => void): Cancel;
  /** Null while the cable is out. */
  attach(connection: Connection): { receive(bytes: Uint8Array): Promise<void>; detach(): void } | null;
}

export interface PtyCable {
  /** What the till opens as its serial port. */
  readonly path: string;
  /** Resolves when the cable is as the simulator's `plugged` says. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const LINK_TIMEOUT_MS = 5_000;
const LINK_POLL_MS = 10;

export function hasSocat(): boolean {
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
}

/**
 * Connects the simulator by a pair of pseudo terminals, so that the till opens a serial port like any other.
 * The simulator's unplug() takes the port away, as pulling a USB cable does; plug() brings it back under the
 * same path. Needs socat.
 */
export async function connectPty(mpop: PtyDevice): Promise<PtyCable> {
  const folder = mkdtempSync(join(tmpdir(), 'saksi-mpop-'));
  const path = join(folder, 'till');
  const ownPath = join(folder, 'mpop');
  let socat: ChildProcess | null = null;
  let port: SerialPort | null = null;
  let held: number | null = null;
  let work: Promise<void> = Promise.resolve();

  async function lay(): Promise<void> {
    const ends = [`pty,raw,echo=0,link=${path}`, `pty,raw,echo=0,link=${ownPath}`];
    const child = spawn('socat', ends, { stdio: 'ignore' });
    socat = child;
    const deadline = Date.now() + LINK_TIMEOUT_MS;
    while (!existsSync(path) || !existsSync(ownPath)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('socat made no terminals');
      await sleepMs(LINK_POLL_MS);
    }
    // A till that closes its port, or dies, does not pull the cable: without this its end would hang up.
    held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    port = await openOwnEnd();
  }

  async function openOwnEnd(): Promise<SerialPort> {
    // Reads little at a time: what waits in memory here would not hold the till up.
    const options = { path: ownPath, baudRate: 115_200, autoOpen: false, highWaterMark: 512 };
    const opening = new SerialPort(options);
    await new Promise<void>((resolve, reject) =>
      opening.open((error) => (error ? reject(error) : resolve())),
    );
    const attached = mpop.attach({ send: (bytes) => opening.write(bytes), close: () => undefined });
    if (attached === null) throw new Error('the simulator is unplugged');
    opening.on('error', () => undefined); // the terminal goes when the cable is pulled: seen as its close
    opening.on('close', () => attached.detach());
    opening.on('data', (bytes: Buffer) => {
      opening.pause();
      void attached.receive(bytes).then(() => opening.resume());
    });
    return opening;
  }

  async function pull(): Promise<void> {
    const child = socat;
    socat = null;
    port = null;
    if (held !== null) closeSync(held);
    held = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }

  const stopAtExit = () => socat?.kill('SIGKILL');
  process.once('exit', stopAtExit);
  await lay();
  const forget = mpop.onChange(() => {
    const { plugged } = mpop.state;
    work = work.then(() => (plugged === (socat !== null) ? undefined : plugged ? lay() : pull()));
  });

  return {
    path,
    settled: () => work,
    async close() {
      forget();
      process.off('exit', stopAtExit);
      await work;
      const open = port;
      await pull();
      if (open?.isOpen) await new Promise((resolve) => open.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
