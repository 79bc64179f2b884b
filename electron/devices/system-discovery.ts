import { readdir, readFile } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { DiscoverySystem } from './discovery.ts';
import { runProgram } from './run-program.ts';

/** This machine. */
export const systemDiscovery: DiscoverySystem = {
  platform: process.platform,
  sys: '/sys',
  dev: '/dev',
  listSerial: () => SerialPort.list(),
  names: (folder) => readdir(folder).catch(() => []),
  text: async (path) => (await readFile(path, 'utf8').catch(() => '')).trim(),
  run: runProgram,
};
