import { utilityProcess } from 'electron';
import type { ServerLog } from '../loopback/log.ts';
import type { TillRun } from './remote-till.ts';
import type { FromTill } from './till-channel.ts';

/** Runs the till's bundle in a process of its own; works with the `runAsNode` fuse off, and ends with the app. */
export function startTillUnderElectron(options: { script: string; folder: string; log: ServerLog }): TillRun {
  const { script, folder, log } = options;
  const child = utilityProcess.fork(script, [], {
    serviceName: 'Saksi till',
    stdio: 'pipe',
    env: { ...process.env, SAKSI_DATA_DIR: folder },
  });
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => log.warn({ text: chunk.toString() }, 'till'));
  return {
    channel: {
      post: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', (message: FromTill) => listener(message)),
    },
    onExit: (listener) => void child.once('exit', listener),
    terminate: () => void child.kill(),
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}
