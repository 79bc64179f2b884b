import { spawn } from 'node:child_process';
import type { ServerLog } from '../loopback/log.ts';
import { gatewayEnvironment } from './gateway-environment.ts';
import type { GatewayRun } from './gateway-process.ts';

/** Runs the gateway's program by the Node that runs us. */
export function startGatewayUnderNode(options: {
  script: string;
  dataDir: string;
  port: number;
  log: ServerLog;
}): GatewayRun {
  const { script, dataDir, port, log } = options;
  const child = spawn(process.execPath, [script], {
    // The channel's end tells the gateway that we are gone, however we went.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: gatewayEnvironment(process.env, dataDir, port),
  });
  child.stderr?.on('data', (chunk: Buffer) => log.warn({ text: chunk.toString() }, 'gateway'));
  // A program that could not be started reports 'error' and no 'exit'.
  child.on('error', (error) => log.error({ err: error }, 'the gateway did not start'));
  return {
    onExit: (listener) => void child.once('close', listener),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}
