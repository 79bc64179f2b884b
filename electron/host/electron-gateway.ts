import { utilityProcess } from 'electron';
import type { ServerLog } from '../loopback/log.ts';
import { gatewayEnvironment } from './gateway-environment.ts';
import type { GatewayRun } from './gateway-process.ts';

/** Runs the gateway's bundle in a process of its own; works with the `runAsNode` fuse off, and ends with the app. */
export function startGatewayUnderElectron(options: {
  script: string;
  dataDir: string;
  port: number;
  log: ServerLog;
}): GatewayRun {
  const { script, dataDir, port, log } = options;
  const child = utilityProcess.fork(script, [], {
    serviceName: 'Saksi gateway',
    stdio: 'pipe',
    env: gatewayEnvironment(process.env, dataDir, port),
  });
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => log.warn({ text: chunk.toString() }, 'gateway'));
  return {
    onExit: (listener) => void child.once('exit', listener),
    // Both send SIGTERM on POSIX; utilityProcess has no harder way than the process id.
    terminate: () => void child.kill(),
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}
