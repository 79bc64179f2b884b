import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SerialPort } from 'serialport';
import { drawerPulse } from '../../electron/devices/starprnt/commands.ts';
import { openDatabase } from '../../electron/store/database.ts';
import type { FarEndMessage } from './far-end.ts';

const TILL_LINE = 0;
const FLOOR_LINE = 1;
const NS_PER_MS = 1e6;

export const milliseconds = (from: bigint, to: bigint) => Number(to - from) / NS_PER_MS;

/** Waits for the next moment of a kind that the far end tells of. */
function momentsOf(child: ChildProcess) {
  const waiting = new Map<string, (at: bigint) => void>();
  child.on('message', (message: FarEndMessage) => {
    if ('at' in message) waiting.get(`${message.what} ${message.line}`)?.(BigInt(message.at));
  });
  return (what: 'pulse' | 'slip', line: number) =>
    new Promise<bigint>((resolve) => {
      waiting.set(`${what} ${line}`, resolve);
    });
}

function linesOf(child: ChildProcess): Promise<string[]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the far end ended: ${code}`)));
    child.on('message', (message: FarEndMessage) => {
      if ('lines' in message) resolve(message.lines);
    });
  });
}

export interface SerialLines {
  /** A folder for what is measured; gone at the end. */
  readonly folder: string;
  /** The till's serial port. */
  readonly tillPath: string;
  /** The moment, by `process.hrtime.bigint()`, of the next pulse at the far end of the till's line. */
  nextPulse(): Promise<bigint>;
  /** One row committed at synchronous=FULL, then a drawer's five bytes written to a port by themselves. @returns when they came */
  floor(): Promise<bigint>;
  /** The moment at which the next slip's end mark, its last byte, came at the far end of the till's line. */
  nextSlipEnd(): Promise<bigint>;
  /** A slip's bytes, end mark included, written to a port by themselves. @returns when the last one came */
  slipFloor(bytes: Uint8Array): Promise<bigint>;
}

/** Two serial lines whose far ends are another process: one for the till, one for the floor. `paced`: at 115,200 baud. */
export async function withSerialLines<T>(
  use: (lines: SerialLines) => Promise<T>,
  pace: 'paced' | 'unpaced' = 'unpaced',
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'saksi-bench-'));
  const child = fork(fileURLToPath(new URL('./far-end.ts', import.meta.url)), [pace]);
  try {
    const moment = momentsOf(child);
    const [tillPath, floorPath] = await linesOf(child);
    if (tillPath === undefined || floorPath === undefined) throw new Error('no lines');
    const port = new SerialPort({ path: floorPath, baudRate: 115_200 });
    await new Promise((resolve) => port.once('open', resolve));
    const db = openDatabase(join(folder, 'floor.sqlite'));
    db.exec('CREATE TABLE floor (at INTEGER)');
    const insert = db.prepare('INSERT INTO floor VALUES (?)');
    const result = await use({
      folder,
      tillPath,
      nextPulse: () => moment('pulse', TILL_LINE),
      nextSlipEnd: () => moment('slip', TILL_LINE),
      floor() {
        const far = moment('pulse', FLOOR_LINE);
        insert.run(1);
        port.write(drawerPulse());
        return far;
      },
      slipFloor(bytes) {
        const far = moment('slip', FLOOR_LINE);
        port.write(bytes);
        return far;
      },
    });
    await new Promise((resolve) => port.close(resolve));
    db.close();
    return result;
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      child.disconnect();
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
